/**
 * Goal: drive machines on virtual time. Method: a `Bench` holds one machine and what it said; a `Cluster` connects
 * several and passes messages by reference, after a delay.
 */
import {
  type Alive,
  defaultVersions,
  formatAddress,
  type PacketMessage,
  type PushPull,
  type StreamMessage,
  type Versions,
} from '@hearsay/wire'
import type { Effect } from '../src/effect.ts'
import type { Input, Outcome } from '../src/input.ts'
import { Machine } from '../src/machine.ts'
import type { MachineOptions } from '../src/machine-options.ts'
import type { MemberEvent, MemberStatus } from '../src/member.ts'
import { lan, type Tuning } from '../src/tuning.ts'

export type EffectOf<Kind extends Effect['kind']> = Extract<Effect, { readonly kind: Kind }>

/** mulberry32: small, seeded, good enough to draw with. */
export function seeded(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }
}

export const ip = (last: number): Uint8Array => Uint8Array.of(10, 0, Math.floor(last / 250), last % 250)
export const endpoint = (last: number): string => formatAddress(ip(last), 7946)

/** Loops off: only what a test hands in happens. */
export const quiet: Tuning = {
  ...lan,
  probe: { ...lan.probe, intervalMs: 0 },
  gossip: { ...lan.gossip, intervalMs: 0 },
  pushPull: { ...lan.pushPull, intervalMs: 0 },
}

/** Only the failure detector runs. */
export const probing: Tuning = { ...lan, gossip: quiet.gossip, pushPull: quiet.pushPull }

export interface BenchOptions extends Partial<Omit<MachineOptions, 'self'>> {
  readonly name?: string
  readonly host?: number
  readonly meta?: Uint8Array
  readonly seed?: number
}

export function makeMachine({
  name = 'me',
  host = 1,
  meta = new Uint8Array(0),
  seed = 1,
  ...rest
}: BenchOptions = {}): Machine {
  return new Machine({
    self: { name, address: ip(host), port: 7946, meta, versions: defaultVersions },
    tuning: quiet,
    packet: { budgetBytes: 1400, overheadBytes: () => 0 },
    initialIncarnation: 1,
    random: seeded(seed),
    localState: () => new Uint8Array(0),
    ...rest,
  })
}

/** An alive of member `nNN` at `10.0.0.NN:7946`. */
export function aliveOf(host: number, incarnation: number, changes: Partial<Alive> = {}): Alive {
  return {
    type: 'alive',
    incarnation,
    node: `n${host}`,
    address: ip(host),
    port: 7946,
    meta: null,
    versions: defaultVersions,
    ...changes,
  }
}

export const versionsOf = (changes: Partial<Versions>): Versions => ({ ...defaultVersions, ...changes })

/** One machine, started at time 0, and everything it said since the last `take`. */
export class Bench {
  readonly machine: Machine
  now = 0
  #said: Effect[] = []

  constructor(options: BenchOptions = {}) {
    this.machine = makeMachine(options)
    this.give({ kind: 'start' })
    this.#said = []
  }

  give(input: Input): readonly Effect[] {
    const effects = this.machine.handle(input, this.now)
    this.#said.push(...effects)
    return effects
  }

  hear(from: string, ...messages: PacketMessage[]): readonly Effect[] {
    return this.give({ kind: 'packet', from, messages })
  }

  /** Lets time pass until `at`, firing what falls due, each at its own time. */
  runTo(at: number): void {
    for (let due = this.machine.nextDeadline(); due !== undefined && due.at <= at; due = this.machine.nextDeadline()) {
      this.now = Math.max(this.now, due.at)
      this.give({ kind: 'deadline' })
    }
    this.now = Math.max(this.now, at)
  }

  take(): readonly Effect[] {
    const said = this.#said
    this.#said = []
    return said
  }

  status(name: string): MemberStatus | undefined {
    return this.machine.member(name)?.status
  }

  /** Sets up member `nNN` in a state, as peers' messages would. */
  known(host: number, status: MemberStatus, incarnation: number, accuser = 'x'): void {
    const node = `n${host}`
    this.hear(endpoint(99), aliveOf(host, incarnation))
    if (status === 'suspect') this.hear(endpoint(99), { type: 'suspect', incarnation, node, from: accuser })
    if (status === 'dead') this.hear(endpoint(99), { type: 'dead', incarnation, node, from: accuser })
    if (status === 'left') this.hear(endpoint(99), { type: 'dead', incarnation, node, from: node })
    this.take()
  }

  /** What waits in the queue, seen by making the machine answer a ping until nothing is left to piggyback. */
  piggyback(): PacketMessage[] {
    const [packet] = packets(this.hear(endpoint(99), pingFor(this.machine.self.name)))
    return packet!.parts.slice(1).map((part) => part.message)
  }
}

export const pingFor = (node: string, seqNo = 7): PacketMessage => ({
  type: 'ping',
  seqNo,
  node,
  sourceAddress: null,
  sourcePort: 0,
  sourceNode: '',
})

const only =
  <Kind extends Effect['kind']>(kind: Kind) =>
  (effects: readonly Effect[]): EffectOf<Kind>[] =>
    effects.filter((effect): effect is EffectOf<Kind> => effect.kind === kind)

export const packets = only('send-packet')
export const streams = only('open-stream')
export const settled = (effects: readonly Effect[]): Outcome[] =>
  only('settle')(effects).map((effect) => effect.outcome)
export const reasons = (effects: readonly Effect[]): string[] => only('ignored')(effects).map((effect) => effect.reason)
export const events = (effects: readonly Effect[]): MemberEvent[] =>
  only('event')(effects).map((effect) => effect.event)
