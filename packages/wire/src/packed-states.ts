/** The entries of a push/pull that is to be sent, as the bytes that they will be. */
import { ByteReader } from '@hearsay/encoding'
import { entryRoom, putEntry, type Words, wordsOf } from './entry-form.ts'
import type { NodeState, NodeStates } from './message.ts'
import { nodeState } from './messages/stream-bodies.ts'

/** What an entry takes mostly. */
const ENTRY_BYTES = 128

/**
 * Writing the records of thousands of members at once takes less than making objects of them, which would have to wait
 * until they are written. Read, they are what will arrive: versions that are not known are zeros.
 */
export class PackedStates implements NodeStates {
  #words: Words
  #end = 0
  #length = 0

  /** About `count` entries will come. */
  constructor(count: number) {
    this.#words = wordsOf(new Uint8Array(count * ENTRY_BYTES))
  }

  /** Writes an entry behind the others; keeps nothing of it. */
  add(entry: NodeState): void {
    const needed = this.#end + entryRoom(entry)
    if (needed > this.#words.bytes.length) this.#grow(needed)
    this.#end = putEntry(this.#words, this.#end, entry)
    this.#length++
  }

  get length(): number {
    return this.#length
  }

  /** One entry behind the other. Read only. */
  get bytes(): Uint8Array {
    return this.#words.bytes.subarray(0, this.#end)
  }

  /** Byte fields are lent. */
  *[Symbol.iterator](): Generator<NodeState, void> {
    const reader = new ByteReader(this.bytes)
    while (reader.remaining > 0) yield nodeState.read(reader)
  }

  #grow(neededBytes: number): void {
    const { bytes } = this.#words
    const larger = new Uint8Array(Math.max(neededBytes, 2 * bytes.length))
    larger.set(bytes)
    this.#words = wordsOf(larger)
  }
}
