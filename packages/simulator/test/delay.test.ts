import { describe, expect, it } from 'vitest'
import { type DelayModel, fixed, logNormal, uniform, World } from '../src/index.ts'

function sorted(model: DelayModel, count = 100_000): number[] {
  const random = new World().random('delays')
  return Array.from({ length: count }, () => model(random)).sort((a, b) => a - b)
}

describe('delays', () => {
  it('are log-normal: median, 99th and, by symmetry of the logarithm, 1st percentile', () => {
    const drawn = sorted(logNormal({ medianMs: 0.25, p99Ms: 1 }))
    const at = (share: number): number => drawn[Math.floor(share * drawn.length)]!
    expect(at(0.5)).toBeCloseTo(0.25, 2)
    expect(at(0.99) / 1).toBeCloseTo(1, 1)
    expect(at(0.01) / 0.0625).toBeCloseTo(1, 1)
    // One standard deviation: 84.13 % of a normal distribution.
    const sigma = Math.log(4) / 2.3263
    expect(at(0.8413) / (0.25 * Math.exp(sigma))).toBeCloseTo(1, 1)
    expect(drawn[0]).toBeGreaterThan(0)
  })

  it('are fixed or uniform', () => {
    expect(new Set(sorted(fixed(3), 10))).toEqual(new Set([3]))
    const drawn = sorted(uniform(2, 6))
    expect(drawn[0]).toBeGreaterThanOrEqual(2)
    expect(drawn.at(-1)).toBeLessThan(6)
    expect(drawn[50_000]).toBeCloseTo(4, 1)
  })
})
