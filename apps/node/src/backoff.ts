/** Pauses between tries: random, twice as long each time, up to a bound (kv spec 4.4). */

/** Makes the pauses of one row of tries: uniform between a bound and its double, both of which double until the upper one is `maxMs`. */
export function backoff(minMs: number, maxMs: number, random: () => number): () => number {
  let low = minMs
  let high = Math.min(2 * minMs, maxMs)
  return () => {
    const pauseMs = low + (high - low) * random()
    if (high < maxMs) {
      low = Math.min(2 * low, maxMs)
      high = Math.min(2 * high, maxMs)
    }
    return pauseMs
  }
}
