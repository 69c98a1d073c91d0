/** The monotonic clock of one machine, which may run faster or slower than the world's. */
import type { World } from './world.ts'

/** A clock that shows the world's time until its rate is changed; it never jumps. */
export class Clock {
  rate = 1
  readonly #world: World
  #shown = 0
  #setAt = 0

  constructor(world: World) {
    this.#world = world
  }

  /** Milliseconds. */
  get now(): number {
    if (this.rate === 1 && this.#shown === this.#setAt) return this.#world.now
    return this.#shown + (this.#world.now - this.#setAt) * this.rate
  }

  setRate(rate: number): void {
    this.#shown = this.now
    this.#setAt = this.#world.now
    this.rate = rate
  }
}
