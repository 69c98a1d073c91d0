/** What is to happen, by time and then by order of asking. */

/** Something that happens at its time. Objects that are used again cost less than a function for each event. */
export interface Task {
  fire(): void
}

const CHILDREN = 4
const INITIAL_SLOTS = 1024

/**
 * A heap of numbers beside a table of tasks: nothing is allocated for an event. Calling one off leaves its number behind,
 * which is thrown away when it comes up.
 */
export class EventHeap {
  #size = 0
  #live = 0
  #asked = 0
  /** The heap: time, order of asking, and the slot of the task. */
  #at = new Float64Array(INITIAL_SLOTS)
  #order = new Float64Array(INITIAL_SLOTS)
  #slot = new Int32Array(INITIAL_SLOTS)
  /** By slot. */
  #orderOf = new Float64Array(INITIAL_SLOTS)
  readonly #tasks: (Task | (() => void) | undefined)[] = []
  #free = new Int32Array(INITIAL_SLOTS)
  #freeCount = 0

  /** Events that were not called off. */
  get size(): number {
    return this.#live
  }

  /** When the next event is due; `Infinity` when there is none. */
  get nextAt(): number {
    while (this.#size > 0) {
      const slot = this.#slot[0]!
      if (this.#tasks[slot] !== undefined) return this.#at[0]!
      this.#removeFirst()
      this.#free[this.#freeCount++] = slot
    }
    return Number.POSITIVE_INFINITY
  }

  /** The slot of the last `push`. */
  lastSlot = 0
  /** The order number of the last `push`: with the slot it names the event. */
  lastOrder = 0

  push(at: number, task: Task | (() => void)): void {
    if (this.#size === this.#at.length) this.#grow()
    const slot = this.#freeCount > 0 ? this.#free[--this.#freeCount]! : this.#tasks.length
    const order = ++this.#asked
    this.#tasks[slot] = task
    this.#orderOf[slot] = order
    this.lastSlot = slot
    this.lastOrder = order
    this.#live++
    this.#siftUp(this.#size++, at, order, slot)
  }

  /** Calls an event off; does nothing when it has happened. */
  cancel(slot: number, order: number): void {
    if (this.#orderOf[slot] !== order || this.#tasks[slot] === undefined) return
    this.#tasks[slot] = undefined
    this.#live--
  }

  /** Takes the next event out; there must be one, see {@link nextAt}. */
  pop(): Task | (() => void) {
    const slot = this.#slot[0]!
    const task = this.#tasks[slot]!
    this.#tasks[slot] = undefined
    this.#free[this.#freeCount++] = slot
    this.#live--
    this.#removeFirst()
    return task
  }

  #siftUp(start: number, at: number, order: number, slot: number): void {
    let place = start
    while (place > 0) {
      const parent = (place - 1) >> 2
      const parentAt = this.#at[parent]!
      if (parentAt < at || (parentAt === at && this.#order[parent]! < order)) break
      this.#at[place] = parentAt
      this.#order[place] = this.#order[parent]!
      this.#slot[place] = this.#slot[parent]!
      place = parent
    }
    this.#at[place] = at
    this.#order[place] = order
    this.#slot[place] = slot
  }

  #removeFirst(): void {
    const last = --this.#size
    if (last === 0) return
    const heapAt = this.#at
    const heapOrder = this.#order
    const heapSlot = this.#slot
    const at = heapAt[last]!
    const order = heapOrder[last]!
    let place = 0
    for (;;) {
      const first = place * CHILDREN + 1
      if (first >= last) break
      let best = first
      let bestAt = heapAt[first]!
      const end = Math.min(first + CHILDREN, last)
      for (let child = first + 1; child < end; child++) {
        const childAt = heapAt[child]!
        if (childAt > bestAt || (childAt === bestAt && heapOrder[child]! > heapOrder[best]!)) continue
        best = child
        bestAt = childAt
      }
      if (bestAt > at || (bestAt === at && heapOrder[best]! > order)) break
      heapAt[place] = bestAt
      heapOrder[place] = heapOrder[best]!
      heapSlot[place] = heapSlot[best]!
      place = best
    }
    heapAt[place] = at
    heapOrder[place] = order
    heapSlot[place] = heapSlot[last]!
  }

  #grow(): void {
    const size = this.#at.length * 2
    this.#at = copied(this.#at, new Float64Array(size))
    this.#order = copied(this.#order, new Float64Array(size))
    this.#slot = copied(this.#slot, new Int32Array(size))
    this.#orderOf = copied(this.#orderOf, new Float64Array(size))
    this.#free = copied(this.#free, new Int32Array(size))
  }
}

function copied<T extends Float64Array | Int32Array>(from: T, to: T): T {
  to.set(from)
  return to
}
