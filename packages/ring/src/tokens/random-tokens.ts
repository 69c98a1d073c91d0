import { tokenList } from '../instance-ring/instance-desc.ts'

/** How an instance comes by its tokens (ring spec 7.1). */
export interface TokenGenerator {
  /** At most `count` distinct tokens, none of `taken`, ascending. */
  generate(count: number, taken: TakenTokens): Uint32Array
}

/** The tokens that are spoken for. */
export interface TakenTokens {
  has(token: number): boolean
}

/**
 * Uniform random tokens (ring spec 7.2). `random` gives numbers from 0 to below 1, evenly, with at least 32 bits. Not
 * more than half the ring is ever handed out, so that drawing again ends soon.
 */
export function randomTokens(random: () => number): TokenGenerator {
  return {
    generate(count, taken) {
      const drawn = new Set<number>()
      while (drawn.size < Math.min(count, 2 ** 31)) {
        const token = Math.floor(random() * 2 ** 32)
        if (!taken.has(token)) drawn.add(token)
      }
      return tokenList([...drawn])
    },
  }
}
