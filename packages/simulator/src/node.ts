/** One member of a simulated cluster, through all its lives. */
import type { Delegate, Effect, Input, Machine } from '@hearsay/membership'
import { Clock } from './clock.ts'
import { SimulatorError } from './errors.ts'
import type { Life, Stage } from './life.ts'
import type { Port } from './ports.ts'
import type { SimProcess } from './process.ts'
import { TICKS_PER_MS } from './world.ts'

/** A member as a process: it runs, does not get to run, is gone, or has said good-bye. */
export type NodeState = 'up' | 'stalled' | 'crashed' | 'left'

/** How a member comes back. */
export interface RestartOptions {
  /** `lower`: 1, as one that remembers nothing; `same`: its last one; `higher`: one more. */
  readonly incarnation: 'lower' | 'same' | 'higher'
  readonly address: 'same' | 'new'
  /** Whom it joins at once. Default: nobody. */
  readonly seeds?: readonly SimNode[]
}

/** How a process is started. */
export interface Birth {
  readonly port: Port
  readonly incarnation: number
  /** Counts the restarts. */
  readonly life: number
  /** It is part of a formed cluster and knows everybody. */
  readonly isFounder: boolean
}

/** What a cluster does for one of its members. */
export interface Maker {
  readonly stage: Stage
  make(node: SimNode, clock: Clock, birth: Birth): Life
  /** An endpoint that nobody had yet. */
  freshPort(): Port
}

/** How long `leave` and `updateMeta` wait for the news to spread. */
const SPREAD_TIMEOUT_MS = 5000

/** Made by a cluster; see `Cluster.form` and `Cluster.add`. */
export class SimNode {
  readonly index: number
  readonly name: string
  /** Chance on its way out to the network. */
  readonly chance: () => number
  readonly #maker: Maker
  readonly #clock: Clock
  #life: Life
  #lives = 0
  #isStalled = false
  #hasLeft = false
  #stalledUntil = 0
  #lastRequest = 0

  constructor(maker: Maker, index: number, name: string, birth: Omit<Birth, 'life'>) {
    const { world } = maker.stage
    this.#maker = maker
    this.index = index
    this.name = name
    this.chance = world.random('network', index)
    this.#clock = new Clock(world)
    this.#life = maker.make(this, this.#clock, { ...birth, life: 0 })
    birth.port.life = this.#life
  }

  /** Begins the first life. Called by its cluster, once. */
  begin(): void {
    this.#tell('start')
    this.#life.turn.input({ kind: 'start' })
  }

  /** `ip:port` of its current life. */
  get endpoint(): string {
    return this.#life.port.endpoint
  }

  /** Of its current life, or the last one. */
  get machine(): Machine {
    return this.#life.machine
  }

