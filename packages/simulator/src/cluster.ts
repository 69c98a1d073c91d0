/** Many members in one world. */
import { improved, lan, Machine, type MachineHooks, type Policy, type Research, type Tuning } from '@hearsay/membership'
import { defaultVersions, parseAddress, type Versions } from '@hearsay/wire'
import { ByteCarrier, type Carrier, type Envelope, ReferenceCarrier } from './carrier.ts'
import type { Clock } from './clock.ts'
import { SimulatorError } from './errors.ts'
import { Life, type Stage } from './life.ts'
import { Network, type NetworkOptions } from './network.ts'
import { type Birth, type Maker, type NodeHooks, SimNode } from './node.ts'
import { type Observer, Observers } from './observer.ts'
import { Cards } from './overlay/cards.ts'
import { CHUNK_MASK, CHUNK_SHIFT, Chunk, State } from './overlay/chunk.ts'
import { type Base, OverlayTable } from './overlay/table.ts'
import type { Port } from './ports.ts'
import { processSystem, type SimProcess } from './process.ts'
import { Riders } from './riders.ts'
import { Trace } from './trace.ts'
import { World } from './world.ts'

/** What a cluster is made from. */
export interface ClusterOptions {
  /** Default: a new one of `seed`. */
  readonly world?: World
  /** Default 1. */
  readonly seed?: number
  /** Default: memberlist's preset for a local network. */
  readonly tuning?: Tuning
  /** Default: ours. */
  readonly policy?: Partial<Policy>
  readonly research?: Partial<Research>
  readonly network?: NetworkOptions
  /** Sends the very bytes of production, encoded, sealed, opened and decoded, instead of messages by reference. Default false. */
  readonly bytes?: boolean
  /** Label and encryption; without `bytes` they only take their room in packets. Default none. */
  readonly envelope?: Envelope
  /** Default 1400, as over UDP. */
  readonly packetBudgetBytes?: number
  /** Default: `node-00000`, `node-00001`, … */
  readonly nameOf?: (index: number) => string
  readonly observers?: readonly Observer[]
  /** Of every member that has none of its own, newcomers in a plan of faults among them. See {@link NodeHooks}. */
  readonly delegates?: NodeHooks['delegates']
}

/** How one member differs from the others. */
export interface NodeOptions extends NodeHooks {
  readonly name?: string
  /** `ip:port`. Default: the next that nobody had yet, from `10.0.0.1:7946` on. */
  readonly address?: string
  /** Default 1. */
  readonly incarnation?: number
  readonly meta?: Uint8Array
  readonly versions?: Versions
  readonly tuning?: Tuning
  readonly policy?: Partial<Policy>
  readonly research?: Partial<Research>
  readonly hooks?: MachineHooks
}

/** What a machine is fitted with, beside its options. */
interface Fittings {
  readonly tuning: Tuning
  readonly policy: Policy
  readonly riders: Riders | undefined
}

const DEFAULT_PACKET_BUDGET_BYTES = 1400
const MEMBER_PORT = 7946
const noBytes = new Uint8Array(0)

/** A network, and its members. All that happens follows from the seed and from what is asked of it. */
export class Cluster {
  readonly world: World
  readonly network: Network
  readonly trace = new Trace()
  readonly nodes: readonly SimNode[]
  /** Packets that members refused because too many waited to be handled. */
  overloadCount = 0
  readonly #nodes: SimNode[] = []
  readonly #options: ClusterOptions
  readonly #observers = new Observers()
  readonly #carrier: Carrier
  readonly #stage: Stage
  readonly #cards: Cards
  #base: Base | undefined
  #hosts = 0

  constructor(options: ClusterOptions = {}) {
    this.#options = options
    this.nodes = this.#nodes
    this.world = options.world ?? new World(options.seed === undefined ? {} : { seed: options.seed })
    for (const observer of options.observers ?? []) this.#observers.add(observer)
    const envelope = options.envelope ?? {}
    this.#carrier = options.bytes ? new ByteCarrier(envelope) : new ReferenceCarrier(envelope)
    this.network = new Network(this.world, this.#observers, this.#carrier, this.#nodes, options.network)
    this.#cards = new Cards(this.network.ports)
    this.#stage = {
      world: this.world,
      network: this.network,
      observers: this.#observers,
      trace: this.trace,
      carrier: this.#carrier,
      streamTimeoutMs: (options.tuning ?? lan).streamTimeoutMs,
      overload: () => void this.overloadCount++,
    }
  }

