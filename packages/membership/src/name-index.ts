/** Names of records, and which record has a name: half of what an array and a map would weigh. */
import { grown } from './column-growth.ts'

const NONE = -1
const INITIAL_CHAINS = 64
/** Units at the end of a name that are hashed at first: most names differ there. */
const INITIAL_REACH = 8
/** By chance no chain is so long; where one is, more of each name has to be hashed. */
const CROWDED_CHAIN = 16
/** One for each unit of the longest name that a member may have, and one to begin with. */
export const NAME_KEYS = 256

/**
 * A hash table of record numbers, chained. The hash is multilinear: each place in a name has a secret key, so that nobody can
 * make up names that come to lie in one chain (Dietzfelbinger 1996, for up to 2^17 chains). It takes in as much of the names
 * as is needed to tell them apart, in the end all. What is found does not depend on the keys.
 */
export class NameIndex {
  readonly #keys: Int32Array
  /** By record number: its name, the hash of it, the next in its chain. */
  #names: string[] = []
  #hashes = new Int32Array(0)
  #next = new Int32Array(0)
  /** The first of each chain. A power of two of them; the high bits of a hash say which. */
  #heads = new Int32Array(INITIAL_CHAINS).fill(NONE)
  #shift = 32 - Math.log2(INITIAL_CHAINS)
  #reach = INITIAL_REACH
  #size = 0

  /** `keys`: {@link NAME_KEYS} of them, of 32 random bits each. */
  constructor(keys: Int32Array) {
    this.#keys = keys
  }

  /** Names that are there. */
  get size(): number {
    return this.#size
  }

  /** Records in the fullest chain, for measurements. */
  get longestChain(): number {
    let longest = 0
    for (const first of this.#heads) {
      let steps = 0
      for (let index = first; index !== NONE; index = this.#next[index]!) steps++
      longest = Math.max(longest, steps)
    }
    return longest
  }

  /** Room for record numbers below `capacity`. */
  resize(capacity: number): void {
    // An array that grows by itself would take half as much again.
    const names = new Array<string>(capacity).fill('')
    for (let index = 0; index < this.#names.length; index++) names[index] = this.#names[index]!
    this.#names = names
    this.#hashes = grown(this.#hashes, new Int32Array(capacity))
    this.#next = grown(this.#next, new Int32Array(capacity))
  }

  /** The name of a record that has one. */
  get(index: number): string {
    return this.#names[index]!
  }

  /** The record of this name; -1. */
  find(name: string): number {
    const hash = this.#hash(name)
    let index = this.#heads[hash >>> this.#shift]!
    while (index !== NONE && (this.#hashes[index] !== hash || this.#names[index] !== name)) index = this.#next[index]!
    return index
  }

  /** Neither the record nor the name may be in it. */
  add(index: number, name: string): void {
    if (++this.#size > this.#heads.length) this.#relink(this.#heads.length * 2)
    this.#names[index] = name
    this.#hashes[index] = this.#hash(name)
    this.#link(index)
    while (this.#reach < NAME_KEYS - 1 && this.#isCrowded(this.#hashes[index]! >>> this.#shift)) {
      this.#reach = Math.min(this.#reach * 2, NAME_KEYS - 1)
      this.#relink(this.#heads.length, true)
    }
  }

  /** The record must be in it. */
  remove(index: number): void {
    const chain = this.#hashes[index]! >>> this.#shift
    const next = this.#next[index]!
    let before = this.#heads[chain]!
    if (before === index) this.#heads[chain] = next
    else {
      while (this.#next[before] !== index) before = this.#next[before]!
      this.#next[before] = next
    }
    this.#names[index] = ''
    this.#size--
  }

  #hash(name: string): number {
    const keys = this.#keys
    const { length } = name
    const count = Math.min(length, this.#reach)
    let hash = keys[0]!
    // One more than the unit: a name with a zero in front is another one.
    for (let key = 1; key <= count; key++) hash = (hash + Math.imul(keys[key]!, name.charCodeAt(length - key) + 1)) | 0
    return hash
  }

  #link(index: number): void {
    const chain = this.#hashes[index]! >>> this.#shift
    this.#next[index] = this.#heads[chain]!
    this.#heads[chain] = index
  }

  #isCrowded(chain: number): boolean {
    let steps = 0
    for (let index = this.#heads[chain]!; index !== NONE && steps <= CROWDED_CHAIN; index = this.#next[index]!) steps++
    return steps > CROWDED_CHAIN
  }

  /** All of them again in so many chains, hashed anew when that has changed. */
  #relink(chains: number, isHashNew = false): void {
    const old = this.#heads
    this.#heads = new Int32Array(chains).fill(NONE)
    this.#shift = 32 - Math.log2(chains)
    for (const first of old)
      for (let index = first; index !== NONE; ) {
        const next = this.#next[index]!
        if (isHashNew) this.#hashes[index] = this.#hash(this.#names[index]!)
        this.#link(index)
        index = next
      }
  }
}
