/** A fingerprint of everything that happened: equal when, and practically only when, two runs were the same. */

/**
 * Takes whole numbers and text in the order in which things happen. Two lanes of 32 bits, each stirred by the other; no
 * number formats, no order of maps: the same in every process and on every version of Node.
 */
export class Trace {
  /** Things that were recorded. */
  count = 0
  #low = 0x2545f491
  #high = 0x4f6cdd1d

  /** One whole number, of which the lowest 32 bits count. */
  number(value: number): void {
    const word = value | 0
    const low = Math.imul((this.#low ^ word) + 0x7ed55d16, 0xcc9e2d51)
    const high = Math.imul(this.#high + (word ^ (low >>> 15)), 0x1b873593)
    this.#low = (low << 13) | (low >>> 19)
    this.#high = (high ^ (high >>> 16)) + this.#low
    this.#high |= 0
  }

  text(value: string): void {
    this.number(value.length)
    for (let at = 0; at < value.length; at++) this.number(value.charCodeAt(at))
  }

  /** Begins a record: what happened when to whom. `now` is in milliseconds, whole ticks of a world. */
  begin(ticks: number, who: number, what: number): void {
    this.count++
    const high = Math.floor(ticks / 2 ** 32)
    this.number(ticks - high * 2 ** 32)
    this.number(high)
    this.number(who)
    this.number(what)
  }

  /** 16 hexadecimal digits. */
  hash(): string {
    return hex(fold(this.#low ^ this.#high)) + hex(fold(this.#high + Math.imul(this.#low, 0x9e3779b1) + this.count))
  }
}

const hex = (word: number): string => (word >>> 0).toString(16).padStart(8, '0')

/** The finalizer of MurmurHash3. */
function fold(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
