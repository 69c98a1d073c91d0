/** A small seeded generator, so that a memory network loses the same packets every time. */

/** Numbers from 0 to below 1, the same ones for the same seed (xorshift32, Marsaglia 2003). */
export function seededRandom(seed = 1): () => number {
  // Zero is the one state the generator cannot leave.
  let state = seed | 0 || 1
  return () => {
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    return (state >>> 0) / 2 ** 32
  }
}
