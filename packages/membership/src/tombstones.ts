/** What is remembered of members after their records are gone (DIV-41): enough to know a stale alive for what it is. */
import type { Dead } from '@hearsay/wire'

/** Members remembered; the one that was forgotten first goes first. */
export const MAX_TOMBSTONES = 65_536

/** What is known of one of them. */
export interface Tombstone {
  readonly endpoint: string
  /** Highest incarnation of any claim about it. */
  readonly evidence: number
  /** It had said good-bye. */
  readonly hasLeft: boolean
  readonly untilMs: number
}

/** By name, in order of their end. */
export class Tombstones {
  readonly #stones = new Map<string, Tombstone>()

  get size(): number {
    return this.#stones.size
  }

  /** `stone.untilMs` never decreases from call to call. */
  put(name: string, stone: Tombstone, now: number): void {
    this.#stones.delete(name)
    for (const [oldest, { untilMs }] of this.#stones) {
      if (untilMs > now && this.#stones.size < MAX_TOMBSTONES) break
      this.#stones.delete(oldest)
    }
    this.#stones.set(name, stone)
  }

  get(name: string, now: number): Tombstone | undefined {
    const stone = this.#stones.get(name)
    return stone && stone.untilMs > now ? stone : undefined
  }

  remove(name: string): void {
    this.#stones.delete(name)
  }
}

/** The verdict that a tombstone stands for, to be refuted by whom it was wrong about. */
export const verdictOf = (name: string, stone: Tombstone, accuser: string): Dead => ({
  type: 'dead',
  incarnation: stone.evidence,
  node: name,
  from: stone.hasLeft ? name : accuser,
})
