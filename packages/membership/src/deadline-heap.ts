/** Things that are due at some time, soonest first. Whatever is asked of it takes O(log n). */

/** One thing in a heap. */
export interface Due<Item> {
  readonly item: Item
  /** Monotonic milliseconds. */
  readonly at: number
}

interface Entry<Item> extends Due<Item> {
  at: number
  readonly order: number
  /** Where it is in the heap; -1 once it has left. */
  position: number
}

/** A binary heap whose entries know where they are. Equal times leave in the order in which they came. */
export class DeadlineHeap<Item> {
  readonly #entries: Entry<Item>[] = []
  #nextOrder = 0

  get size(): number {
    return this.#entries.length
  }

  /** When the first is due; Infinity when there is none. */
  get nextAt(): number {
    return this.#entries[0]?.at ?? Number.POSITIVE_INFINITY
  }

  get first(): Item | undefined {
    return this.#entries[0]?.item
  }

  /** The ticket is for `move` and `remove`. */
  add(at: number, item: Item): Due<Item> {
    const entry: Entry<Item> = { item, at, order: this.#nextOrder++, position: this.#entries.length }
    this.#entries.push(entry)
    this.#up(entry)
    return entry
  }

  move(ticket: Due<Item>, at: number): void {
    const entry = ticket as Entry<Item>
    if (entry.position < 0) return
    entry.at = at
    this.#up(entry)
    this.#down(entry)
  }

  remove(ticket: Due<Item>): void {
    const entry = ticket as Entry<Item>
    if (entry.position < 0) return
    const last = this.#entries.pop()!
    if (last !== entry) {
      this.#put(last, entry.position)
      this.#up(last)
      this.#down(last)
    }
    entry.position = -1
  }

  /** Takes the first out. */
  shift(): Item | undefined {
    const entry = this.#entries[0]
    if (entry) this.remove(entry)
    return entry?.item
  }

  clear(): void {
    for (const entry of this.#entries) entry.position = -1
    this.#entries.length = 0
  }

  #up(entry: Entry<Item>): void {
    while (entry.position > 0) {
      const parentAt = (entry.position - 1) >>> 1
      const parent = this.#entries[parentAt]!
      if (!before(entry, parent)) return
      this.#put(parent, entry.position)
      this.#put(entry, parentAt)
    }
  }

  #down(entry: Entry<Item>): void {
    for (;;) {
      const left = 2 * entry.position + 1
      const right = this.#entries[left + 1]
      let child = this.#entries[left]
      if (!child) return
      if (right && before(right, child)) child = right
      if (!before(child, entry)) return
      const at = child.position
      this.#put(child, entry.position)
      this.#put(entry, at)
    }
  }

  #put(entry: Entry<Item>, position: number): void {
    this.#entries[position] = entry
    entry.position = position
  }
}

const before = <Item>(a: Entry<Item>, b: Entry<Item>): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)
