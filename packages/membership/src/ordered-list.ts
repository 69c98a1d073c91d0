/** Items a chunk holds before it is halved: few enough to be moved at no cost worth mentioning. */
const CHUNK_ITEMS = 128

/**
 * A list that is always in order. Kept as a list of short lists, so that an insertion or a removal moves some hundred
 * items at most instead of all that follow, and whatever is looked for is found by halving.
 */
export class OrderedList<Item> {
  readonly #before: (a: Item, b: Item) => boolean
  readonly #chunkItems: number
  /** None is empty, and two neighbours hold more than half a chunk together. */
  readonly #chunks: Item[][] = []
  #size = 0

  /** `before` must be a strict total order that does not change for items in the list. `chunkItems`: at least 2. */
  constructor(before: (a: Item, b: Item) => boolean, chunkItems = CHUNK_ITEMS) {
    this.#before = before
    this.#chunkItems = chunkItems
  }

  get size(): number {
    return this.#size
  }

  get last(): Item | undefined {
    return this.#chunks.at(-1)?.at(-1)
  }

  /** The first item that does not precede what is looked for. `precedes` must hold for a beginning of the list. */
  first(precedes: (item: Item) => boolean): Item | undefined {
    const chunk = this.#chunks[this.#chunkFor(precedes)]
    return chunk?.[partition(chunk, precedes)]
  }

  insert(item: Item): void {
    const precedes = (each: Item): boolean => this.#before(each, item)
    const at = Math.min(this.#chunkFor(precedes), Math.max(0, this.#chunks.length - 1))
    const chunk = this.#chunks[at]
    this.#size++
    if (!chunk) {
      this.#chunks.push([item])
      return
    }
    chunk.splice(partition(chunk, precedes), 0, item)
    if (chunk.length > this.#chunkItems) this.#chunks.splice(at + 1, 0, chunk.splice(chunk.length >>> 1))
  }

  /** False if it is not in the list. */
  delete(item: Item): boolean {
    const precedes = (each: Item): boolean => this.#before(each, item)
    const at = this.#chunkFor(precedes)
    const chunk = this.#chunks[at]
    const index = chunk ? partition(chunk, precedes) : 0
    if (!chunk || chunk[index] !== item) return false
    chunk.splice(index, 1)
    this.#size--
    if (chunk.length === 0) this.#chunks.splice(at, 1)
    else if (!this.#join(at)) this.#join(at - 1)
    return true
  }

  *[Symbol.iterator](): Generator<Item, void> {
    for (const chunk of this.#chunks) yield* chunk
  }

  /** Makes one of a chunk and the next, if both are small. */
  #join(at: number): boolean {
    const chunk = this.#chunks[at]
    const next = this.#chunks[at + 1]
    if (!chunk || !next || chunk.length + next.length > this.#chunkItems >>> 1) return false
    chunk.push(...next)
    this.#chunks.splice(at + 1, 1)
    return true
  }

  /** The chunk that holds the first item which does not precede; one too many if all do. */
  #chunkFor(precedes: (item: Item) => boolean): number {
    return partition(this.#chunks, (chunk) => precedes(chunk[chunk.length - 1]!))
  }
}

/** How many items, from the beginning, fulfil a condition that holds for a beginning. */
function partition<Item>(items: readonly Item[], holds: (item: Item) => boolean): number {
  let low = 0
  let high = items.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(items[middle]!)) low = middle + 1
    else high = middle
  }
  return low
}
