import { compareText } from '@hearsay/encoding'
import type { InstanceDesc } from './instance-desc.ts'

/** Entries in one chunk: what a write copies. Measured for one changed entry of 1000: a copied Map 48 µs, a chunk 0.08 µs. */
const CHUNK_SIZE = 32

type Chunk = readonly (InstanceDesc | undefined)[]

/** Where each name lives. Never altered once made, and shared by every version of a ring with no new names. */
interface NameIndex {
  /** In byte order. */
  readonly names: readonly string[]
  readonly slots: ReadonlyMap<string, number>
}

/** An entry to set, or to take out where `undefined`. */
export type RingEdit = readonly [name: string, entry: InstanceDesc | undefined]

/**
 * A ring as the store holds it: entries by name, tombstones and contested tokens included (ring spec 1.1, 3).
 * Immutable; versions share what did not change. What no peer would accept into an empty slot (see
 * `InstanceDesc.isVoid`) is never in it.
 */
export class RingDesc {
  /** The ring with nothing in it. */
  static readonly empty = new RingDesc({ names: [], slots: new Map() }, [], 0, 0, Number.POSITIVE_INFINITY)

  /** Number of entries, tombstones included. */
  readonly size: number
  /** Number of tombstones. */
  readonly tombstoneCount: number
  /** No tombstone is dated before this, in Unix seconds; `Infinity` when there are none. */
  readonly oldestTombstone: number
  readonly #index: NameIndex
  readonly #chunks: readonly Chunk[]

  private constructor(index: NameIndex, chunks: readonly Chunk[], size: number, tombstones: number, oldest: number) {
    this.#index = index
    this.#chunks = chunks
    this.size = size
    this.tombstoneCount = tombstones
    this.oldestTombstone = tombstones === 0 ? Number.POSITIVE_INFINITY : oldest
  }

  /** A ring of these entries; of a repeated name the last one. */
  static of(entries: Iterable<readonly [string, InstanceDesc]>): RingDesc {
    return RingDesc.empty.with(entries)
  }

  /** The entry of a name, which may be a tombstone. */
  get(name: string): InstanceDesc | undefined {
    const slot = this.#index.slots.get(name)
    return slot === undefined ? undefined : this.#at(slot)
  }

  /** Every entry, in byte order of the names. */
  *entries(): IterableIterator<[string, InstanceDesc]> {
    for (let slot = 0; slot < this.#index.names.length; slot++) {
      const entry = this.#at(slot)
      if (entry !== undefined) yield [this.#index.names[slot]!, entry]
    }
  }

  /** The same as {@link entries}. */
  [Symbol.iterator](): IterableIterator<[string, InstanceDesc]> {
    return this.entries()
  }

  /** Every name, in byte order. */
  names(): string[] {
    return Array.from(this.entries(), ([name]) => name)
  }

  /** The ring with these changes, in order; the same object when they change nothing. */
  with(changes: Iterable<RingEdit>): RingDesc {
    const pending = new Map<string, InstanceDesc | undefined>()
    for (const [name, entry] of changes) pending.set(name, entry?.isVoid ? undefined : entry)
    for (const [name, entry] of pending)
      if (entry !== undefined && !this.#index.slots.has(name)) return this.#withNames(pending)
    return this.#withEntries(pending)
  }

  /** New names: a new index. Rare, since names come and go far less often than heartbeats. */
  #withNames(changes: ReadonlyMap<string, InstanceDesc | undefined>): RingDesc {
    const entries = [...this.entries()].filter(([name]) => !changes.has(name))
    for (const [name, entry] of changes) if (entry !== undefined) entries.push([name, entry])
    return RingDesc.#ofSorted(entries.sort(([a], [b]) => compareText(a, b)))
  }

  /** Known names: only the chunks they lie in are copied. */
  #withEntries(changes: ReadonlyMap<string, InstanceDesc | undefined>): RingDesc {
    const copies = new Map<number, (InstanceDesc | undefined)[]>()
    let { size, tombstoneCount, oldestTombstone } = this
    for (const [name, entry] of changes) {
      const slot = this.#index.slots.get(name)
      if (slot === undefined) continue
      const before = this.#at(slot)
      if (before === entry) continue
      if (before !== undefined) size--
      if (before?.isTombstone) tombstoneCount--
      if (entry !== undefined) size++
      if (entry?.isTombstone) {
        tombstoneCount++
        oldestTombstone = Math.min(oldestTombstone, Number(entry.timestamp))
      }
      const at = Math.floor(slot / CHUNK_SIZE)
      const copy = copies.get(at) ?? this.#chunks[at]!.slice()
      copy[slot % CHUNK_SIZE] = entry
      copies.set(at, copy)
    }
    if (copies.size === 0) return this
    const chunks = this.#chunks.slice()
    for (const [at, chunk] of copies) chunks[at] = chunk
    const ring = new RingDesc(this.#index, chunks, size, tombstoneCount, oldestTombstone)
    // Names of removed entries stay in the shared index, so a ring that shrank starts afresh.
    return size < this.#index.names.length / 2 ? RingDesc.#ofSorted([...ring.entries()]) : ring
  }

  static #ofSorted(entries: readonly (readonly [string, InstanceDesc])[]): RingDesc {
    if (entries.length === 0) return RingDesc.empty
    const slots = new Map<string, number>()
    const chunks: (InstanceDesc | undefined)[][] = []
    let tombstones = 0
    let oldest = Number.POSITIVE_INFINITY
    for (const [slot, [name, entry]] of entries.entries()) {
      slots.set(name, slot)
      if (slot % CHUNK_SIZE === 0) chunks.push([])
      chunks.at(-1)!.push(entry)
      if (!entry.isTombstone) continue
      tombstones++
      oldest = Math.min(oldest, Number(entry.timestamp))
    }
    return new RingDesc({ names: entries.map(([name]) => name), slots }, chunks, entries.length, tombstones, oldest)
  }

  #at(slot: number): InstanceDesc | undefined {
    return this.#chunks[Math.floor(slot / CHUNK_SIZE)]![slot % CHUNK_SIZE]
  }
}