  get state(): NodeState {
    if (this.#isStalled) return 'stalled'
    if (this.#hasLeft) return 'left'
    return this.#life.isRunning ? 'up' : 'crashed'
  }

  /** Counts restarts. */
  get life(): number {
    return this.#lives
  }

  /** The rate of its clock, 1 unless it was changed. */
  get clockRate(): number {
    return this.#clock.rate
  }

  /** The process, while there is one. */
  get running(): Life | undefined {
    return this.#life.isRunning ? this.#life : undefined
  }

  /** Hands something to the machine; while the process is stalled, it waits. Throws `BAD_STATE` without a process. */
  input(input: Input): void {
    const life = this.#required()
    life.deliver(() => life.turn.input(input))
  }

  /** Exchanges states with these members. */
  join(targets: readonly SimNode[]): void {
    this.input({ kind: 'join', request: ++this.#lastRequest, addresses: targets.map((target) => target.endpoint) })
  }

  /** Says good-bye, and goes on answering until it retires. */
  leave(): void {
    this.input({ kind: 'leave', request: ++this.#lastRequest, timeoutMs: SPREAD_TIMEOUT_MS })
    this.#hasLeft = true
    this.#tell('leave')
  }

  updateMeta(meta: Uint8Array): void {
    this.input({ kind: 'update-meta', request: ++this.#lastRequest, meta, timeoutMs: SPREAD_TIMEOUT_MS })
  }

  /** Stops without a word: packets to it vanish, streams are refused. Does nothing when there is no process. */
  crash(): void {
    if (!this.#life.isRunning) return
    this.#end()
    this.#hasLeft = false
    this.#tell('crash')
  }

  /** Stops after a leave; a machine with nothing to say any more. Does nothing when there is no process. */
  retire(): void {
    if (!this.#life.isRunning) return
    this.#life.turn.input({ kind: 'stop' })
    this.#end()
    this.#hasLeft = true
    this.#tell('retire')
  }

  /** Starts a new process; one that still runs is ended first, without a word. */
  restart({ incarnation, address, seeds }: RestartOptions): void {
    this.crash()
    const last = this.machine.self.incarnation
    const next = { lower: 1, same: last, higher: last + 1 }[incarnation]
    const port = address === 'new' ? this.#maker.freshPort() : this.#life.port
    if (port.life !== undefined)
      throw new SimulatorError('BAD_STATE', `${port.endpoint} belongs to ${port.life.node.name} now`)
    this.#lives++
    this.#hasLeft = false
    this.#life = this.#maker.make(this, this.#clock, { port, incarnation: next, life: this.#lives, isFounder: false })
    port.life = this.#life
    this.#tell('restart')
    this.#life.turn.input({ kind: 'start' })
    if (seeds && seeds.length > 0) this.join(seeds)
  }

  /** Its event loop stands still: what arrives waits, timers are late. A second stall may make it longer. */
  stall(durationMs: number): void {
    const life = this.#required()
    const { world } = this.#maker.stage
    const until = world.due(durationMs)
    this.#stalledUntil = Math.max(this.#stalledUntil, until)
    if (!this.#isStalled) {
      this.#isStalled = true
      life.stall()
      this.#tell('stall')
    }
    world.post(durationMs, () => this.#resume(until))
  }

  /** From now on its monotonic clock runs `rate` times as fast as the world's. */
  setClockRate(rate: number): void {
    if (!(rate > 0) || rate === Number.POSITIVE_INFINITY)
      throw new SimulatorError('BAD_OPTION', `a clock cannot run ${rate} times as fast`)
    this.#clock.setRate(rate)
    this.#life.retime()
  }

  /** Nothing when a later stall, perhaps of a later life, goes on. */
  #resume(until: number): void {
    if (!this.#isStalled || until < this.#stalledUntil) return
    this.#isStalled = false
    this.#tell('resume')
    this.#life.resume()
  }

  #end(): void {
    this.#isStalled = false
    this.#stalledUntil = 0
    const { port } = this.#life
    if (port.life === this.#life) port.life = undefined
    this.#life.stop()
  }

  #required(): Life {
    if (!this.#life.isRunning) throw new SimulatorError('BAD_STATE', `${this.name} does not run`)
    return this.#life
  }

  #tell(what: Parameters<Stage['observers']['lifecycle']>[1]): void {
    const { observers, world, trace } = this.#maker.stage
    trace.begin(world.now * TICKS_PER_MS, this.index, what.length)
    observers.lifecycle(this, what, world.now)
  }
}

/** For the application's part of a member. */
export interface NodeHooks {
  /**
   * Makes what rides on a process of the member, as `Memberlist.use` would before its start. Called for each process, at
   * the start and at each restart, since memory goes with a process; what it is to find again, the caller keeps. A founder's
   * metadata is `meta` of the options: everybody knows it already.
   */
  readonly delegates?: (process: SimProcess) => readonly Delegate[]
  /** Its part of a push/pull, when no delegate has one. Default: nothing. */
  readonly localState?: (join: boolean) => Uint8Array
  /** Everything that the machine asks for. */
  readonly onEffect?: (effect: Effect) => void
}
