/** The counters of one transport, and the way in which losses reach its owner. */

import type { Address, TransportDropReason, TransportHandler, TransportStats } from './transport.ts'

/**
 * How many losses of one turn are told one by one; more are only counted, so that a burst into a full queue does not
 * fill the memory with its own obituaries.
 */
const MAX_PENDING_DROP_NOTICES = 1024

interface DropNotice {
  readonly reason: TransportDropReason
  readonly peer: Address | undefined
  readonly detail: string
}

/** Counts what a transport does. Losses are counted at once and told to the handler after the current call stack. */
export class Ledger {
  packetsSent = 0
  packetsReceived = 0
  packetBytesSent = 0
  packetBytesReceived = 0
  streamsOpened = 0
  streamsAccepted = 0
  /** See `Transport.activity`. */
  activity = 0
  readonly #drops: Partial<Record<TransportDropReason, number>> = {}
  #notices: DropNotice[] = []
  #handler: TransportHandler | undefined

  /** From now on losses are told to `handler`; to nobody when undefined. */
  tell(handler: TransportHandler | undefined): void {
    this.#handler = handler
  }

  sent(sizeBytes: number): void {
    this.packetsSent++
    this.packetBytesSent += sizeBytes
  }

  received(sizeBytes: number): void {
    this.packetsReceived++
    this.packetBytesReceived += sizeBytes
    this.activity++
  }

  dropped(reason: TransportDropReason, peer: Address | undefined, detail: string): void {
    this.#drops[reason] = (this.#drops[reason] ?? 0) + 1
    if (this.#handler === undefined || this.#notices.length >= MAX_PENDING_DROP_NOTICES) return
    // Losses are often found inside `send`, and a handler is never called from inside a method.
    if (this.#notices.push({ reason, peer, detail }) === 1) queueMicrotask(() => this.#flush())
  }

  stats(detail?: Readonly<Record<string, number>>): TransportStats {
    return {
      packetsSent: this.packetsSent,
      packetsReceived: this.packetsReceived,
      packetBytesSent: this.packetBytesSent,
      packetBytesReceived: this.packetBytesReceived,
      streamsOpened: this.streamsOpened,
      streamsAccepted: this.streamsAccepted,
      drops: { ...this.#drops },
      ...(detail === undefined ? {} : { detail }),
    }
  }

  #flush(): void {
    const notices = this.#notices
    this.#notices = []
    for (const { reason, peer, detail } of notices) this.#handler?.onDrop(reason, peer, detail)
  }
}
