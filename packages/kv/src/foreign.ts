import type { UnixMs } from './contract.ts'
import type { KvPair } from './frames.ts'

/** What is kept of values nobody here can read, in all. */
export const MAX_FOREIGN_BYTES = 1024 * 1024

/** Counted for each kept pair besides its bytes, so that tiny pairs meet the bound, too. */
const PAIR_OVERHEAD_BYTES = 128

/** The last full-state pair of a key whose codec nobody declared: to look at, never to merge, relay or send. */
export interface ForeignPair {
  readonly key: string
  readonly codecId: string
  readonly value: Uint8Array
  readonly deleted: boolean
  readonly receivedAt: UnixMs
}

/**
 * Keeps the last full-state pair of each key with an undeclared codec, for display, within a bound; the longest
 * unheard of gives way. A broadcast is only a change, so it is never kept.
 */
export class ForeignPairs {
  readonly #maxBytes: number
  readonly #pairs = new Map<string, ForeignPair>()
  #bytes = 0

  constructor(maxBytes: number = MAX_FOREIGN_BYTES) {
    this.#maxBytes = maxBytes
  }

  /** Bytes kept, bookkeeping included. */
  get bytes(): number {
    return this.#bytes
  }

  /** Keeps a copy, in place of what was known of the key. A pair beyond the whole bound is not kept. */
  keep(pair: KvPair, receivedAt: UnixMs): void {
    this.forget(pair.key)
    const kept: ForeignPair = {
      key: pair.key,
      codecId: pair.codecId,
      value: pair.value.slice(),
      deleted: pair.deleted,
      receivedAt,
    }
    const size = sizeOf(kept)
    if (size > this.#maxBytes) return
    for (const oldest of this.#pairs.keys()) {
      if (this.#bytes + size <= this.#maxBytes) break
      this.forget(oldest)
    }
    this.#pairs.set(pair.key, kept)
    this.#bytes += size
  }

  /** Drops what is kept of a key. */
  forget(key: string): void {
    const pair = this.#pairs.get(key)
    if (pair === undefined) return
    this.#pairs.delete(key)
    this.#bytes -= sizeOf(pair)
  }

  /** Somebody declared the codec: its pairs are foreign no longer. Returns how many there were. */
  forgetCodec(codecId: string): number {
    const keys = [...this.#pairs.values()].filter((pair) => pair.codecId === codecId).map((pair) => pair.key)
    for (const key of keys) this.forget(key)
    return keys.length
  }

  /** Longest unheard of first. */
  values(): IterableIterator<ForeignPair> {
    return this.#pairs.values()
  }
}

const sizeOf = (pair: ForeignPair): number =>
  2 * (pair.key.length + pair.codecId.length) + pair.value.length + PAIR_OVERHEAD_BYTES