  /**
   * Adds `size` members that all know each other, alive with incarnation 1, and announce nothing. Once, before any other
   * member; throws `BAD_STATE` otherwise.
   */
  form(size: number, options: NodeOptions = {}): void {
    if (this.#nodes.length > 0)
      throw new SimulatorError('BAD_STATE', 'a cluster is formed before anybody else is added')
    const ports = Array.from({ length: size }, () => this.#freshPort())
    this.#base = this.#founders(ports, options)
    for (const port of ports) this.#add(port, { ...options, incarnation: 1 }, true)
  }

  /** Adds a member that knows only itself. It is started at once; let it `join` others. */
  add(options: NodeOptions = {}): SimNode {
    const port = options.address === undefined ? this.#freshPort() : this.network.port(options.address)
    if (port.life !== undefined || parseAddress(port.endpoint) === undefined)
      throw new SimulatorError('BAD_OPTION', `${port.endpoint} is taken, or no address`)
    return this.#add(port, options, false)
  }

  /** Bytes that were made for packets and streams: 0 where messages travel by reference. */
  get madeBytes(): number {
    return this.#carrier.madeBytes
  }

  /** From now on. */
  observe(observer: Observer): void {
    this.#observers.add(observer)
  }

  /** Lets time pass until `untilMs`, that instant included. */
  run(untilMs: number): void {
    this.world.run(untilMs)
  }

  /** Tells the observers that the run is over. */
  end(): void {
    this.#observers.end(this.world.now)
  }

  #add(port: Port, options: NodeOptions, isFounder: boolean): SimNode {
    const index = this.#nodes.length
    const maker: Maker = {
      stage: this.#stage,
      make: (node, clock, birth) => this.#life(node, clock, birth, options),
      freshPort: () => this.#freshPort(),
    }
    const incarnation = options.incarnation ?? 1
    const node = new SimNode(maker, index, options.name ?? this.#nameOf(index), { port, incarnation, isFounder })
    this.#nodes.push(node)
    node.begin()
    return node
  }

  #life(node: SimNode, clock: Clock, birth: Birth, options: NodeOptions): Life {
    const { tuning = this.#options.tuning ?? lan } = options
    const policy = { ...improved, ...this.#options.policy, ...options.policy }
    const { delegates = this.#options.delegates, onEffect } = options
    const aboard: { riders?: Riders } = {}
    const life = new Life({
      stage: this.#stage,
      node,
      clock,
      port: birth.port,
      machine: (self) => {
        if (delegates) aboard.riders = new Riders(delegates(this.#process(self, birth)), self, tuning.streamTimeoutMs)
        return this.#machine(node, birth, options, { tuning, policy, riders: aboard.riders })
      },
      probeTimeoutMs: tuning.probe.timeoutMs,
      drainsBeforeVerdicts: policy.lagAwareness,
      onEffect: delegates
        ? (effect) => {
            aboard.riders?.perform(effect)
            onEffect?.(effect)
          }
        : onEffect,
    })
    aboard.riders?.attach()
    return life
  }

  /** A new process, for what is to ride on it. */
  #process(life: Life, birth: Birth): SimProcess {
    return { node: life.node, life: birth.life, system: processSystem(life, birth.life, this.world) }
  }

  #machine(node: SimNode, birth: Birth, options: NodeOptions, { tuning, policy, riders }: Fittings): Machine {
    const { localState, meta, versions = defaultVersions } = options
    const { ip, port } = parseAddress(birth.port.endpoint)!
    const own = birth.isFounder ? undefined : riders?.meta()
    return new Machine({
      self: { name: node.name, address: ip, port, meta: own ?? meta ?? noBytes, versions },
      tuning,
      packet: {
        budgetBytes: this.#options.packetBudgetBytes ?? DEFAULT_PACKET_BUDGET_BYTES,
        overheadBytes: () => this.#carrier.overheadBytes,
      },
      initialIncarnation: birth.incarnation,
      random: this.world.random('machine', node.index, birth.life),
      localState: (join) => {
        const state = riders?.localState(join)
        return state && state.length > 0 ? state : (localState?.(join) ?? noBytes)
      },
      policy,
      research: { ...this.#options.research, ...options.research },
      hooks: { ...options.hooks, ...riders?.hooks },
      table: (self) => new OverlayTable(this.#cards, self, birth.isFounder ? this.#base : undefined),
      announce: !birth.isFounder,
    })
  }

  /** What all founders believe. */
  #founders(ports: readonly Port[], { meta = noBytes, versions = defaultVersions }: NodeOptions): Base {
    const chunks: Chunk[] = []
    for (const [index, port] of ports.entries()) {
      const number = this.#cards.nameIndex(this.#nameOf(index))
      const { ip, port: at } = parseAddress(port.endpoint)!
      const card = this.#cards.card(number, ip, at, meta, versions)
      if ((index & CHUNK_MASK) === 0) chunks.push(new Chunk())
      chunks[index >> CHUNK_SHIFT]!.set(index & CHUNK_MASK, card.id, State.alive, 1, 1, this.world.now)
    }
    return { chunks, size: ports.length }
  }

  #nameOf(index: number): string {
    return this.#options.nameOf?.(index) ?? `node-${String(index).padStart(5, '0')}`
  }

  #freshPort(): Port {
    for (;;) {
      const host = ++this.#hosts
      const port = this.network.port(`10.${(host >> 16) & 255}.${(host >> 8) & 255}.${host & 255}:${MEMBER_PORT}`)
      if (port.life === undefined) return port
    }
  }
}
