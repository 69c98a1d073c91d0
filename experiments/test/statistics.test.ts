import { describe, expect, it } from 'vitest'
import {
  bootstrap,
  meanInterval,
  percentileInterval,
  poissonCumulative,
  poissonInterval,
  slope,
} from '../src/statistics/intervals.ts'
import { randomFrom, seedOf } from '../src/statistics/random.ts'
import { distribution, mean, median, percentile, variance } from '../src/statistics/summary.ts'

describe('figures that stand for many', () => {
  it('means, medians and percentiles of known values', () => {
    const values = [5, 1, 4, 2, 3]
    expect(mean(values)).toBe(3)
    expect(median(values)).toBe(3)
    expect(percentile(values, 0)).toBe(1)
    expect(percentile(values, 1)).toBe(5)
    expect(percentile(values, 0.9)).toBeCloseTo(4.6, 12)
    expect(variance(values)).toBe(2.5)
    expect(values).toEqual([5, 1, 4, 2, 3])
  })

  it('has no figure for nothing', () => {
    expect(mean([])).toBeNaN()
    expect(median([])).toBeNaN()
  })

  it('draws a distribution that ends at its largest value and at 1', () => {
    const points = distribution(
      Array.from({ length: 1000 }, (_, index) => 999 - index),
      10,
    )
    expect(points).toHaveLength(10)
    expect(points[0]).toEqual([99, 0.1])
    expect(points[9]).toEqual([999, 1])
  })
})

describe('intervals', () => {
  // Garwood's exact limits as in any table of them; the evaluation spec quotes 16 to 37 for 25 events.
  it.each([
    [0, 0, 3.689],
    [1, 0.0253, 5.572],
    [10, 4.795, 18.39],
    [25, 16.18, 36.9],
    [100, 81.36, 121.6],
  ])('of %i events in a Poisson count', (events, low, high) => {
    const found = poissonInterval(events)
    expect(found.low).toBeCloseTo(low, 2)
    expect(Math.abs(found.high - high)).toBeLessThan(0.06)
  })

  it('of a mean is Student’s for few values and the normal one for many', () => {
    expect(meanInterval([1]).low).toBe(Number.NEGATIVE_INFINITY)
    const two = meanInterval([0, 2])
    expect((two.high - two.low) / 2).toBeCloseTo(636.6, 6)
    const many = meanInterval(Array.from({ length: 1000 }, (_, index) => index % 2))
    expect((many.high - many.low) / 2).toBeCloseTo((3.291 * 0.50025) / Math.sqrt(1000), 6)
  })

  it('of a percentile holds it for nearly all samples, and is open where values are too few', () => {
    const random = randomFrom(3)
    let missed = 0
    for (let sample = 0; sample < 300; sample++) {
      const { low, high } = percentileInterval(
        Array.from({ length: 500 }, () => random()),
        0.9,
      )
      if (low > 0.9 || high < 0.9) missed++
    }
    expect(missed).toBeLessThan(4)
    const few = percentileInterval([1, 2, 3, 4, 5], 0.99)
    expect(few.high).toBe(Number.POSITIVE_INFINITY)
    expect(few.low).toBeLessThan(5)
  })

  it('of a count is wider when more is to be certain', () => {
    expect(poissonInterval(10, 0.999).high).toBeGreaterThan(poissonInterval(10).high)
    expect(poissonInterval(10, 0.999).low).toBeLessThan(poissonInterval(10).low)
  })

  it('cumulative Poisson chances', () => {
    expect(poissonCumulative(0, 2)).toBeCloseTo(Math.exp(-2), 12)
    expect(poissonCumulative(2, 1)).toBeCloseTo(2.5 * Math.exp(-1), 12)
  })

  it('bootstrap of a mean is about 1.96 standard errors wide on each side, and always the same', () => {
    const random = randomFrom(1)
    const values = Array.from({ length: 400 }, () => random() * 10)
    const { low, high } = bootstrap(values)
    const error = Math.sqrt(variance(values) / values.length)
    expect((high - low) / 2 / error).toBeGreaterThan(1.7)
    expect((high - low) / 2 / error).toBeLessThan(2.2)
    expect(low).toBeLessThan(mean(values))
    expect(high).toBeGreaterThan(mean(values))
    expect(bootstrap(values)).toEqual({ low, high })
  })

  it('slope of a line, and of a cloud around one', () => {
    expect(slope([0, 1, 2, 3].map((x) => [x, 3 * x + 1] as const)).slope).toBeCloseTo(3, 12)
    const random = randomFrom(2)
    const flat = slope(Array.from({ length: 500 }, (_, x) => [x, random()] as const))
    expect(flat.low).toBeLessThan(0)
    expect(flat.high).toBeGreaterThan(0)
  })
})

describe('chance', () => {
  it('is uniform enough and told apart by labels', () => {
    const random = randomFrom(seedOf('a', 1))
    const draws = Array.from({ length: 10_000 }, random)
    expect(Math.abs(mean(draws) - 0.5)).toBeLessThan(0.015)
    expect(Math.abs(variance(draws) - 1 / 12)).toBeLessThan(0.005)
    expect(new Set(Array.from({ length: 1000 }, (_, index) => seedOf('a', index))).size).toBe(1000)
    expect(seedOf('a', 12)).not.toBe(seedOf('a1', 2))
  })
})
