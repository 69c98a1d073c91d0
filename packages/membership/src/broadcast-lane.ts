/** What waits in one class, in the order in which it is sent: fewest transmissions, then longest, then newest. */
import type { Part } from '@hearsay/wire'
import type { BroadcastClass, BroadcastEnd } from './broadcast.ts'
import { type Sized, TransmitTier } from './transmit-tier.ts'

/** Control items carry a membership message instead of a payload; they have no names, and version 0. */
export interface QueuedItem extends Sized {
  readonly class: BroadcastClass
  readonly key: string
  readonly names: readonly string[]
  readonly version: number
  readonly part: Part
  readonly id: number
  /** Of the part. */
  readonly sizeBytes: number
  readonly onFinished: ((end: BroadcastEnd) => void) | undefined
  /** Changed only while the item is in no lane. */
  transmits: number
}

/** Items and bytes waiting in one class. */
export interface QueueDepth {
  readonly items: number
  readonly bytes: number
}

const none: readonly QueuedItem[] = []

/** The items of one class. */
export class BroadcastLane {
  /** By number of transmissions. */
  readonly #tiers: (TransmitTier<QueuedItem> | undefined)[] = []
  /** By key and first name: an item can only be superseded by one that has its first name, too. */
  readonly #byHandle = new Map<string, QueuedItem | Set<QueuedItem>>()
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

  insert(item: QueuedItem): void {
    this.putBack(item)
    const handle = handleOf(item.key, item.names[0])
    const there = this.#byHandle.get(handle)
    if (there === undefined) this.#byHandle.set(handle, item)
    else if (there instanceof Set) there.add(item)
    else this.#byHandle.set(handle, new Set([there, item]))
  }

  /** False if it is not here. */
  remove(item: QueuedItem): boolean {
    if (!this.take(item)) return false
    this.forget(item)
    return true
  }

  /** Takes an item out for a moment: `putBack` or `forget` must follow before anything else is asked. */
  take(item: QueuedItem): boolean {
    const tier = this.#tiers[item.transmits]
    if (!tier?.remove(item)) return false
    if (tier.size === 0) this.#dropTier(item.transmits)
    this.#count--
    this.#bytes -= item.sizeBytes
    return true
  }

  putBack(item: QueuedItem): void {
    let tier = this.#tiers[item.transmits]
    if (!tier) {
      while (this.#tiers.length < item.transmits) this.#tiers.push(undefined)
      tier = new TransmitTier()
      this.#tiers[item.transmits] = tier
    }
    tier.insert(item)
    this.#count++
    this.#bytes += item.sizeBytes
  }

  forget(item: QueuedItem): void {
    const handle = handleOf(item.key, item.names[0])
    const there = this.#byHandle.get(handle)
    if (there instanceof Set) there.delete(item)
    if (there === item || (there instanceof Set && there.size === 0)) this.#byHandle.delete(handle)
  }

  /** What a newer item makes useless, in order: same key, not newer, and none of its names is missing in the newer. */
  supersededBy(newer: Pick<QueuedItem, 'key' | 'names' | 'version'>): readonly QueuedItem[] {
    if (this.#count === 0) return none
    const names = newer.names.length > 0 ? new Set(newer.names) : undefined
    const found: QueuedItem[] = []
    const look = (handle: string): void => {
      const there = this.#byHandle.get(handle)
      if (there === undefined) return
      for (const older of there instanceof Set ? there : [there])
        if (
          older.key === newer.key &&
          older.version <= newer.version &&
          older.names.every((name) => names?.has(name) ?? false)
        )
          found.push(older)
    }
    look(newer.key)
    if (names) for (const name of names) look(handleOf(newer.key, name))
    return found.length > 1 ? found.sort((a, b) => (before(a, b) ? -1 : 1)) : found
  }

  /** The first item of one tier of at most so many bytes. */
  fitting(transmits: number, maxSizeBytes: number): QueuedItem | undefined {
    return this.#tiers[transmits]?.fitting(maxSizeBytes)
  }

  /** The first item of more than so many bytes, of those that are not excluded. */
  longer(sizeBytes: number, exclude: ReadonlySet<number>): QueuedItem | undefined {
    for (const tier of this.#tiers) {
      if (!tier) continue
      for (const item of tier.longer(sizeBytes)) if (!exclude.has(item.id)) return item
    }
    return undefined
  }

  #dropTier(transmits: number): void {
    this.#tiers[transmits] = undefined
    while (this.#tiers.length > 0 && !this.#tiers[this.#tiers.length - 1]) this.#tiers.pop()
  }
}

/** Items of one handle may still be of different keys. */
const handleOf = (key: string, firstName: string | undefined): string =>
  firstName === undefined ? key : `${key}\n${firstName}`

function before(a: QueuedItem, b: QueuedItem): boolean {
  if (a.transmits !== b.transmits) return a.transmits < b.transmits
  return a.sizeBytes !== b.sizeBytes ? a.sizeBytes > b.sizeBytes : a.id > b.id
}
