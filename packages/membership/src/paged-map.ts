/** Something about some of many, by small integers. */

/** Keys that share a page, as a power of two. */
const PAGE_SHIFT = 5
const PAGE_KEYS = 1 << PAGE_SHIFT
const PAGE_MASK = PAGE_KEYS - 1

/**
 * A map whose keys are whole numbers from 0 on that lie close together, such as indices of records: pages do then what a
 * hash would. Nothing is computed, nothing grows by deleting and setting again, and where nothing is there is no page.
 */
export class PagedMap<Value extends object> {
  readonly #pages: ((Value | undefined)[] | undefined)[] = []
  /** Values on each page. */
  readonly #counts: number[] = []
  #size = 0

  get size(): number {
    return this.#size
  }

  get(key: number): Value | undefined {
    const page = this.#pages[key >>> PAGE_SHIFT]
    return page === undefined ? undefined : page[key & PAGE_MASK]
  }

  set(key: number, value: Value): void {
    const number = key >>> PAGE_SHIFT
    const page = this.#pages[number] ?? this.#newPage(number)
    const at = key & PAGE_MASK
    if (page[at] === undefined) {
      this.#counts[number]!++
      this.#size++
    }
    page[at] = value
  }

  /** Deletes; gives what was there. */
  take(key: number): Value | undefined {
    const number = key >>> PAGE_SHIFT
    const page = this.#pages[number]
    if (page === undefined) return undefined
    const value = page[key & PAGE_MASK]
    if (value === undefined) return undefined
    page[key & PAGE_MASK] = undefined
    this.#size--
    if (--this.#counts[number]! === 0) this.#pages[number] = undefined
    return value
  }

  clear(): void {
    this.#pages.length = this.#counts.length = 0
    this.#size = 0
  }

  #newPage(number: number): (Value | undefined)[] {
    while (this.#pages.length <= number) {
      this.#pages.push(undefined)
      this.#counts.push(0)
    }
    const page = new Array<Value | undefined>(PAGE_KEYS).fill(undefined)
    this.#pages[number] = page
    return page
  }
}
