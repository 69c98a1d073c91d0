/** A binary heap: the item that `isBefore` all others is at its head. */
export class PriorityQueue<T> {
  readonly #isBefore: (a: T, b: T) => boolean
  readonly #items: T[] = []

  /** `isBefore` must be a strict total order, or the order of equals is anybody's guess. */
  constructor(isBefore: (a: T, b: T) => boolean) {
    this.#isBefore = isBefore
  }

  /** The first item; `undefined` when there is none. */
  get head(): T | undefined {
    return this.#items[0]
  }

  /** Adds an item. */
  push(item: T): void {
    const items = this.#items
    let at = items.length
    items.push(item)
    while (at > 0) {
      const parent = (at - 1) >>> 1
      if (!this.#isBefore(item, items[parent]!)) break
      items[at] = items[parent]!
      at = parent
    }
    items[at] = item
  }

  /** Takes the first item out. */
  pop(): T | undefined {
    const head = this.#items[0]
    const last = this.#items.pop()
    if (this.#items.length > 0) {
      this.#items[0] = last!
      this.sinkHead()
    }
    return head
  }

  /** Restores the order after the head was altered so that it belongs further back. */
  sinkHead(): void {
    const items = this.#items
    const item = items[0]!
    let at = 0
    for (;;) {
      let child = 2 * at + 1
      if (child >= items.length) break
      if (child + 1 < items.length && this.#isBefore(items[child + 1]!, items[child]!)) child++
      if (!this.#isBefore(items[child]!, item)) break
      items[at] = items[child]!
      at = child
    }
    items[at] = item
  }
}
