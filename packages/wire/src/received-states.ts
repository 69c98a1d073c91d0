/** The entries of a push/pull as they came: kept as bytes, made into records whenever somebody goes through them. */
import type { ByteReader } from '@hearsay/encoding'
import { entryAt, entryEnd, isOfKind, wordsOf } from './entry-form.ts'
import { MAX_NODE_STATE_BYTES } from './limits.ts'
import type { KnownNames, NodeState, NodeStates, Versions } from './message.ts'

/** Where the order is another one, a place to go on from is looked for only now and then. */
const MISSES_PER_SEARCH = 16

/**
 * Records of thousands of members that all live until the last is merged are what a garbage collector is slowest with;
 * of these each can be gone before the next one is made.
 */
export class ReceivedStates implements NodeStates {
  #bytes: Uint8Array = new Uint8Array(0)
  /** Where an entry begins; or the entry itself, when it came in a form of its own. */
  readonly #entries: (number | NodeState)[] = []
  readonly #kinds: (number | NodeState)[] = []
  /** Where the last entry of {@link #kinds} ends that began a kind. */
  #kindEnd = 0

  get length(): number {
    return this.#entries.length
  }

  /** Reads entries from the reader's position until there are `count`, or one comes that is unfinished or in another form. */
  read(reader: ByteReader, count: number): void {
    const { bytes, end } = reader
    const entries = this.#entries
    // What came before stands at the same place in the larger array.
    this.#bytes = bytes
    const words = wordsOf(bytes)
    while (entries.length < count) {
      const { offset } = reader
      const past = entryEnd(words, offset, Math.min(end, offset + MAX_NODE_STATE_BYTES))
      if (past < 0) return
      entries.push(offset)
      if (this.#kindEnd === 0 || !isOfKind(bytes, past, this.#kindEnd)) {
        this.#kinds.push(offset)
        this.#kindEnd = past
      }
      reader.offset = past
    }
  }

  /** Takes an entry that was read elsewhere. */
  add(entry: NodeState): void {
    this.#entries.push(entry)
    this.#kinds.push(entry)
  }

  get kinds(): Iterable<NodeState> {
    return this.#made(this.#kinds)
  }

  /** The entries, in order. Byte fields are lent. */
  [Symbol.iterator](): Generator<NodeState, void> {
    return this.#made(this.#entries)
  }

  visit(known: KnownNames, visitor: (node: NodeState) => void): void {
    let versions: Versions | null = null
    let next = 0
    let misses = 0
    for (const entry of this.#entries) {
      const guess = known.name(next)
      const node: NodeState = typeof entry === 'number' ? entryAt(this.#bytes, entry, versions, guess) : entry
      versions = node.versions
      if (node.name === guess) {
        next++
        misses = 0
      } else if (misses % MISSES_PER_SEARCH > 0) misses++
      else {
        const index = known.find(node.name)
        // A stranger in between tells nothing of the order.
        if (index >= 0) {
          next = index + 1
          misses++
        }
      }
      visitor(node)
    }
  }

  *#made(entries: readonly (number | NodeState)[]): Generator<NodeState, void> {
    let versions: Versions | null = null
    for (const entry of entries) {
      const node: NodeState = typeof entry === 'number' ? entryAt(this.#bytes, entry, versions) : entry
      versions = node.versions
      yield node
    }
  }
}
