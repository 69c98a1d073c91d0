/** Chance from a seed: the same numbers for the same seed, on every machine. */

/** Small fast counter generator (sfc32), good enough to reach odd corners and quick enough not to be what is measured. */
export class Random {
  #a: number
  #b: number
  #c: number
  #counter = 1

  constructor(seed: number) {
    this.#a = seed | 0
    this.#b = 0x9e3779b9 | 0
    this.#c = 0x243f6a88 | 0
    for (let round = 0; round < 12; round++) this.u32()
  }

  /** 32 bits. */
  u32(): number {
    const result = (((this.#a + this.#b) | 0) + this.#counter) | 0
    this.#counter = (this.#counter + 1) | 0
    this.#a = this.#b ^ (this.#b >>> 9)
    this.#b = (this.#c + (this.#c << 3)) | 0
    this.#c = (((this.#c << 21) | (this.#c >>> 11)) + result) | 0
    return result >>> 0
  }

  /** From 0 to below `limit`. */
  below(limit: number): number {
    return Math.floor((this.u32() * limit) / 2 ** 32)
  }

  /** True once in `count` times. */
  oneIn(count: number): boolean {
    return this.below(count) === 0
  }

  pick<T>(values: ArrayLike<T>): T {
    return values[this.below(values.length)]!
  }

  /** A number that is often at an edge where a form changes or a sign turns. */
  edge(): number {
    return this.oneIn(2) ? this.u32() : this.pick(edges)
  }

  /** Fills bytes. */
  fill(target: Uint8Array, from = 0, to: number = target.length): void {
    for (let at = from; at < to; at++) target[at] = this.u32()
  }

  bytes(length: number): Uint8Array {
    const bytes = new Uint8Array(length)
    this.fill(bytes)
    return bytes
  }
}

const edges = [0, 1, 31, 32, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536, 2 ** 31 - 1, 2 ** 31, 2 ** 32 - 1]
