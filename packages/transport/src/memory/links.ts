/** The wires of a memory network: delay, chance, and which are cut. */

import type { Schedule } from '../system.ts'
import type { Address } from '../transport.ts'

/** How long a packet or a piece of a stream takes: milliseconds, or a function of the two ends. */
export type Delay = number | ((from: Address, to: Address) => number)

/** How a wire treats what it carries. Loss, duplicates and disorder are for packets; streams have none of them. */
export interface WireOptions {
  /** One way, for packets and for pieces of streams. Default 0: the next round of the event loop. */
  readonly delayMs?: Delay
  /** Probability that a packet is lost, 0 to 1. Default 0. */
  readonly loss?: number
  /** Probability that a packet that is not lost arrives twice. Default 0. */
  readonly duplicate?: number
  /** Probability that a packet is held back by `reorderByMs`, so that later ones overtake it. Default 0. */
  readonly reorder?: number
  /** Default 10. */
  readonly reorderByMs?: number
}

/** What all wires of a network have in common. */
export interface LinkOptions extends WireOptions {
  readonly random: () => number
  readonly schedule: Schedule
}

/** Every wire is one way; `cut(a, b)` says nothing about `b` to `a`. */
export class Links {
  readonly #options: LinkOptions
  readonly #own = new Map<string, WireOptions>()
  readonly #cut = new Set<string>()
  readonly #waiting = new Map<string, (() => void)[]>()

  constructor(options: LinkOptions) {
    this.#options = options
  }

  /** Gives one wire options of its own; what they leave out is as everywhere. */
  setWire(from: Address, to: Address, options: WireOptions): void {
    this.#own.set(key(from, to), options)
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

  /** Runs `run` after the wire's delay and `extraMs`. The result prevents it. */
  later(from: Address, to: Address, run: () => void, extraMs = 0): () => void {
    const { delayMs = 0 } = this.#wire(from, to)
    return this.#options.schedule((typeof delayMs === 'number' ? delayMs : delayMs(from, to)) + extraMs, run)
  }

  /** Runs `run` after `delayMs`, wire or no wire. The result prevents it. */
  after(delayMs: number, run: () => void): () => void {
    return this.#options.schedule(delayMs, run)
  }

  /** Draws how many copies of a packet arrive: none, one or two. */
  copies(from: Address, to: Address): 0 | 1 | 2 {
    const { loss = 0, duplicate = 0 } = this.#wire(from, to)
    if (this.#happens(loss)) return 0
    return this.#happens(duplicate) ? 2 : 1
  }

  /** Draws for how long a packet is held back beyond the delay, in milliseconds; 0 for most. */
  heldBackMs(from: Address, to: Address): number {
    const { reorder = 0, reorderByMs = 10 } = this.#wire(from, to)
    return this.#happens(reorder) ? reorderByMs : 0
  }

  /** Draws only for what can happen at all, so that one kind of chance does not change the others. */
  #happens(probability: number): boolean {
    return probability > 0 && this.#options.random() < probability
  }

  #wire(from: Address, to: Address): WireOptions {
    const own = this.#own.size === 0 ? undefined : this.#own.get(key(from, to))
    return own === undefined ? this.#options : { ...this.#options, ...own }
  }

  #healKey(link: string): void {
    this.#cut.delete(link)
    const waiting = this.#waiting.get(link) ?? []
    this.#waiting.delete(link)
    for (const run of waiting) this.#options.schedule(0, run)
  }
}

const key = (from: Address, to: Address) => `${from}>${to}`
