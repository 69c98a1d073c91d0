/**
 * Membership without I/O: inputs and time in, effects and one next deadline out. No sockets, no timers, no clock, no
 * chance but the function it is given. This file only routes; each noun has its own.
 */
import type { PacketMessage, Ping, StreamMessage } from '@hearsay/wire'
import { AccusationEcho } from './accusation-echo.ts'
import type { BroadcastClass } from './broadcast.ts'
import { type QueueDepth, type TransmitLimits, transmitLimit } from './broadcast-queue.ts'
import { Claims } from './claims.ts'
import { Commands } from './commands.ts'
import type { Context } from './context.ts'
import { Agenda, type Deadline } from './deadline.ts'
import type { Effect } from './effect.ts'
import { Gossip } from './gossip.ts'
import type { Input } from './input.ts'
import { Joins } from './join.ts'
import type { MachineOptions } from './machine-options.ts'
import { makeContext } from './make-context.ts'
import type { Member } from './member.ts'
import { indices, isLivePeer, NOBODY, type PeerTable, snapshot } from './peer-table.ts'
import { Detector } from './probe.ts'
import { AntiEntropy } from './push-pull.ts'
import { Reaper } from './reap.ts'
import { type RejoinCounts, Rejoins } from './rejoin.ts'
import { Relays } from './relay.ts'
import { mayClaim, replyAddress } from './reply-address.ts'
import { Self } from './self.ts'
import { Takeovers } from './takeover.ts'
import { Tombstones } from './tombstones.ts'

const nothing: readonly Effect[] = []

/** SWIM and Lifeguard. */
export class Machine {
  readonly #context: Context
  readonly #announce: boolean
  readonly #ackPayload: (() => Uint8Array) | undefined
  readonly #speaker: Self
  readonly #claims: Claims
  readonly #detector: Detector
  readonly #relays: Relays
  readonly #gossip: Gossip
  readonly #antiEntropy: AntiEntropy
  readonly #joins: Joins
  readonly #commands: Commands
  readonly #reaper: Reaper
  readonly #takeovers: Takeovers
  readonly #rejoins: Rejoins
  readonly #agenda: Agenda
  #phase: 'created' | 'running' | 'stopped' = 'created'
  /** Only an input changes it, and drivers ask more than once between two. */
  #next: Deadline | undefined
  #isNextKnown = false

