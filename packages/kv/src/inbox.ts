import type { KvPair } from './frames.ts'
import type { PairChannel } from './input.ts'

/** Broadcasts of one key that may wait (kv spec 1.3, `processed-messages-queue-size`). */
export const DEFAULT_INBOX_PAIRS_PER_KEY = 1024

/** Bytes of pairs that may wait, over all keys. Four states of the largest size that is received. */
export const MAX_INBOX_BYTES = 256 * 1024 * 1024

/** Counted for each waiting pair besides its value, so that tiny pairs meet the bound, too. */
const PAIR_OVERHEAD_BYTES = 64

/** A pair that waits to be merged. */
export interface QueuedPair {
  readonly pair: KvPair
  readonly channel: PairChannel
  /** The member whose own word it is, where that is certain. */
  readonly member: string | undefined
}

/**
 * Pairs that wait to be merged. Those of one key stay in order; keys take turns, so that a busy one does not hold up
 * the others. A queue exists only while something is in it.
 */
export class Inbox {
  readonly #maxPairsPerKey: number
  readonly #maxBytes: number
  readonly #queues = new Map<string, QueuedPair[]>()
  #size = 0
  #bytes = 0

  constructor(maxPairsPerKey: number = DEFAULT_INBOX_PAIRS_PER_KEY, maxBytes: number = MAX_INBOX_BYTES) {
    this.#maxPairsPerKey = maxPairsPerKey
    this.#maxBytes = maxBytes
  }

  /** Pairs that wait. */
  get size(): number {
    return this.#size
  }

  /** Their bytes, bookkeeping included. */
  get bytes(): number {
    return this.#bytes
  }

  /**
   * Queues a pair, which is kept as it is: the bytes must be the caller's to give. False: there is no room. A full
   * state has a key once, so only the bound in bytes is its concern.
   */
  offer(item: QueuedPair): boolean {
    const bytes = sizeOf(item)
    if (this.#bytes + bytes > this.#maxBytes) return false
    const queue = this.#queues.get(item.pair.key)
    if (queue === undefined) this.#queues.set(item.pair.key, [item])
    else if (item.channel === 'broadcast' && queue.length >= this.#maxPairsPerKey) return false
    else queue.push(item)
    this.#size++
    this.#bytes += bytes
    return true
  }

  /** The next pair, of the key whose turn it is. */
  take(): QueuedPair | undefined {
    for (const [key, queue] of this.#queues) {
      this.#queues.delete(key)
      const item = queue.shift()!
      if (queue.length > 0) this.#queues.set(key, queue)
      this.#size--
      this.#bytes -= sizeOf(item)
      return item
    }
    return undefined
  }

  /** Forgets everything. */
  clear(): void {
    this.#queues.clear()
    this.#size = 0
    this.#bytes = 0
  }
}

const sizeOf = ({ pair }: QueuedPair): number => pair.value.length + 2 * pair.key.length + PAIR_OVERHEAD_BYTES
