/** What the application asks for and waits for: departures, metadata, messages, pings. Each request settles exactly once. */
import type { BroadcastEnd } from './broadcast.ts'
import type { Context } from './context.ts'
import { DeadlineHeap, type Due } from './deadline-heap.ts'
import type { Outcome, RequestId } from './input.ts'
import { MAX_INCARNATION, MAX_META_BYTES } from './limits.ts'
import { isLive, NOBODY } from './peer-table.ts'
import { pickPeers } from './random-pick.ts'
import type { Self } from './self.ts'

/** Members told of a departure directly, beside the gossip (DIV-40). */
const DIRECT_GOODBYES = 3

type Spread = 'leave' | 'update-meta'

interface Waiting {
  readonly request: RequestId
  readonly type: Spread
}

interface PendingPing {
  readonly request: RequestId
  readonly seqNo: number
  readonly sentAtMs: number
}

/** Pings of the application under way. */
export const MAX_PENDING_PINGS = 4096

const exhausted: Outcome = {
  type: 'rejected',
  code: 'INCARNATION_EXHAUSTED',
  reason: `incarnation ${MAX_INCARNATION} is the last there is: nobody would believe what is said of this name now`,
}

/** Commands under way. */
export class Commands {
  readonly #context: Context
  readonly #self: Self
  readonly #spreads = new Map<RequestId, Due<Waiting | PendingPing>>()
  readonly #pings = new Map<number, Due<Waiting | PendingPing>>()
  readonly #sends = new Map<number, RequestId>()
  readonly #due = new DeadlineHeap<Waiting | PendingPing>()

  constructor(context: Context, self: Self) {
    this.#context = context
    this.#self = self
  }

  get nextAt(): number {
    return this.#due.nextAt
  }

  leave(request: RequestId, timeoutMs: number, now: number): void {
    if (this.#self.hasLeft) return this.#settle(request, { type: 'leave', result: 'transmitted' })
    const { out, table, random, policy } = this.#context
    this.#await({ request, type: 'leave' }, now + timeoutMs)
    const part = this.#self.leave(now, (end) => this.#spreadEnded(request, end))
    const isCandidate = (peer: number): boolean => table.status(peer) === 'alive' && peer !== table.selfIndex
    if (policy.directGoodbye)
      for (const peer of pickPeers(table, DIRECT_GOODBYES, isCandidate, random))
        out.send(table.endpoint(peer), [part.message], 'gossip')
    this.settleIfAlone()
  }

  /** Undoes a departure (DIV-40). */
  rejoin(request: RequestId, now: number): void {
    if (!this.#self.hasLeft) return this.#settle(request, { type: 'rejoin', result: 'not-left' })
    if (this.#self.isExhausted) return this.#settle(request, exhausted)
    this.#self.rejoin(now)
    this.#settle(request, { type: 'rejoin', result: 'done' })
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
    if (this.#self.isExhausted) return this.#settle(request, exhausted)
    this.#await({ request, type: 'update-meta' }, now + timeoutMs)
    this.#self.updateMeta(meta.slice(), (end) => this.#spreadEnded(request, end))
    this.settleIfAlone()
  }

  send(request: RequestId, to: string, payload: Uint8Array, reliable: boolean): void {
    const { table, out, tuning } = this.#context
    const peer = table.find(to)
    if (peer === NOBODY || !isLive(table, peer))
      return this.#settle(request, { type: 'send', result: 'unknown-member', reason: `no live member is called ${to}` })
    if (reliable) {
      const exchange = this.#context.nextExchange()
      this.#sends.set(exchange, request)
      out.push({
        kind: 'open-stream',
        exchange,
        to: table.endpoint(peer),
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
    out.send(table.endpoint(peer), [{ type: 'user', payload }], 'gossip')
    this.#settle(request, { type: 'send', result: 'sent' })
  }

  ping(request: RequestId, node: string, address: string, now: number): void {
    const { out, self, tuning } = this.#context
    if (this.#pings.size >= MAX_PENDING_PINGS) return this.#settle(request, { type: 'ping', result: 'no-answer' })
    const seqNo = this.#context.nextSeqNo()
    this.#pings.set(seqNo, this.#due.add(now + tuning.probe.timeoutMs, { request, seqNo, sentAtMs: now }))
    out.sendWithBroadcasts(
      address,
      { type: 'ping', seqNo, node, sourceAddress: self.address, sourcePort: self.port, sourceNode: self.name },
      'probe',
    )
  }

  /** True if the ack answered a ping of the application. */
  acked(seqNo: number, now: number): boolean {
    const due = this.#pings.get(seqNo)
    if (!due) return false
    this.#pings.delete(seqNo)
    this.#due.remove(due)
    const ping = due.item as PendingPing
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
    if (table.liveCount > Number(isLive(table, table.selfIndex))) return
    for (const request of [...this.#spreads.keys()]) this.#spreadSettled(request, 'no-peers')
  }

  /** One request waited long enough. */
  expire(now: number): void {
    if (this.#due.nextAt > now) return
    const waiting = this.#due.shift()!
    if ('seqNo' in waiting) {
      this.#pings.delete(waiting.seqNo)
      return this.#settle(waiting.request, { type: 'ping', result: 'no-answer' })
    }
    this.#spreadSettled(waiting.request, 'timeout')
  }

  stop(): void {
    this.#spreads.clear()
    this.#pings.clear()
    this.#sends.clear()
    this.#due.clear()
  }

  #await(waiting: Waiting, deadlineMs: number): void {
    this.#spreads.set(waiting.request, this.#due.add(deadlineMs, waiting))
  }

  #spreadEnded(request: RequestId, end: BroadcastEnd): void {
    this.#spreadSettled(request, end === 'transmitted' ? 'transmitted' : 'superseded')
  }

  #spreadSettled(request: RequestId, result: 'transmitted' | 'superseded' | 'no-peers' | 'timeout'): void {
    const due = this.#spreads.get(request)
    if (!due) return
    this.#spreads.delete(request)
    this.#due.remove(due)
    this.#settle(request, { type: (due.item as Waiting).type, result })
  }

  #settle(request: RequestId, outcome: Outcome): void {
    this.#context.out.push({ kind: 'settle', request, outcome })
  }
}
