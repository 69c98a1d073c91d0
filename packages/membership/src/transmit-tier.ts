/** Queued items that were transmitted equally often: longest first, then newest. */
import { OrderedList } from './ordered-list.ts'

/** What is needed of an item to put it in its place. */
export interface Sized {
  readonly id: number
  readonly sizeBytes: number
}

/** Sizes below have a list each; there are few above. A packet over UDP holds no larger part. */
const SMALL_BYTES = 2048
const WORD_BITS = 32

/** One tier of a queue. Whatever is asked of it takes a constant time, unless items are longer than a packet. */
export class TransmitTier<Item extends Sized> {
  /** Which small sizes are there, a bit each: the longest that fits is found by looking at 64 words at most. */
  readonly #sizes = new Uint32Array(SMALL_BYTES / WORD_BITS)
  readonly #small = new Map<number, AgeList<Item>>()
  readonly #large = new OrderedList<Item>(before)
  #count = 0

  get size(): number {
    return this.#count
  }

  insert(item: Item): void {
    this.#count++
    const { sizeBytes } = item
    if (sizeBytes >= SMALL_BYTES) return this.#large.insert(item)
    const list = this.#small.get(sizeBytes)
    if (list) return list.insert(item)
    this.#small.set(sizeBytes, new AgeList(item))
    this.#sizes[sizeBytes >>> 5]! |= 1 << (sizeBytes & 31)
  }

  /** False if it is not here. */
  remove(item: Item): boolean {
    const { sizeBytes } = item
    if (sizeBytes >= SMALL_BYTES) {
      if (!this.#large.delete(item)) return false
    } else {
      const list = this.#small.get(sizeBytes)
      if (!list?.remove(item)) return false
      if (list.size === 0) {
        this.#small.delete(sizeBytes)
        this.#sizes[sizeBytes >>> 5]! &= ~(1 << (sizeBytes & 31))
      }
    }
    this.#count--
    return true
  }

  /** The first item of at most so many bytes. */
  fitting(maxSizeBytes: number): Item | undefined {
    if (maxSizeBytes >= SMALL_BYTES) {
      const large = this.#large.first((item) => item.sizeBytes > maxSizeBytes)
      if (large) return large
    }
    const sizeBytes = this.#longest(Math.min(maxSizeBytes, SMALL_BYTES - 1))
    return sizeBytes < 0 ? undefined : this.#small.get(sizeBytes)!.newest
  }

  /** Items of more than so many bytes, in order. Nothing may be changed meanwhile. */
  *longer(sizeBytes: number): Generator<Item, void> {
    for (const item of this.#large) {
      if (item.sizeBytes <= sizeBytes) return
      yield item
    }
    for (let at = this.#longest(SMALL_BYTES - 1); at > sizeBytes; at = this.#longest(at - 1))
      yield* this.#small.get(at)!.newestFirst()
  }

  /** The one to be sent last: the shortest, and of these the oldest. */
  get last(): Item | undefined {
    for (let word = 0; word < this.#sizes.length; word++) {
      const bits = this.#sizes[word]!
      if (bits !== 0) return this.#small.get(word * WORD_BITS + 31 - Math.clz32(bits & -bits))!.oldest
    }
    return this.#large.last
  }

  *[Symbol.iterator](): Generator<Item, void> {
    yield* this.longer(-1)
  }

  /** The largest small size at or below `at`; -1. */
  #longest(at: number): number {
    if (at < 0) return -1
    let word = at >>> 5
    // Of the first word only the bits up to `at` count.
    let bits = (this.#sizes[word]! & (0xffffffff >>> (31 - (at & 31)))) >>> 0
    while (bits === 0) {
      if (--word < 0) return -1
      bits = this.#sizes[word]!
    }
    return word * WORD_BITS + 31 - Math.clz32(bits)
  }
}

const before = (a: Sized, b: Sized): boolean => (a.sizeBytes !== b.sizeBytes ? a.sizeBytes > b.sizeBytes : a.id > b.id)

/**
 * Items by age. They are sent newest first, and come back into the next tier in that order: at one of the two ends, so
 * that both ends grow and shrink at no cost.
 */
class AgeList<Item extends Sized> {
  /** Oldest first, from `#start` on; before it there is room. */
  #items: (Item | undefined)[]
  #start = 0

  constructor(first: Item) {
    this.#items = [first]
  }

  get size(): number {
    return this.#items.length - this.#start
  }

  get newest(): Item | undefined {
    return this.#items[this.#items.length - 1]
  }

  get oldest(): Item | undefined {
    return this.#items[this.#start]
  }

  insert(item: Item): void {
    const at = this.#find(item.id)
    if (at === this.#items.length) this.#items.push(item)
    else if (at > this.#start) this.#items.splice(at, 0, item)
    else {
      if (this.#start === 0) this.#makeRoom()
      this.#items[--this.#start] = item
    }
  }

  remove(item: Item): boolean {
    const at = this.#find(item.id)
    if (this.#items[at] !== item) return false
    if (at === this.#items.length - 1) this.#items.pop()
    else if (at === this.#start) this.#items[this.#start++] = undefined
    else this.#items.splice(at, 1)
    return true
  }

  *newestFirst(): Generator<Item, void> {
    for (let at = this.#items.length - 1; at >= this.#start; at--) yield this.#items[at]!
  }

  /** Where the first item stands that is not older. */
  #find(id: number): number {
    let low = this.#start
    let high = this.#items.length
    if (low < high && this.#items[high - 1]!.id < id) return high
    if (low < high && this.#items[low]!.id >= id) return low
    while (low < high) {
      const middle = (low + high) >>> 1
      if (this.#items[middle]!.id < id) low = middle + 1
      else high = middle
    }
    return low
  }

  /** As much room in front as there are items, so that it costs nothing in the long run. */
  #makeRoom(): void {
    const room = this.#items.length + 1
    this.#items = [...new Array<undefined>(room), ...this.#items]
    this.#start = room
  }
}
