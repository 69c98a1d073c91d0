/** Pinging somebody on behalf of another member (membership spec 2.5). */
import { formatAddress, type IndirectPing } from '@hearsay/wire'
import type { Context } from './context.ts'
import type { Deadline } from './deadline.ts'
import { MAX_RELAYS } from './limits.ts'

interface Relay {
  readonly originSeqNo: number
  readonly origin: string
  readonly expiresAtMs: number
  nackAtMs: number | undefined
}

/** Relays under way. None of them touches a record or the health score (invariant 28). */
export class Relays {
  readonly #context: Context
  readonly #relays = new Map<number, Relay>()

  constructor(context: Context) {
    this.#context = context
  }

  /** Pings the target; the answer goes to `origin`. */
  start(request: IndirectPing, origin: string, now: number): void {
    const { out, self, tuning } = this.#context
    if (request.target === null || (request.target.length !== 4 && request.target.length !== 16))
      return out.ignored('address-length', origin)
    if (this.#relays.size >= MAX_RELAYS) return out.ignored('too-many-relays', origin)
    const seqNo = this.#context.nextSeqNo()
    const { timeoutMs, intervalMs } = tuning.probe
    // Early enough that the nack is back before the origin's window closes (DIV-19).
    const nackAfterMs = Math.min(0.8 * timeoutMs, 0.8 * Math.max(0, intervalMs - timeoutMs) || 0.8 * timeoutMs)
    this.#relays.set(seqNo, {
      originSeqNo: request.seqNo,
      origin,
      expiresAtMs: now + timeoutMs,
      nackAtMs: request.nack ? now + nackAfterMs : undefined,
    })
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
    const relay = this.#relays.get(seqNo)
    if (!relay) return false
    this.#relays.delete(seqNo)
    this.#context.out.sendWithBroadcasts(
      relay.origin,
      { type: 'ack', seqNo: relay.originSeqNo, payload: null },
      'probe',
    )
    return true
  }

  nextDeadline(): Deadline | undefined {
    const next = this.#next()
    return next && { at: dueAt(next[1]), reason: 'relay' }
  }

  /** The relay that is due first is due: a nack, or the end. A late ack is still handed on between the two. */
  expire(now: number): void {
    const next = this.#next()
    if (!next || dueAt(next[1]) > now) return
    const [seqNo, relay] = next
    if (relay.nackAtMs === undefined) {
      this.#relays.delete(seqNo)
      return
    }
    relay.nackAtMs = undefined
    this.#context.out.sendWithBroadcasts(relay.origin, { type: 'nack', seqNo: relay.originSeqNo }, 'probe')
  }

  stop(): void {
    this.#relays.clear()
  }

  #next(): [seqNo: number, relay: Relay] | undefined {
    let next: [number, Relay] | undefined
    for (const entry of this.#relays) if (!next || dueAt(entry[1]) < dueAt(next[1])) next = entry
    return next
  }
}

const dueAt = (relay: Relay): number => relay.nackAtMs ?? relay.expiresAtMs
