/** How long things are under way. */

/** Draws one delay, in milliseconds. */
export type DelayModel = (random: () => number) => number

/** Always the same. */
export const fixed =
  (ms: number): DelayModel =>
  () =>
    ms

/** Anything from `fromMs` to below `toMs`. */
export const uniform =
  (fromMs: number, toMs: number): DelayModel =>
  (random) =>
    fromMs + random() * (toMs - fromMs)

/** Pieces of the distribution: it is cut off at its first and last 2,048th. */
const PIECES = 1024
/** Normal distribution: 99 % lie below this many standard deviations. */
const Z99 = 2.3263478740408408
/** Entries are rounded to this, so that no engine's `exp` shows in a trace. */
const ROUNDING = 2 ** 20

/**
 * Log-normal, as delays on a real network are: by its median and the bound of its slowest hundredth (evaluation spec
 * 3.0: 0.25 and 1 on a local network). Drawn from a table with straight lines between its entries.
 */
export function logNormal({ medianMs, p99Ms }: { readonly medianMs: number; readonly p99Ms: number }): DelayModel {
  const sigma = Math.log(p99Ms / medianMs) / Z99
  const table = Float64Array.from({ length: PIECES + 1 }, (_, index) => {
    const share = Math.min(Math.max(index, 0.5), PIECES - 0.5) / PIECES
    return Math.round(medianMs * Math.exp(sigma * normalQuantile(share)) * ROUNDING) / ROUNDING
  })
  return (random) => {
    const place = random() * PIECES
    const index = Math.floor(place)
    const low = table[index]!
    return low + (table[index + 1]! - low) * (place - index)
  }
}

/** Inverse of the normal distribution, by Newton's method on its integral's series; exact to about 1e-12. */
function normalQuantile(share: number): number {
  let z = 0
  for (let round = 0; round < 60; round++) {
    const step = (normalIntegral(z) - share) / (Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI))
    z -= Math.max(-0.5, Math.min(0.5, step))
  }
  return z
}

/** Share of the normal distribution below `z`: the series of Marsaglia (2004). */
function normalIntegral(z: number): number {
  let term = z
  let sum = z
  for (let power = 3; sum + term !== sum && power < 400; power += 2) {
    term *= (z * z) / power
    sum += term
  }
  return 0.5 + (sum * Math.exp((-z * z) / 2)) / Math.sqrt(2 * Math.PI)
}