export const types = (effects: readonly Effect[]): string[] =>
  events(effects).map((event) => `${event.type} ${event.member.name}`)
/** Types of the messages of each packet. */
export const contents = (effects: readonly Effect[]): string[][] =>
  packets(effects).map((packet) => packet.parts.map((part) => part.message.type))

export const stateOf = (nodes: PushPull['nodes'], join = false, userState = new Uint8Array(0)): PushPull => ({
  type: 'push-pull',
  join,
  nodes,
  userState,
})

interface Delivery {
  readonly at: number
  readonly id: number
  readonly to: number
  readonly input: Input
}

/** Several machines, a fixed delay between them, and a log of everything. */
export class Cluster {
  readonly machines: Machine[] = []
  readonly events: { readonly at: number; readonly node: number; readonly event: MemberEvent }[] = []
  readonly settled: { readonly node: number; readonly request: number; readonly outcome: Outcome }[] = []
  readonly trace: string[] = []
  /** Says whether something between two members is lost. */
  cut: (from: number, to: number, message: string) => boolean = () => false
  now = 0
  #deliveries: Delivery[] = []
  #nextId = 0
  readonly #crashed = new Set<number>()
  readonly #delayMs: number

  constructor(size: number, options: BenchOptions = {}, delayMs = 2) {
    this.#delayMs = delayMs
    for (let node = 0; node < size; node++) {
      this.machines.push(
        makeMachine({ tuning: lan, ...options, name: `m${node}`, host: node, seed: (options.seed ?? 1) * 1000 + node }),
      )
      this.give(node, { kind: 'start' })
    }
  }

  give(node: number, input: Input): void {
    if (this.#crashed.has(node)) return
    for (const effect of this.machines[node]!.handle(input, this.now)) this.#perform(node, effect)
  }

  crash(node: number): void {
    this.#crashed.add(node)
  }

  join(request = 1): void {
    for (let node = 1; node < this.machines.length; node++)
      this.give(node, { kind: 'join', request, addresses: [endpoint(0)] })
  }

  runTo(end: number): void {
    for (;;) {
      const delivery = this.#deliveries[0]
      const due = this.#firstDue()
      const at = Math.min(delivery?.at ?? Number.POSITIVE_INFINITY, due?.at ?? Number.POSITIVE_INFINITY)
      if (at > end) break
      this.now = Math.max(this.now, at)
      // What has arrived is read before anybody is judged.
      if (delivery !== undefined && delivery.at <= at) {
        this.#deliveries.shift()
        this.give(delivery.to, delivery.input)
      } else this.give(due!.node, { kind: 'deadline' })
    }
    this.now = end
  }

  /** What member `node` believes about each name. */
  view(node: number): Record<string, MemberStatus> {
    return Object.fromEntries(this.machines[node]!.members().map((member) => [member.name, member.status]))
  }

  #firstDue(): { readonly node: number; readonly at: number } | undefined {
    let first: { readonly node: number; readonly at: number } | undefined
    for (const [node, machine] of this.machines.entries()) {
      const at = this.#crashed.has(node) ? undefined : machine.nextDeadline()?.at
      if (at !== undefined && (first === undefined || at < first.at)) first = { node, at }
    }
    return first
  }

  #perform(node: number, effect: Effect): void {
    this.trace.push(`${this.now} ${node} ${describe(effect)}`)
    switch (effect.kind) {
      case 'event':
        this.events.push({ at: this.now, node, event: effect.event })
        return
      case 'settle':
        this.settled.push({ node, request: effect.request, outcome: effect.outcome })
        return
      case 'send-packet': {
        const to = this.#at(effect.to)
        const messages = effect.parts.map((part) => part.message)
        if (to !== undefined && !this.cut(node, to, 'packet'))
          this.#send(to, { kind: 'packet', from: endpoint(node), messages })
        return
      }
      case 'open-stream':
        return this.#stream(node, effect)
      default:
        return
    }
  }

  /** The other side answers within one call of its machine: the reply is the `close-stream` it returns. */
  #stream(node: number, effect: EffectOf<'open-stream'>): void {
    const to = this.#at(effect.to)
    const { exchange } = effect
    if (to === undefined || this.#crashed.has(to) || this.cut(node, to, 'stream'))
      return this.#send(node, { kind: 'stream-failed', exchange, contacted: false, reason: 'refused' })
    const replies: StreamMessage[] = []
    for (const answer of this.machines[to]!.handle(
      { kind: 'stream-request', exchange: -1, from: endpoint(node), message: effect.message },
      this.now,
    )) {
      if (answer.kind === 'close-stream') answer.reply && replies.push(answer.reply)
      else this.#perform(to, answer)
    }
    const [message] = replies
    if (!effect.expectReply) this.#send(node, { kind: 'stream-done', exchange })
    else if (message) this.#send(node, { kind: 'stream-reply', exchange, message })
    else this.#send(node, { kind: 'stream-failed', exchange, contacted: true, reason: 'closed' })
  }

  #send(to: number, input: Input): void {
    this.#deliveries.push({ at: this.now + this.#delayMs, id: this.#nextId++, to, input })
    this.#deliveries.sort((a, b) => a.at - b.at || a.id - b.id)
  }

  #at(address: string): number | undefined {
    const index = this.machines.findIndex((_, node) => endpoint(node) === address)
    return index < 0 ? undefined : index
  }
}

function describe(effect: Effect): string {
  if (effect.kind === 'send-packet')
    return `packet ${effect.to} ${JSON.stringify(effect.parts.map((part) => part.message))}`
  return JSON.stringify(effect)
}
