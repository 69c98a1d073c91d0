/** Pinging somebody on behalf of another member (membership spec 2.5). */
import { formatAddress, type IndirectPing } from '@hearsay/wire'
import type { Context } from './context.ts'
import { DeadlineHeap, type Due } from './deadline-heap.ts'
import { MAX_RELAYS } from './limits.ts'

/** When a relay says that it heard nothing, as a share of its own waiting times (DIV-19). */
const NACK_SHARE = 0.8

interface Relay {
  readonly seqNo: number
  readonly originSeqNo: number
  readonly origin: string
  readonly expiresAtMs: number
  /** Still to be sent. */
  owesNack: boolean
}

/** Relays under way. None of them touches a record or the health score (invariant 28). */
export class Relays {
  readonly #context: Context
  readonly #relays = new Map<number, Due<Relay>>()
  readonly #due = new DeadlineHeap<Relay>()

  constructor(context: Context) {
    this.#context = context
  }

  /** Relays under way. */
  get size(): number {
    return this.#relays.size
  }

  get nextAt(): number {
    return this.#due.nextAt
  }

  /** Pings the target; the answer goes to `origin`. */
  start(request: IndirectPing, origin: string, now: number): void {
    const { out, self, tuning } = this.#context
    if (request.target === null || (request.target.length !== 4 && request.target.length !== 16))
      return out.ignored('address-length', origin)
    // Anybody could have us send to anywhere (DIV-22).
    if (this.#context.isAllowed?.(request.target) === false && !this.#context.isAuthenticated())
      return out.ignored('address-not-allowed', origin)
    if (this.#relays.size >= MAX_RELAYS) return out.ignored('too-many-relays', origin)
    const seqNo = this.#context.nextSeqNo()
    const expiresAtMs = now + tuning.probe.timeoutMs
    const relay: Relay = { seqNo, originSeqNo: request.seqNo, origin, expiresAtMs, owesNack: request.nack }
    this.#relays.set(seqNo, this.#due.add(request.nack ? now + this.#nackAfterMs : expiresAtMs, relay))
    const to = formatAddress(request.target, this.#context.portOf(request.port))
    out.sendWithBroadcasts(
      to,
      {
        type: 'ping',
        seqNo,
        node: request.node,
        sourceAddress: self.address,
        sourcePort: self.port,
        sourceNode: self.name,
      },
      'probe',
    )
  }

  /** The target answered: hand it on under the origin's number, without the payload. True if it was a relay's. */
  acked(seqNo: number): boolean {
    const due = this.#relays.get(seqNo)
    if (!due) return false
    this.#end(due)
    const { origin, originSeqNo } = due.item
    this.#context.out.sendWithBroadcasts(origin, { type: 'ack', seqNo: originSeqNo, payload: null }, 'probe')
    return true
  }

  /** The relay that is due first is due: a nack, or the end. A late ack is still handed on between the two. */
  expire(now: number): void {
    const relay = this.#due.first
    const due = relay && this.#relays.get(relay.seqNo)
    if (!relay || !due || due.at > now) return
    if (relay.owesNack) {
      relay.owesNack = false
      this.#context.out.sendWithBroadcasts(relay.origin, { type: 'nack', seqNo: relay.originSeqNo }, 'probe')
      if (due.at < relay.expiresAtMs) return this.#due.move(due, relay.expiresAtMs)
    }
    this.#end(due)
  }

  stop(): void {
    this.#relays.clear()
    this.#due.clear()
  }

  #end(due: Due<Relay>): void {
    this.#due.remove(due)
    this.#relays.delete(due.item.seqNo)
  }

  /** Ours is early enough that the nack is back before the origin's window closes; Go waits the whole timeout. */
  get #nackAfterMs(): number {
    const { policy, tuning } = this.#context
    const { timeoutMs, intervalMs } = tuning.probe
    if (!policy.earlyNacks) return timeoutMs
    return NACK_SHARE * (intervalMs > timeoutMs ? Math.min(timeoutMs, intervalMs - timeoutMs) : timeoutMs)
  }
}
