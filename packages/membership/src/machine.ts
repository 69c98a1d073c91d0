/**
 * Membership without I/O: inputs and time in, effects and one next deadline out. No sockets, no timers, no clock, no
 * chance but the function it is given. This file only routes; each noun has its own.
 */
import {
  formatAddress,
  type PacketMessage,
  type Ping,
  parseAddress,
  type StreamMessage,
  type Versions,
} from '@hearsay/wire'
import { Awareness } from './awareness.ts'
import type { BroadcastClass } from './broadcast.ts'
import { BroadcastQueue, type QueueDepth, type TransmitLimits, transmitLimit } from './broadcast-queue.ts'
import { Claims } from './claims.ts'
import { Commands } from './commands.ts'
import type { Context } from './context.ts'
import { type Deadline, soonest } from './deadline.ts'
import type { Effect } from './effect.ts'
import { Gossip } from './gossip.ts'
import type { Input } from './input.ts'
import { Joins } from './join.ts'
import type { Member } from './member.ts'
import { Outbox, type PacketSpace } from './outbox.ts'
import { PeerTable } from './peer-table.ts'
import { improved, type Policy } from './policy.ts'
import { Detector } from './probe.ts'
import { AntiEntropy } from './push-pull.ts'
import { Reaper } from './reap.ts'
import { type Peer, snapshot } from './record.ts'
import { Relays } from './relay.ts'
import { Self } from './self.ts'
import { Suspicions } from './suspicion.ts'
import type { Tuning } from './tuning.ts'

/** What a machine is made from. */
export interface MachineOptions {
  readonly self: {
    readonly name: string
    /** 4 or 16 bytes; one form for the lifetime of the name (wire spec 6.3). */
    readonly address: Uint8Array
    readonly port: number
    readonly meta: Uint8Array
    readonly versions: Versions
  }
  /** What a port of 0 in a message means (wire spec 6.3). Default: the own port. */
  readonly bindPort?: number
  /** Whether members may have, and claims about them come from, an address of 4 or 16 bytes. Default: any. */
  readonly isAllowed?: (ip: Uint8Array) => boolean
  readonly tuning: Tuning
  readonly packet: PacketSpace
  readonly initialIncarnation: number
  /** Uniform in [0, 1). */
  readonly random: () => number
  /** The application's part of a push/pull, asked when one leaves. */
  readonly localState: (join: boolean) => Uint8Array
  readonly policy?: Partial<Policy>
}

const nothing: readonly Effect[] = []

/** SWIM and Lifeguard. */
export class Machine {
  readonly #context: Context
  readonly #speaker: Self
  readonly #claims: Claims
  readonly #detector: Detector
  readonly #relays: Relays
  readonly #gossip: Gossip
  readonly #antiEntropy: AntiEntropy
  readonly #joins: Joins
  readonly #commands: Commands
  readonly #reaper: Reaper
  #phase: 'created' | 'running' | 'stopped' = 'created'

