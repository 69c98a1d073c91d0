import type { Research } from './research.ts'

/** Lifeguard's local health (membership spec 2.3): how much to distrust oneself. */
export class Awareness {
  readonly #max: number
  #score = 0

  /** `maxMultiplier` is at least 1: the score stays below it. In the paper it may reach it; plain SWIM has none. */
  constructor(maxMultiplier: number, kind: Research['localHealth'] = 'memberlist') {
    this.#max = { memberlist: maxMultiplier, paper: maxMultiplier + 1, off: 1 }[kind]
  }

  /** 0 is healthy. */
  get score(): number {
    return this.#score
  }

  /** Adds `delta` within bounds; true if the score changed. */
  apply(delta: number): boolean {
    const before = this.#score
    this.#score = Math.min(Math.max(before + delta, 0), this.#max - 1)
    return this.#score !== before
  }

  /** A duration stretched by ill health. */
  scale(durationMs: number): number {
    return durationMs * (this.#score + 1)
  }
}
