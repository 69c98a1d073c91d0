/** Finds records by where they are: a hash table of record numbers, chained, without a text for each. */
import { grown, roomFor } from './column-growth.ts'

const NONE = -1
const INITIAL_HEADS = 64
/**
 * Records looked at in one search. By chance a chain has a handful; one that is longer was made so, by many names at one
 * endpoint. Then what is not found is taken for unknown, and no packet costs more than this.
 */
export const MAX_CHAIN_STEPS = 128

/** Chains of record numbers, newest first. Several records may be at one endpoint. */
export class EndpointIndex {
  readonly #hashOf: (index: number) => number
  /** The first of each chain. A power of two. */
  #heads = new Int32Array(INITIAL_HEADS).fill(NONE)
  /** By record number: the next and the one before in its chain. */
  #next = new Int32Array(0)
  #previous = new Int32Array(0)
  #count = 0

  /** `hashOf` gives the hash of the endpoint at which a record is now. */
  constructor(hashOf: (index: number) => number) {
    this.#hashOf = hashOf
  }

  /** The record must not be in it. */
  add(index: number): void {
    if (index >= this.#next.length) this.#widen(roomFor(index))
    if (++this.#count > this.#heads.length) this.#grow()
    this.#link(index)
  }

  /** The record must still be where it was when it was added. In constant time, however many are there. */
  remove(index: number): void {
    this.#unlink(index)
    this.#count--
  }

  /**
   * The first record with this hash for which `matches` holds, among {@link MAX_CHAIN_STEPS}; -1. It is the first to be
   * looked at next time.
   */
  find(hash: number, matches: (index: number) => boolean): number {
    let index = this.#heads[hash & (this.#heads.length - 1)]!
    for (let steps = 0; index !== NONE && steps < MAX_CHAIN_STEPS; steps++, index = this.#next[index]!) {
      if (!matches(index)) continue
      if (steps > 0) {
        this.#unlink(index)
        this.#link(index)
      }
      return index
    }
    return NONE
  }

  #link(index: number): void {
    const chain = this.#hashOf(index) & (this.#heads.length - 1)
    const first = this.#heads[chain]!
    this.#next[index] = first
    this.#previous[index] = NONE
    if (first !== NONE) this.#previous[first] = index
    this.#heads[chain] = index
  }

  #unlink(index: number): void {
    const next = this.#next[index]!
    const previous = this.#previous[index]!
    if (next !== NONE) this.#previous[next] = previous
    if (previous !== NONE) this.#next[previous] = next
    else this.#heads[this.#hashOf(index) & (this.#heads.length - 1)] = next
  }

  /** All of them again in twice as many chains: each is taken apart into two, in their order. */
  #grow(): void {
    const old = this.#heads
    this.#heads = new Int32Array(old.length * 2).fill(NONE)
    for (let chain = 0; chain < old.length; chain++) {
      let lastOfLower = NONE
      let lastOfUpper = NONE
      for (let index = old[chain]!; index !== NONE; ) {
        const next = this.#next[index]!
        if ((this.#hashOf(index) & old.length) === 0) lastOfLower = this.#append(chain, lastOfLower, index)
        else lastOfUpper = this.#append(chain + old.length, lastOfUpper, index)
        index = next
      }
    }
  }

  /** Puts a record behind the last one of a chain. */
  #append(chain: number, last: number, index: number): number {
    if (last === NONE) this.#heads[chain] = index
    else this.#next[last] = index
    this.#previous[index] = last
    this.#next[index] = NONE
    return index
  }

  #widen(capacity: number): void {
    this.#next = grown(this.#next, new Int32Array(capacity))
    this.#previous = grown(this.#previous, new Int32Array(capacity))
  }
}
