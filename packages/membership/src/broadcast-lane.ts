/** What waits in one class, in the order in which it is sent. Whatever is asked of it takes O(log n). */
import type { Part } from '@hearsay/wire'
import type { BroadcastClass, BroadcastEnd } from './broadcast.ts'
import { OrderedList } from './ordered-list.ts'

/** Control items carry a membership message instead of a payload; they have no names, and version 0. */
export interface QueuedItem {
  readonly class: BroadcastClass
  readonly key: string
  readonly names: readonly string[]
  readonly version: number
  readonly part: Part
  readonly id: number
  readonly onFinished: ((end: BroadcastEnd) => void) | undefined
  /** Changed only while the item is in no lane. */
  transmits: number
}

/** Items and bytes waiting in one class. */
export interface QueueDepth {
  readonly items: number
  readonly bytes: number
}

/** The items of one class. */
export class BroadcastLane {
  readonly #items = new OrderedList<QueuedItem>(before)
  /** By key and first name: an item can only be superseded by one that has its first name, too. */
  readonly #byHandle = new Map<string, QueuedItem | Set<QueuedItem>>()
  #bytes = 0

  get depth(): QueueDepth {
    return { items: this.#items.size, bytes: this.#bytes }
  }

  get size(): number {
    return this.#items.size
  }

  get sizeBytes(): number {
    return this.#bytes
  }

  /** The one to be sent last. */
  get last(): QueuedItem | undefined {
    return this.#items.last
  }

  /** All of them, in order, as they are now. */
  all(): readonly QueuedItem[] {
    return [...this.#items]
  }

  insert(item: QueuedItem): void {
    this.#items.insert(item)
    this.#bytes += item.part.sizeBytes
    const handle = handleOf(item.key, item.names[0])
    const there = this.#byHandle.get(handle)
    if (there instanceof Set) there.add(item)
    else this.#byHandle.set(handle, there === undefined ? item : new Set([there, item]))
  }

  /** False if it is not here. */
  remove(item: QueuedItem): boolean {
    if (!this.#items.delete(item)) return false
    this.#bytes -= item.part.sizeBytes
    const handle = handleOf(item.key, item.names[0])
    const there = this.#byHandle.get(handle)
    if (there instanceof Set) there.delete(item)
    if (there === item || (there instanceof Set && there.size === 0)) this.#byHandle.delete(handle)
    return true
  }

  /** What a newer item makes useless, in order: same key, not newer, and none of its names is missing in the newer. */
  supersededBy(newer: Pick<QueuedItem, 'key' | 'names' | 'version'>): readonly QueuedItem[] {
    const names = new Set(newer.names)
    const useless = (older: QueuedItem): boolean =>
      older.key === newer.key && older.version <= newer.version && older.names.every((name) => names.has(name))
    const found: QueuedItem[] = []
    for (const name of [undefined, ...names]) {
      const there = this.#byHandle.get(handleOf(newer.key, name))
      if (there instanceof Set) for (const older of there) if (useless(older)) found.push(older)
      if (there !== undefined && !(there instanceof Set) && useless(there)) found.push(there)
    }
    return found.sort((a, b) => (before(a, b) ? -1 : 1))
  }

  /** The first item, behind `after` if given, of at most so many bytes. What is longer is jumped over. */
  fitting(maxSizeBytes: number, after?: QueuedItem): QueuedItem | undefined {
    let item = this.#items.first((each) => after !== undefined && !before(after, each))
    while (item && item.part.sizeBytes > maxSizeBytes) {
      const { transmits } = item
      item = this.#items.first(
        (each) => each.transmits < transmits || (each.transmits === transmits && each.part.sizeBytes > maxSizeBytes),
      )
    }
    return item
  }

  /** The first item of more than so many bytes, of those that are not excluded. What is shorter is jumped over. */
  longer(sizeBytes: number, exclude: ReadonlySet<number>): QueuedItem | undefined {
    let item = this.#items.first(() => false)
    while (item) {
      const here: QueuedItem = item
      const isLonger = here.part.sizeBytes > sizeBytes
      if (isLonger && !exclude.has(here.id)) return here
      item = this.#items.first((each) => (isLonger ? !before(here, each) : each.transmits <= here.transmits))
    }
    return undefined
  }
}

/** Items of one handle may still be of different keys. */
const handleOf = (key: string, firstName: string | undefined): string =>
  firstName === undefined ? key : `${key}\n${firstName}`

/** Fewest transmissions first, then longest, then newest (membership spec 4.4). */
function before(a: QueuedItem, b: QueuedItem): boolean {
  if (a.transmits !== b.transmits) return a.transmits < b.transmits
  if (a.part.sizeBytes !== b.part.sizeBytes) return a.part.sizeBytes > b.part.sizeBytes
  return a.id > b.id
}
