/** Figures that stand for many. */

/** The arithmetic mean; `NaN` of nothing. */
export function mean(values: readonly number[]): number {
  let sum = 0
  for (const value of values) sum += value
  return sum / values.length
}

/** The value below which a share `q` (0 to 1) lies, interpolated between neighbours; `NaN` of nothing. */
export const percentile = (values: readonly number[], q: number): number =>
  percentileOfSorted(
    values.slice().sort((a, b) => a - b),
    q,
  )

/** {@link percentile} of values in ascending order. */
export function percentileOfSorted(sorted: readonly number[], q: number): number {
  if (sorted.length === 0) return Number.NaN
  const place = q * (sorted.length - 1)
  const below = sorted[Math.floor(place)]!
  const above = sorted[Math.ceil(place)]!
  return below + (above - below) * (place - Math.floor(place))
}

/** The middle value. */
export const median = (values: readonly number[]): number => percentile(values, 0.5)

/** The sum of squares about the mean over n − 1; `NaN` below two values. */
export function variance(values: readonly number[]): number {
  const middle = mean(values)
  let sum = 0
  for (const value of values) sum += (value - middle) ** 2
  return values.length < 2 ? Number.NaN : sum / (values.length - 1)
}

/** Points of the empirical distribution, at most `maxPoints` of them: [value, share of values up to it]. */
export function distribution(values: readonly number[], maxPoints = 200): readonly (readonly [number, number])[] {
  const sorted = values.slice().sort((a, b) => a - b)
  const count = Math.min(maxPoints, sorted.length)
  return Array.from({ length: count }, (_, index) => {
    const rank = Math.ceil(((index + 1) * sorted.length) / count)
    return [sorted[rank - 1]!, rank / sorted.length] as const
  })
}
