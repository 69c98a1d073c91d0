/** Fewer make so few permutations that some members of a small table would come first more often than others. */
const MIN_HALF_BITS = 3

/**
 * The order in which members are probed: a keyed permutation of the table's indices, so that nothing is stored for each
 * member. Each pass has a new key; within a pass every index comes exactly once.
 */
export class ProbeOrder {
  readonly #random: () => number
  #size = 0
  #cursor = 0
  #key = 0
  #halfBits = 1

  constructor(random: () => number) {
    this.#random = random
  }

  /** The next index below `tableSize`; `undefined` when a pass has just ended (the next call begins a new one). */
  next(tableSize: number): number | undefined {
    if (this.#cursor >= this.#size) {
      if (this.#size > 0) {
        this.#size = 0
        return undefined
      }
      this.#begin(tableSize)
      if (tableSize === 0) return undefined
    }
    // Walk the cycle until inside the table: the Feistel network permutes the next power of four.
    while (this.#cursor < this.#size) {
      const index = this.#permute(this.#cursor++)
      if (index < tableSize) return index
    }
    this.#size = 0
    return undefined
  }

  #begin(tableSize: number): void {
    this.#halfBits = Math.max(MIN_HALF_BITS, Math.ceil(Math.log2(Math.max(2, tableSize)) / 2))
    this.#size = 4 ** this.#halfBits
    this.#cursor = 0
    this.#key = Math.floor(this.#random() * 2 ** 32)
  }

  #permute(value: number): number {
    const mask = 2 ** this.#halfBits - 1
    let left = value >>> this.#halfBits
    let right = value & mask
    for (let round = 0; round < 4; round++) {
      const mixed = Math.imul((right + 1) ^ this.#key, 0x9e3779b1 + 2 * round)
      const next = left ^ ((mixed >>> 15) & mask)
      left = right
      right = next
    }
    return left * (mask + 1) + right
  }
}
