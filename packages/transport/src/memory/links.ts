/** The wires of a memory network: delay, chance, and which are cut. */

import type { Schedule } from '../system.ts'
import type { Address } from '../transport.ts'

/** How long a packet or a piece of a stream takes: milliseconds, or a function of the two ends. */
export type Delay = number | ((from: Address, to: Address) => number)

/** What wires are made of. */
export interface LinkOptions {
  readonly delayMs: Delay
  readonly loss: number
  readonly duplicate: number
  readonly random: () => number
  readonly schedule: Schedule
}

/** Every wire is one way; `cut(a, b)` says nothing about `b` to `a`. */
export class Links {
  readonly #options: LinkOptions
  readonly #cut = new Set<string>()
  readonly #waiting = new Map<string, (() => void)[]>()

  constructor(options: LinkOptions) {
    this.#options = options
  }

  cut(from: Address, to: Address): void {
    this.#cut.add(key(from, to))
  }

  heal(from: Address, to: Address): void {
    this.#healKey(key(from, to))
  }

  healAll(): void {
    for (const link of [...this.#cut]) this.#healKey(link)
  }

  isCut(from: Address, to: Address): boolean {
    return this.#cut.size > 0 && this.#cut.has(key(from, to))
  }

  /** Runs `run` when the wire heals, never from inside `heal`. */
  onceHealed(from: Address, to: Address, run: () => void): void {
    const link = key(from, to)
    const waiting = this.#waiting.get(link)
    if (waiting === undefined) this.#waiting.set(link, [run])
    else waiting.push(run)
  }

  /** Runs `run` after the wire's delay. The result prevents it. */
  later(from: Address, to: Address, run: () => void): () => void {
    const { delayMs, schedule } = this.#options
    return schedule(typeof delayMs === 'number' ? delayMs : delayMs(from, to), run)
  }

  /** Runs `run` after `delayMs`, wire or no wire. The result prevents it. */
  after(delayMs: number, run: () => void): () => void {
    return this.#options.schedule(delayMs, run)
  }

  /** Draws how many copies of a packet arrive: none, one or two. */
  copies(): 0 | 1 | 2 {
    const { loss, duplicate, random } = this.#options
    if (loss > 0 && random() < loss) return 0
    return duplicate > 0 && random() < duplicate ? 2 : 1
  }

  #healKey(link: string): void {
    this.#cut.delete(link)
    const waiting = this.#waiting.get(link) ?? []
    this.#waiting.delete(link)
    for (const run of waiting) this.#options.schedule(0, run)
  }
}

const key = (from: Address, to: Address) => `${from}>${to}`
