/** What waits in one class, in the order in which it is sent: fewest transmissions, then longest, then newest. */
import type { QueuedItem } from './queued-item.ts'
import { TransmitTier } from './transmit-tier.ts'

/** Items and bytes waiting in one class. */
export interface QueueDepth {
  readonly items: number
  readonly bytes: number
}

/** The items of one class. */
export class BroadcastLane {
  /** By number of transmissions. */
  readonly #tiers: (TransmitTier<QueuedItem> | undefined)[] = []
  /** An empty one, for whoever needs one next. */
  #spare: TransmitTier<QueuedItem> | undefined
  #count = 0
  #bytes = 0

  get depth(): QueueDepth {
    return { items: this.#count, bytes: this.#bytes }
  }

  get size(): number {
    return this.#count
  }

  get sizeBytes(): number {
    return this.#bytes
  }

  /** Tiers there are, empty ones included: each is looked at once while a packet is filled. */
  get tierCount(): number {
    return this.#tiers.length
  }

  /** The one to be sent last. */
  get last(): QueuedItem | undefined {
    for (let transmits = this.#tiers.length - 1; transmits >= 0; transmits--) {
      const last = this.#tiers[transmits]?.last
      if (last) return last
    }
    return undefined
  }

  /** All of them, in order, as they are now. */
  all(): readonly QueuedItem[] {
    return this.#tiers.flatMap((tier) => (tier ? [...tier] : []))
  }

  /** Takes an item out, for a moment or for good. False if it is not here. */
  take(item: QueuedItem): boolean {
    const { transmits } = item
    const tier = this.#tiers[transmits]
    if (!tier?.remove(item)) return false
    if (tier.size === 0) this.#dropTier(transmits, tier)
    this.#count--
    this.#bytes -= item.sizeBytes
    return true
  }

  /** An item that is in no lane. */
  put(item: QueuedItem): void {
    const { transmits } = item
    let tier = this.#tiers[transmits]
    if (!tier) {
      while (this.#tiers.length < transmits) this.#tiers.push(undefined)
      tier = this.#spare ?? new TransmitTier()
      this.#spare = undefined
      this.#tiers[transmits] = tier
    }
    tier.insert(item)
    this.#count++
    this.#bytes += item.sizeBytes
  }

  /** Takes out the first item of one tier of at most so many bytes. */
  takeFitting(transmits: number, maxSizeBytes: number): QueuedItem | undefined {
    const item = this.#tiers[transmits]?.fitting(maxSizeBytes)
    if (item) this.take(item)
    return item
  }

  /** The first item of more than so many bytes, of those that are not excluded. */
  longer(sizeBytes: number, exclude: ReadonlySet<number>): QueuedItem | undefined {
    for (const tier of this.#tiers) {
      if (!tier) continue
      for (const item of tier.longer(sizeBytes)) if (!exclude.has(item.id)) return item
    }
    return undefined
  }

  #dropTier(transmits: number, tier: TransmitTier<QueuedItem>): void {
    this.#spare = tier
    this.#tiers[transmits] = undefined
    while (this.#tiers.length > 0 && !this.#tiers[this.#tiers.length - 1]) this.#tiers.pop()
  }
}
