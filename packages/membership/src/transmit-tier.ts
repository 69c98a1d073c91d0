/** Queued items that were transmitted equally often: longest first, then newest. */
import { type Aged, AgeList } from './age-list.ts'
import { OrderedList } from './ordered-list.ts'
import { PagedMap } from './paged-map.ts'

/** What is needed of an item to put it in its place. It keeps its size as long as it is in a tier. */
export interface Sized<Item> extends Aged<Item> {
  readonly sizeBytes: number
  /** Where it is: set by tiers only. */
  tier: object | undefined
}

/** Sizes below have a list each; there are few above. A packet over UDP holds no larger part. */
const SMALL_BYTES = 2048
const WORD_BITS = 32

/** One tier of a queue. Whatever is asked of it takes a constant time, unless items are longer than a packet. */
export class TransmitTier<Item extends Sized<Item>> {
  /** Which small sizes are there, a bit each: the longest that fits is found by looking at 64 words at most. */
  readonly #sizes = new Uint32Array(SMALL_BYTES / WORD_BITS)
  /** By size. Empty ones stay: their size comes again. */
  readonly #small = new PagedMap<AgeList<Item>>()
  #large: OrderedList<Item> | undefined
  #count = 0

  get size(): number {
    return this.#count
  }

  /** The item must be in no tier. */
  insert(item: Item): void {
    const { sizeBytes } = item
    this.#count++
    item.tier = this
    if (sizeBytes >= SMALL_BYTES) {
      this.#large ??= new OrderedList(before)
      return this.#large.insert(item)
    }
    let list = this.#small.get(sizeBytes)
    if (list === undefined) {
      list = new AgeList()
      this.#small.set(sizeBytes, list)
    }
    list.insert(item)
    this.#sizes[sizeBytes >>> 5]! |= 1 << (sizeBytes & 31)
  }

  /** False if it is not here. */
  remove(item: Item): boolean {
    if (item.tier !== this) return false
    const { sizeBytes } = item
    item.tier = undefined
    this.#count--
    if (sizeBytes >= SMALL_BYTES) return this.#large!.delete(item)
    const list = this.#small.get(sizeBytes)!
    list.remove(item)
    if (list.newest === undefined) this.#sizes[sizeBytes >>> 5]! &= ~(1 << (sizeBytes & 31))
    return true
  }

  /** The first item of at most so many bytes. */
  fitting(maxSizeBytes: number): Item | undefined {
    if (this.#count === 0) return undefined
    if (maxSizeBytes >= SMALL_BYTES) {
      const large = this.#large?.first((item) => item.sizeBytes > maxSizeBytes)
      if (large) return large
    }
    const sizeBytes = this.#longest(Math.min(maxSizeBytes, SMALL_BYTES - 1))
    return sizeBytes < 0 ? undefined : this.#small.get(sizeBytes)!.newest
  }

  /** Items of more than so many bytes, in order. Nothing may be changed meanwhile. */
  *longer(sizeBytes: number): Generator<Item, void> {
    for (const item of this.#large ?? []) {
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
    return this.#large?.last
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

const before = <Item extends Sized<Item>>(a: Item, b: Item): boolean =>
  a.sizeBytes !== b.sizeBytes ? a.sizeBytes > b.sizeBytes : a.id > b.id
