import type { Random } from './random.ts'

/**
 * Things that are dear to make, used many times: one of them is made anew after so many uses, so that a long run does not
 * stay with the same ones.
 */
export class Pool<T> {
  readonly #random: Random
  readonly #make: () => T
  readonly #life: number
  readonly #things: T[]
  #uses = 0

  constructor(random: Random, size: number, life: number, make: () => T) {
    this.#random = random
    this.#make = make
    this.#life = life
    this.#things = Array.from({ length: size }, make)
  }

  pick(): T {
    if (++this.#uses % this.#life === 0) this.#things[this.#random.below(this.#things.length)] = this.#make()
    return this.#random.pick(this.#things)
  }
}
