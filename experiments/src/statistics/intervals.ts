/** How far a figure may be from what was drawn. */
import { randomFrom, seedOf } from './random.ts'
import { mean, percentileOfSorted, variance } from './summary.ts'

/** Both ends belong to it. */
export interface Interval {
  readonly low: number
  readonly high: number
}

const RESAMPLES = 1000

/** 95 % bootstrap interval of a statistic, by default the mean: percentiles of 1000 resamples, always the same ones. */
export function bootstrap(
  values: readonly number[],
  statistic: (sample: readonly number[]) => number = mean,
  resamples = RESAMPLES,
): Interval {
  if (values.length === 0) return { low: Number.NaN, high: Number.NaN }
  const random = randomFrom(seedOf('bootstrap', values.length))
  const found: number[] = []
  const sample = new Array<number>(values.length)
  for (let round = 0; round < resamples; round++) {
    for (let index = 0; index < sample.length; index++) sample[index] = values[Math.floor(random() * values.length)]!
    found.push(statistic(sample))
  }
  found.sort((a, b) => a - b)
  return { low: percentileOfSorted(found, 0.025), high: percentileOfSorted(found, 0.975) }
}

/** Student's t for 99.9 %, by degrees of freedom from 1 on. */
const STUDENT = [
  636.6, 31.6, 12.92, 8.61, 6.869, 5.959, 5.408, 5.041, 4.781, 4.587, 4.437, 4.318, 4.221, 4.14, 4.073, 4.015, 3.965,
  3.922, 3.883, 3.85, 3.819, 3.792, 3.768, 3.745, 3.725, 3.707, 3.69, 3.674, 3.659,
]
/** The same for the normal distribution. */
export const Z999 = 3.291

/** 99.9 % interval of a mean by Student. One value says nothing: everything is possible. */
export function meanInterval(values: readonly number[]): Interval {
  if (values.length < 2) return { low: Number.NEGATIVE_INFINITY, high: Number.POSITIVE_INFINITY }
  const half = (STUDENT[values.length - 2] ?? Z999) * Math.sqrt(variance(values) / values.length)
  return { low: mean(values) - half, high: mean(values) + half }
}

/**
 * 99.9 % interval of a percentile, for whatever distribution: the values whose ranks the binomial distribution leaves
 * possible. Open at the end where there are too few values.
 */
export function percentileInterval(values: readonly number[], q: number): Interval {
  const sorted = values.slice().sort((a, b) => a - b)
  const middle = q * (sorted.length - 1)
  const reach = Z999 * Math.sqrt(q * (1 - q) * sorted.length) + 1
  return {
    low: sorted[Math.floor(middle - reach)] ?? Number.NEGATIVE_INFINITY,
    high: sorted[Math.ceil(middle + reach)] ?? Number.POSITIVE_INFINITY,
  }
}

/**
 * Interval of the mean of a Poisson count, exact (Garwood 1936): the means for which this many events or more, or this
 * many or fewer, come with a chance of half of what is left of `confidence`.
 */
export function poissonInterval(events: number, confidence = 0.95): Interval {
  const tail = (1 - confidence) / 2
  const upperTail = (rate: number): number => 1 - poissonCumulative(events - 1, rate)
  const lowerTail = (rate: number): number => poissonCumulative(events, rate)
  const far = events + 10 * Math.sqrt(events + 1) + 10
  return {
    low: events === 0 ? 0 : bisect((rate) => upperTail(rate) - tail, 0, events),
    high: bisect((rate) => tail - lowerTail(rate), events, far),
  }
}

/** The chance of `events` or fewer where `rate` are expected. */
export function poissonCumulative(events: number, rate: number): number {
  let logTerm = -rate
  let sum = 0
  for (let count = 0; count <= events; count++) {
    if (count > 0) logTerm += Math.log(rate) - Math.log(count)
    sum += Math.exp(logTerm)
  }
  return Math.min(1, sum)
}

/** Where a growing function crosses zero. */
function bisect(of: (at: number) => number, from: number, to: number): number {
  let [low, high] = [from, to]
  for (let step = 0; step < 60; step++) {
    const middle = (low + high) / 2
    if (of(middle) < 0) low = middle
    else high = middle
  }
  return (low + high) / 2
}

/** A straight line through points, least squares; the interval is that of the slope, 99.9 %, normal approximation. */
export function slope(points: readonly (readonly [x: number, y: number])[]): Interval & { readonly slope: number } {
  const meanX = mean(points.map(([x]) => x))
  const meanY = mean(points.map(([, y]) => y))
  let sumXX = 0
  let sumXY = 0
  for (const [x, y] of points) {
    sumXX += (x - meanX) ** 2
    sumXY += (x - meanX) * (y - meanY)
  }
  const found = sumXY / sumXX
  let residuals = 0
  for (const [x, y] of points) residuals += (y - meanY - found * (x - meanX)) ** 2
  const error = Math.sqrt(residuals / (points.length - 2) / sumXX)
  return { slope: found, low: found - Z999 * error, high: found + Z999 * error }
}
