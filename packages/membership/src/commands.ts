/** What the application asks for and waits for: departures, metadata, messages, pings. Each request settles exactly once. */
import type { BroadcastEnd } from './broadcast.ts'
import type { Context } from './context.ts'
import { type Deadline, soonest } from './deadline.ts'
import type { Outcome, RequestId } from './input.ts'
import { MAX_META_BYTES } from './limits.ts'
import { pick } from './random-pick.ts'
import { isLive } from './record.ts'
import type { Self } from './self.ts'

/** Members told of a departure directly, beside the gossip (DIV-40). */
const DIRECT_GOODBYES = 3

type Spread = 'leave' | 'update-meta'

interface Waiting {
  readonly request: RequestId
  readonly type: Spread
  readonly deadlineMs: number
}

interface PendingPing {
  readonly request: RequestId
  readonly sentAtMs: number
  readonly deadlineMs: number
}

/** Commands under way. */
export class Commands {
  readonly #context: Context
  readonly #self: Self
  readonly #spreads = new Map<RequestId, Waiting>()
  readonly #pings = new Map<number, PendingPing>()
  readonly #sends = new Map<number, RequestId>()

  constructor(context: Context, self: Self) {
    this.#context = context
    this.#self = self
  }

  leave(request: RequestId, timeoutMs: number, now: number): void {
    if (this.#self.hasLeft) return this.#settle(request, { type: 'leave', result: 'transmitted' })
    const { out, table, random } = this.#context
    this.#await({ request, type: 'leave', deadlineMs: now + timeoutMs })
    const part = this.#self.leave(now, (end) => this.#spreadEnded(request, end))
    for (const peer of pick(table.all(), DIRECT_GOODBYES, (each) => each.status === 'alive' && !each.isSelf, random))
      out.send(peer.endpoint, [part.message], 'gossip')
    this.settleIfAlone()
  }

  updateMeta(request: RequestId, meta: Uint8Array, timeoutMs: number, now: number): void {
    if (this.#self.hasLeft)
      return this.#settle(request, { type: 'rejected', code: 'LEFT', reason: 'this member has left' })
    if (meta.length > MAX_META_BYTES)
      return this.#settle(request, {
        type: 'rejected',
        code: 'META_TOO_LONG',
        reason: `metadata has ${meta.length} bytes; at most ${MAX_META_BYTES} are allowed`,
      })
    this.#await({ request, type: 'update-meta', deadlineMs: now + timeoutMs })
    this.#self.updateMeta(meta.slice(), (end) => this.#spreadEnded(request, end))
    this.settleIfAlone()
  }

  send(request: RequestId, to: string, payload: Uint8Array, reliable: boolean): void {
    const { table, out, tuning } = this.#context
    const peer = table.get(to)
    if (!peer || !isLive(peer))
      return this.#settle(request, { type: 'send', result: 'unknown-member', reason: `no live member is called ${to}` })
    if (reliable) {
      const exchange = this.#context.nextExchange()
      this.#sends.set(exchange, request)
      out.push({
        kind: 'open-stream',
        exchange,
        to: peer.endpoint,
        message: { type: 'user', payload },
        expectReply: false,
        timeoutMs: tuning.streamTimeoutMs,
      })
      return
    }
    if (payload.length + 1 > out.maxPartBytes)
      return this.#settle(request, {
        type: 'send',
        result: 'too-large',
        reason: `${payload.length} bytes do not fit a packet; at most ${out.maxPartBytes - 1} do, or send reliably`,
      })
    out.send(peer.endpoint, [{ type: 'user', payload }], 'gossip')
    this.#settle(request, { type: 'send', result: 'sent' })
  }

  ping(request: RequestId, node: string, address: string, now: number): void {
    const { out, self, tuning } = this.#context
    const seqNo = this.#context.nextSeqNo()
    this.#pings.set(seqNo, { request, sentAtMs: now, deadlineMs: now + tuning.probe.timeoutMs })
    out.sendWithBroadcasts(
      address,
      { type: 'ping', seqNo, node, sourceAddress: self.address, sourcePort: self.port, sourceNode: self.name },
      'probe',
    )
  }

  /** True if the ack answered a ping of the application. */
  acked(seqNo: number, now: number): boolean {
    const ping = this.#pings.get(seqNo)
    if (!ping) return false
    this.#pings.delete(seqNo)
    this.#settle(ping.request, { type: 'ping', result: 'answered', rttMs: now - ping.sentAtMs })
    return true
  }

  /** A stream without a reply ended. True if a request waited for it. */
  streamEnded(exchange: number, failure: string | undefined): boolean {
    const request = this.#sends.get(exchange)
    if (request === undefined) return false
    this.#sends.delete(exchange)
    this.#settle(
      request,
      failure === undefined ? { type: 'send', result: 'sent' } : { type: 'send', result: 'failed', reason: failure },
    )
    return true
  }

  /** Nobody is left to tell: who waits for being heard need not wait longer (DIV-38). */
  settleIfAlone(): void {
    if (this.#spreads.size === 0) return
    const { table } = this.#context
    if (table.all().some((peer) => !peer.isSelf && isLive(peer))) return
    for (const { request, type } of [...this.#spreads.values()]) {
      this.#spreads.delete(request)
      this.#settle(request, { type, result: 'no-peers' })
    }
  }

  nextDeadline(): Deadline | undefined {
    const waits = [...this.#spreads.values(), ...this.#pings.values()]
    return soonest(
      waits
        .filter((wait) => wait.deadlineMs < Number.POSITIVE_INFINITY)
        .map((wait) => ({ at: wait.deadlineMs, reason: 'api' as const })),
    )
  }

  /** One request waited long enough. */
  expire(now: number): void {
    for (const { request, type, deadlineMs } of this.#spreads.values()) {
      if (deadlineMs > now) continue
      this.#spreads.delete(request)
      return this.#settle(request, { type, result: 'timeout' })
    }
    for (const [seqNo, ping] of this.#pings) {
      if (ping.deadlineMs > now) continue
      this.#pings.delete(seqNo)
      return this.#settle(ping.request, { type: 'ping', result: 'no-answer' })
    }
  }

  stop(): void {
    this.#spreads.clear()
    this.#pings.clear()
    this.#sends.clear()
  }

  #await(waiting: Waiting): void {
    this.#spreads.set(waiting.request, waiting)
  }

  #spreadEnded(request: RequestId, end: BroadcastEnd): void {
    const waiting = this.#spreads.get(request)
    if (!waiting) return
    this.#spreads.delete(request)
    this.#settle(request, { type: waiting.type, result: end === 'transmitted' ? 'transmitted' : 'superseded' })
  }

  #settle(request: RequestId, outcome: Outcome): void {
    this.#context.out.push({ kind: 'settle', request, outcome })
  }
}
