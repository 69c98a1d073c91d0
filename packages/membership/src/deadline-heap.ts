/** Things that are due at some time, soonest first. Whatever is asked of it takes O(log n). */

/** One thing in a heap. */
export interface Due<Item> {
  readonly item: Item
  /** Monotonic milliseconds. */
  readonly at: number
}

/** What can stand in a heap by itself. Changed by the heap only, as long as it is in one. */
export interface Timed {
  /** Monotonic milliseconds. */
  at: number
  /** Given when it enters a heap. */
  order: number
  /** Where it is in the heap; -1 when it is in none. */
  position: number
}

/** A binary heap whose entries know where they are. Equal times leave in the order in which they came. */
export class TimedHeap<Entry extends Timed> {
  readonly #entries: Entry[] = []
  #nextOrder = 0

  get size(): number {
    return this.#entries.length
  }

  /** When the first is due; Infinity when there is none. */
  get nextAt(): number {
    return this.#entries.length === 0 ? Number.POSITIVE_INFINITY : this.#entries[0]!.at
  }

  get first(): Entry | undefined {
    return this.#entries[0]
  }

  /** The entry must be in no heap. */
  add(entry: Entry): void {
    entry.order = this.#nextOrder++
    entry.position = this.#entries.length
    this.#entries.push(entry)
    this.#up(entry)
  }

  /** Nothing where the entry is in the heap no more. */
  move(entry: Entry, at: number): void {
    if (entry.position < 0 || entry.at === at) return
    entry.at = at
    this.#up(entry)
    this.#down(entry)
  }

  remove(entry: Entry): void {
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
  shift(): Entry | undefined {
    const entry = this.#entries[0]
    if (entry) this.remove(entry)
    return entry
  }

  clear(): void {
    for (const entry of this.#entries) entry.position = -1
    this.#entries.length = 0
  }

  #up(entry: Entry): void {
    const entries = this.#entries
    let { position } = entry
    while (position > 0) {
      const parent = entries[(position - 1) >>> 1]!
      if (!before(entry, parent)) break
      const parentAt = parent.position
      this.#put(parent, position)
      position = parentAt
    }
    if (position !== entry.position) this.#put(entry, position)
  }

  #down(entry: Entry): void {
    const entries = this.#entries
    let { position } = entry
    for (;;) {
      let childAt = 2 * position + 1
      if (childAt >= entries.length) break
      if (childAt + 1 < entries.length && before(entries[childAt + 1]!, entries[childAt]!)) childAt++
      const child = entries[childAt]!
      if (!before(child, entry)) break
      this.#put(child, position)
      position = childAt
    }
    if (position !== entry.position) this.#put(entry, position)
  }

  #put(entry: Entry, position: number): void {
    this.#entries[position] = entry
    entry.position = position
  }
}

const before = (a: Timed, b: Timed): boolean => a.at < b.at || (a.at === b.at && a.order < b.order)

interface Ticket<Item> extends Due<Item>, Timed {
  at: number
}

/** A {@link TimedHeap} of anything. */
export class DeadlineHeap<Item> {
  readonly #tickets = new TimedHeap<Ticket<Item>>()

  get size(): number {
    return this.#tickets.size
  }

  /** When the first is due; Infinity when there is none. */
  get nextAt(): number {
    return this.#tickets.nextAt
  }

  get first(): Item | undefined {
    return this.#tickets.first?.item
  }

  /** The ticket is for `move` and `remove`. */
  add(at: number, item: Item): Due<Item> {
    const ticket: Ticket<Item> = { item, at, order: 0, position: -1 }
    this.#tickets.add(ticket)
    return ticket
  }

  move(ticket: Due<Item>, at: number): void {
    this.#tickets.move(ticket as Ticket<Item>, at)
  }

  remove(ticket: Due<Item>): void {
    this.#tickets.remove(ticket as Ticket<Item>)
  }

  /** Takes the first out. */
  shift(): Item | undefined {
    return this.#tickets.shift()?.item
  }

  clear(): void {
    this.#tickets.clear()
  }
}