  constructor(options: MachineOptions) {
    const context = makeContext(options, () => this.#limits())
    this.#context = context
    this.#speaker = new Self(context)
    this.#claims = new Claims(context, this.#speaker)
    this.#detector = new Detector(context, this.#claims)
    this.#relays = new Relays(context)
    this.#gossip = new Gossip(context, () => this.#limits())
    this.#antiEntropy = new AntiEntropy(context, this.#claims, options.localState)
    this.#joins = new Joins(context, this.#antiEntropy)
    this.#commands = new Commands(context, this.#speaker)
    this.#reaper = new Reaper(context)
  }

  /** Takes one input; returns what should happen, in order. `now` is monotonic milliseconds and never decreases. */
  handle(input: Input, now: number): readonly Effect[] {
    if (this.#phase === 'stopped' || (this.#phase === 'created' && input.kind !== 'start')) return nothing
    this.#take(input, now)
    this.#commands.settleIfAlone()
    return this.#phase === ('stopped' as string) ? nothing : this.#context.out.drain()
  }

  /** When to hand in `{ kind: 'deadline' }` next, and what for. */
  nextDeadline(): Deadline | undefined {
    if (this.#phase !== 'running') return undefined
    return soonest([
      this.#detector.nextDeadline(),
      this.#context.suspicions.nextDeadline(),
      this.#relays.nextDeadline(),
      this.#commands.nextDeadline(),
      this.#gossip.nextDeadline(),
      this.#antiEntropy.nextDeadline(),
      this.#reaper.nextDeadline(),
    ])
  }

  /** Every record, dead and left ones until they are reaped. */
  members(): Member[] {
    return this.#context.table.all().map(snapshot)
  }

  /** One record by name. */
  member(name: string): Member | undefined {
    const peer = this.#context.table.get(name)
    return peer && snapshot(peer)
  }

  get self(): Member {
    return snapshot(this.#context.self)
  }

  /** Members that are alive or suspect, the local one included. */
  memberCount(): number {
    return this.#context.table.liveCount
  }

  /** 0 is healthy. */
  get healthScore(): number {
    return this.#context.awareness.score
  }

  /** What waits to be gossiped. */
  queueDepths(): Readonly<Record<BroadcastClass, QueueDepth>> {
    return this.#context.queue.depths()
  }

  #take(input: Input, now: number): void {
    switch (input.kind) {
      case 'start':
        return this.#start(now)
      case 'packet':
        for (const message of input.messages) this.#message(message, input.from, now)
        return
      case 'stream-request':
        return this.#streamRequest(input.exchange, input.from, input.message, now)
      case 'stream-reply':
        return this.#streamReply(input.exchange, input.message, now)
      case 'stream-failed':
        this.#detector.streamAnswered(input.exchange, undefined) ||
          this.#antiEntropy.failed(input.exchange, input.reason) ||
          this.#commands.streamEnded(input.exchange, input.reason)
        return
      case 'stream-done':
        this.#commands.streamEnded(input.exchange, undefined)
        return
      case 'deadline':
        return this.#deadline(now)
      case 'lag':
        return this.#detector.lagged(input.lagMs)
      case 'join':
        if (this.#speaker.hasLeft)
          return this.#context.out.push({
            kind: 'settle',
            request: input.request,
            outcome: { type: 'rejected', code: 'LEFT', reason: 'this member has left' },
          })
        return this.#joins.start(input.request, input.addresses)
      case 'leave':
        return this.#commands.leave(input.request, input.timeoutMs, now)
      case 'update-meta':
        return this.#commands.updateMeta(input.request, input.meta, input.timeoutMs, now)
      case 'broadcast':
        return this.#context.queue.payload(input.item)
      case 'send':
        return this.#commands.send(input.request, input.to, input.payload, input.reliable)
      case 'ping':
        return this.#commands.ping(input.request, input.node, input.address, now)
      case 'stop':
        return this.#stop()
    }
  }

  #start(now: number): void {
    if (this.#phase !== 'created') return
    this.#phase = 'running'
    this.#context.self.statusSinceMs = now
    this.#speaker.announce()
    for (const part of [this.#detector, this.#gossip, this.#antiEntropy, this.#reaper]) part.start(now)
  }

  #stop(): void {
    this.#phase = 'stopped'
    this.#context.suspicions.clear()
    for (const part of [this.#detector, this.#gossip, this.#antiEntropy, this.#reaper, this.#relays, this.#commands])
      part.stop()
    this.#context.queue.stop()
  }

  #message(message: PacketMessage, from: string, now: number): void {
    const { out } = this.#context
    switch (message.type) {
      case 'ping':
        if (message.node !== '' && message.node !== this.#context.self.name)
          return out.ignored('ping-for-another', from)
        return this.#acknowledge(message, from)
      case 'indirect-ping': {
        const origin = this.#replyTo(message, from)
        return origin === undefined ? out.ignored('source-address', from) : this.#relays.start(message, origin, now)
      }
      case 'ack':
        if (
          !this.#detector.acked(message.seqNo, now) &&
          !this.#relays.acked(message.seqNo) &&
          !this.#commands.acked(message.seqNo, now)
        )
          out.ignored('ack-unknown', from)
        return
      case 'nack':
        if (!this.#detector.nacked(message.seqNo, from)) out.ignored('nack-unknown', from)
        return
      case 'alive':
        if (!this.#mayClaim(from)) return out.ignored('source-not-allowed', from)
        return this.#claims.alive(message, 'gossip', now, from)
      case 'suspect':
        return this.#claims.suspect(message, 'gossip', now, from)
      case 'dead':
        return this.#claims.dead(message, 'gossip', now, from)
      case 'user':
        return out.push({ kind: 'user-message', payload: message.payload, source: { from, channel: 'packet' } })
    }
  }

  #acknowledge(ping: Ping, from: string): void {
    const { out } = this.#context
    const to = this.#replyTo(ping, from)
    if (to === undefined) return out.ignored('source-address', from)
    out.sendWithBroadcasts(to, { type: 'ack', seqNo: ping.seqNo, payload: null }, 'probe')
  }

  #streamRequest(exchange: number, from: string, message: StreamMessage, now: number): void {
    const { out, self } = this.#context
    switch (message.type) {
      case 'push-pull':
        return this.#antiEntropy.serve(exchange, from, message, now)
      case 'ping': {
        const forUs = message.node === '' || message.node === self.name
        if (!forUs) out.ignored('ping-for-another', from)
        return out.push({
          kind: 'close-stream',
          exchange,
          reply: forUs ? { type: 'ack', seqNo: message.seqNo, payload: null } : undefined,
        })
      }
      case 'user':
        // Empty ones are not delivered on streams (wire spec 1.6.10).
        if (message.payload.length > 0)
          out.push({ kind: 'user-message', payload: message.payload, source: { from, channel: 'stream' } })
        return out.push({ kind: 'close-stream', exchange, reply: undefined })
      default:
        out.ignored('stream-type', from)
        return out.push({ kind: 'close-stream', exchange, reply: undefined })
    }
  }

  #streamReply(exchange: number, message: StreamMessage, now: number): void {
    if (this.#detector.streamAnswered(exchange, message.type === 'ack' ? message.seqNo : undefined)) return
    if (!this.#antiEntropy.replied(exchange, message, now)) this.#commands.streamEnded(exchange, undefined)
  }

  /** Exactly one due timer fires; the driver asks again. */
  #deadline(now: number): void {
    const due = this.nextDeadline()
    if (due === undefined || due.at > now) return
    switch (due.reason) {
      case 'probe-deadline':
        return this.#detector.expire(now)
      case 'suspicion':
        return this.#claims.expire(now)
      case 'relay':
        return this.#relays.expire(now)
      case 'nack-settle':
        return this.#detector.settle()
      case 'probe-direct':
        return this.#detector.goIndirect(now)
      case 'api':
        return this.#commands.expire(now)
      case 'gossip':
        return this.#gossip.tick(now)
      case 'probe-tick':
        return this.#detector.tick(now)
      case 'push-pull':
        return this.#antiEntropy.tick(now)
      case 'reap':
        return this.#reaper.tick(now)
    }
  }

  /**
   * Where an answer goes: to the address the request names, if it may be believed (DIV-21), else to where it came from;
   * `undefined` when it names what is no address.
   */
  #replyTo(request: Pick<Ping, 'sourceAddress' | 'sourcePort'>, from: string): string | undefined {
    const { sourceAddress, sourcePort } = request
    if (sourceAddress === null || sourceAddress.length === 0 || sourcePort === 0) return from
    // An address that cannot be sent to is no reason to send elsewhere (wire spec P35).
    if (sourceAddress.length !== 4 && sourceAddress.length !== 16) return undefined
    const named = formatAddress(sourceAddress, sourcePort)
    if (!this.#context.policy.verifyReplyAddress || hostOf(named) === hostOf(from)) return named
    return this.#context.table.atEndpoint(named) ? named : from
  }

  /** Whether alives are taken from a packet of this address (wire spec P48). */
  #mayClaim(from: string): boolean {
    const { isAllowed } = this.#context
    if (!isAllowed) return true
    const source = parseAddress(from)
    return source !== undefined && isAllowed(source.ip)
  }

  #limits(): TransmitLimits {
    const { table, tuning } = this.#context
    const multiplier = tuning.gossip.retransmitMultiplier
    const live = transmitLimit(multiplier, table.liveCount)
    return { control: transmitLimit(multiplier, table.size), local: live, relayed: live, user: live }
  }
}

const hostOf = (address: string): string => address.slice(0, address.lastIndexOf(':'))

function makeContext(options: MachineOptions, limits: () => TransmitLimits): Context {
  const { tuning, random } = options
  const table = new PeerTable()
  const queue = new BroadcastQueue()
  const self: Peer = {
    name: options.self.name,
    isSelf: true,
    address: options.self.address.slice(),
    port: options.self.port,
    endpoint: formatAddress(options.self.address, options.self.port),
    meta: options.self.meta.slice(),
    versions: options.self.versions,
    incarnation: options.initialIncarnation,
    evidence: options.initialIncarnation,
    status: 'alive',
    statusSinceMs: 0,
    rttMs: undefined,
    echoedAtMs: Number.NEGATIVE_INFINITY,
  }
  table.add(self)
  let seqNo = Math.floor(random() * 2 ** 32)
  let exchange = 0
  return {
    tuning,
    random,
    policy: { ...improved, ...options.policy },
    table,
    self,
    // A member of protocol 1 knows of no port but its own (wire spec 4.4).
    portOf: (port) =>
      port === 0 || options.self.versions.protocolCurrent < 2 ? (options.bindPort ?? options.self.port) : port,
    isAllowed: options.isAllowed,
    queue,
    out: new Outbox(options.packet, table, queue, limits, tuning.gossip.userShare),
    awareness: new Awareness(tuning.probe.awarenessMaxMultiplier),
    suspicions: new Suspicions(),
    // Random start: numbers that count up from 1 could be guessed (DIV-23).
    nextSeqNo: () => (seqNo = (seqNo + 1) >>> 0),
    nextExchange: () => ++exchange,
  }
}