  constructor(options: MachineOptions) {
    const context = makeContext(options, () => this.#limits())
    const tombstones = new Tombstones()
    this.#context = context
    this.#announce = options.announce ?? true
    this.#ackPayload = options.hooks?.ackPayload
    this.#speaker = new Self(context)
    this.#reaper = new Reaper(context, tombstones, (peer) => this.#rejoins.unrecord(peer))
    this.#takeovers = new Takeovers(context)
    this.#claims = new Claims(context, {
      self: this.#speaker,
      reaper: this.#reaper,
      tombstones,
      echo: new AccusationEcho(context),
      takeovers: this.#takeovers,
      rejoins: () => this.#rejoins,
      contested: (peer, now) => this.#detector.hurry(peer, now),
      mayJoin: options.hooks?.alive,
    })
    this.#detector = new Detector(context, this.#claims)
    this.#relays = new Relays(context)
    this.#gossip = new Gossip(context, () => this.#limits())
    this.#antiEntropy = new AntiEntropy(context, this.#claims, {
      localState: options.localState,
      asksBeforeMerge: options.hooks?.asksBeforeMerge ?? false,
    })
    this.#rejoins = new Rejoins(context, this.#antiEntropy)
    this.#joins = new Joins(context, this.#antiEntropy)
    this.#commands = new Commands(context, this.#speaker)
    this.#agenda = this.#makeAgenda()
  }

  /** Takes one input; returns what should happen, in order. `now` is monotonic milliseconds and never decreases. */
  handle(input: Input, now: number): readonly Effect[] {
    if (this.#phase === 'stopped' || (this.#phase === 'created' && input.kind !== 'start')) return nothing
    this.#isNextKnown = false
    this.#take(input, now)
    if (this.#phase === ('stopped' as string)) return nothing
    this.#commands.settleIfAlone()
    this.#gossip.wake(now)
    this.#rejoins.wake(now)
    return this.#context.out.drain()
  }

  /** When to hand in `{ kind: 'deadline' }` next, and what for. */
  nextDeadline(): Deadline | undefined {
    if (this.#phase !== 'running') return undefined
    if (!this.#isNextKnown) this.#next = this.#agenda.next()
    this.#isNextKnown = true
    return this.#next
  }

  /** Every record, dead and left ones until they are reaped. */
  members(): Member[] {
    const { table } = this.#context
    return Array.from(indices(table), (peer) => snapshot(table, peer))
  }

  /** One record by name. */
  member(name: string): Member | undefined {
    const { table } = this.#context
    const peer = table.find(name)
    return peer === NOBODY ? undefined : snapshot(table, peer)
  }

  get self(): Member {
    const { table } = this.#context
    return snapshot(table, table.selfIndex)
  }

  /** Names of the others that are alive or suspect. */
  peerNames(): string[] {
    const { table } = this.#context
    return Array.from(indices(table), (peer) => (isLivePeer(table, peer) ? table.name(peer) : '')).filter(
      (name) => name !== '',
    )
  }

  /** Members that are alive or suspect, the local one included. */
  memberCount(): number {
    return this.#context.table.liveCount
  }

  /** Records, dead and left ones included: the n of the protocol's formulas. */
  get recordCount(): number {
    return this.#context.table.size
  }

  /** The records themselves: to be read, and not between two effects of one input. */
  get table(): PeerTable {
    return this.#context.table
  }

  /** 0 is healthy. */
  get healthScore(): number {
    return this.#context.awareness.score
  }

  /** What waits to be gossiped. */
  queueDepths(): Readonly<Record<BroadcastClass, QueueDepth>> {
    return this.#context.queue.depths()
  }

  /** Counts since the start. */
  counts(): { readonly refutations: number; readonly relays: number; readonly rejoins: RejoinCounts } {
    return {
      refutations: this.#speaker.refutations,
      relays: this.#relays.size,
      rejoins: this.#rejoins.counts,
    }
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
        return this.#agenda.fire(now)
      case 'lag':
        return this.#detector.lagged(input.lagMs)
      case 'merge-answer':
        return this.#antiEntropy.decided(input.ask, input.accept, now)
      case 'stop':
        return this.#stop()
      default:
        return this.#command(input, now)
    }
  }

  #command(input: Command, now: number): void {
    switch (input.kind) {
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
      case 'rejoin':
        return this.#commands.rejoin(input.request, now)
      case 'set-seeds':
        return this.#rejoins.setSeeds(input.addresses)
      case 'push-pull':
        return this.#antiEntropy.syncWith(input.count)
      case 'exchange':
        return this.#antiEntropy.exchangeWith(input.node)
      case 'update-meta':
        return this.#commands.updateMeta(input.request, input.meta, input.timeoutMs, now)
      case 'broadcast':
        return this.#context.queue.payload(input.item)
      case 'send':
        return this.#commands.send(input.request, input.to, input.payload, input.reliable)
      case 'ping':
        return this.#commands.ping(input.request, input.node, input.address, now)
    }
  }

  #start(now: number): void {
    if (this.#phase !== 'created') return
    this.#phase = 'running'
    if (this.#announce) this.#speaker.announce()
    for (const part of [this.#detector, this.#gossip, this.#antiEntropy]) part.start(now)
  }

  #stop(): void {
    this.#phase = 'stopped'
    this.#context.suspicions.clear()
    for (const part of [
      this.#detector,
      this.#gossip,
      this.#antiEntropy,
      this.#reaper,
      this.#relays,
      this.#takeovers,
      this.#rejoins,
      this.#commands,
    ])
      part.stop()
    this.#context.queue.stop()
  }

  #makeAgenda(): Agenda {
    const [detector, claims, relays, commands] = [this.#detector, this.#claims, this.#relays, this.#commands]
    const [gossip, antiEntropy, reaper, rejoins] = [this.#gossip, this.#antiEntropy, this.#reaper, this.#rejoins]
    const { suspicions } = this.#context
    const takeovers = this.#takeovers
    return new Agenda(
      { detector, suspicions, relays, takeovers, commands, gossip, antiEntropy, reaper, rejoins },
      {
        'probe-deadline': (now) => detector.expire(now),
        suspicion: (now) => claims.expire(now),
        relay: (now) => relays.expire(now),
        'nack-settle': () => detector.settle(),
        'probe-direct': (now) => detector.goIndirect(now),
        takeover: (now) => claims.moveOn(now),
        api: (now) => commands.expire(now),
        gossip: (now) => gossip.tick(now),
        'probe-tick': (now) => detector.tick(now),
        'push-pull': (now) => antiEntropy.tick(now),
        reap: (now) => reaper.tick(now),
        rejoin: (now) => rejoins.tick(now),
      },
    )
  }

  #message(message: PacketMessage, from: string, now: number): void {
    const { out } = this.#context
    switch (message.type) {
      case 'ping':
        if (message.node !== '' && message.node !== this.#context.self.name)
          return out.ignored('ping-for-another', from)
        return this.#acknowledge(message, from)
      case 'indirect-ping': {
        const origin = replyAddress(this.#context, message, from)
        return origin === undefined ? out.ignored('source-address', from) : this.#relays.start(message, origin, now)
      }
      case 'ack':
        if (
          !this.#detector.acked(message.seqNo, message.payload, now) &&
          !this.#relays.acked(message.seqNo) &&
          !this.#claims.stayed(message.seqNo) &&
          !this.#commands.acked(message.seqNo, now)
        )
          out.ignored('ack-unknown', from)
        return
      case 'nack':
        if (!this.#detector.nacked(message.seqNo, from)) out.ignored('nack-unknown', from)
        return
      case 'alive':
        if (!mayClaim(this.#context, from)) return out.ignored('source-not-allowed', from)
        return this.#claims.alive(message, 'gossip', now, from)
      case 'suspect':
        return this.#claims.suspect(message, 'gossip', now, from)
      case 'dead':
        return this.#claims.dead(message, 'gossip', now, from)
      case 'user':
        return out.push({
          kind: 'user-message',
          payload: message.payload,
          source: { from, channel: 'packet', member: this.#memberAt(from) },
        })
    }
  }

  #memberAt(endpoint: string): string | undefined {
    const { table } = this.#context
    const peer = table.findEndpoint(endpoint)
    return peer === NOBODY ? undefined : table.name(peer)
  }

  #acknowledge(ping: Ping, from: string): void {
    const { out } = this.#context
    const to = replyAddress(this.#context, ping, from)
    if (to === undefined) return out.ignored('source-address', from)
    out.sendWithBroadcasts(to, { type: 'ack', seqNo: ping.seqNo, payload: this.#ackPayload?.() ?? null }, 'probe')
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

  #limits(): TransmitLimits {
    const { table, tuning } = this.#context
    const multiplier = tuning.gossip.retransmitMultiplier
    const live = transmitLimit(multiplier, table.liveCount)
    return { control: transmitLimit(multiplier, table.size), local: live, relayed: live, user: live }
  }
}

/** Inputs that an application asks for. */
type Command = Extract<
  Input,
  {
    kind:
      | 'join'
      | 'leave'
      | 'rejoin'
      | 'set-seeds'
      | 'push-pull'
      | 'exchange'
      | 'update-meta'
      | 'broadcast'
      | 'send'
      | 'ping'
  }
>
