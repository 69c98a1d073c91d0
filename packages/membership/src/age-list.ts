/** Queued items of equal size that were transmitted equally often, by age, linked through themselves. */

/** What an item needs to stand in a list. The links are the list's: nobody else changes them. */
export interface Aged<Item> {
  readonly id: number
  /** The next newer one; `undefined` for the newest, and while the item is in no list. */
  newer: Item | undefined
  older: Item | undefined
}

/** Steps from a place that was remembered in which one looks for the next. */
const NEAR = 4

/**
 * Items by age. They are sent newest first, and come back into the next tier in that order: at one of the two ends, or,
 * while newer ones keep arriving, where the last one came back. Two such places are remembered, so that none has to be
 * looked for.
 */
export class AgeList<Item extends Aged<Item>> {
  newest: Item | undefined
  oldest: Item | undefined
  /** Where the last one was put that came between others; and the place before that. */
  #place: Item | undefined
  #formerPlace: Item | undefined

  /** The item must be in no list; none of the same id may be in this one. */
  insert(item: Item): void {
    const { newest, oldest } = this
    if (newest === undefined) this.newest = this.oldest = item
    else if (newest.id < item.id) {
      item.older = newest
      newest.newer = item
      this.newest = item
    } else if (item.id < oldest!.id) {
      item.newer = oldest
      oldest!.older = item
      this.oldest = item
    } else {
      const older = this.#below(item.id)
      item.older = older
      item.newer = older.newer
      older.newer!.older = item
      older.newer = item
      this.#place = item
    }
  }

  /** The item must be in this list. */
  remove(item: Item): void {
    const { newer, older } = item
    if (newer === undefined) this.newest = older
    else newer.older = older
    if (older === undefined) this.oldest = newer
    else older.newer = newer
    item.newer = item.older = undefined
    if (item === this.#place) this.#place = newer ?? older
    if (item === this.#formerPlace) this.#formerPlace = newer ?? older
  }

  *newestFirst(): Generator<Item, void> {
    for (let at = this.newest; at !== undefined; at = at.older) yield at
  }

  /** The newest of those that are older than `id`; there is one, and a newer one. */
  #below(id: number): Item {
    const place = this.#place
    const near = place && search(place, id, NEAR)
    if (near) return near
    const former = this.#formerPlace
    this.#formerPlace = place
    const nearFormer = former && search(former, id, NEAR)
    if (nearFormer) return nearFormer
    const { newest } = this
    const start = place && Math.abs(place.id - id) < newest!.id - id ? place : newest!
    return search(start, id, Number.POSITIVE_INFINITY)!
  }
}

/** The newest of those that are older than `id`, looked for so many steps from one of them: `undefined` if it is farther. */
function search<Item extends Aged<Item>>(from: Item, id: number, steps: number): Item | undefined {
  let at = from
  for (let left = steps; left > 0; left--) {
    if (at.id > id) {
      at = at.older!
      if (at.id < id) return at
    } else {
      const next = at.newer!
      if (next.id > id) return at
      at = next
    }
  }
  return undefined
}
