// Goal: choices are exact and uniform, the order of probes a fair permutation. Method: counts over many seeded draws; bounds
// are six standard deviations wide.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ProbeOrder } from '../src/probe-order.ts'
import { pick } from '../src/random-pick.ts'
import { seeded } from './harness.ts'

const near = (count: number, draws: number, probability: number): boolean =>
  Math.abs(count - draws * probability) < 6 * Math.sqrt(draws * probability * (1 - probability))

describe('a random pick', () => {
  it('has min(k, eligible) distinct eligible elements (invariant 38)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.boolean(), { maxLength: 40 }),
        fc.integer({ min: 0, max: 8 }),
        fc.integer(),
        (flags, k, seed) => {
          const chosen = pick([...flags.keys()], k, (index) => flags[index]!, seeded(seed))
          expect(new Set(chosen).size).toBe(chosen.length)
          expect(chosen).toHaveLength(Math.min(k, flags.filter(Boolean).length))
          expect(chosen.every((index) => flags[index])).toBe(true)
        },
      ),
    )
  })

  it('gives every pair the same chance, in either order', () => {
    const random = seeded(3)
    const counts = new Map<string, number>()
    const draws = 12_000
    for (let draw = 0; draw < draws; draw++) {
      const key = pick([0, 1, 2, 3, 4], 2, (index) => index !== 2, random).join()
      counts.set(key, (counts.get(key) ?? 0) + 1)
    }
    expect(counts.size).toBe(12)
    for (const [pair, count] of counts) expect(near(count, draws, 1 / 12), `${pair}: ${count}`).toBe(true)
  })
})

describe('the order of probes', () => {
  const pass = (order: ProbeOrder, size: number): number[] => {
    const indices: number[] = []
    for (let index = order.next(size); index !== undefined; index = order.next(size)) indices.push(index)
    return indices
  }

  it('has every index exactly once a pass, pass after pass', () => {
    for (const size of [1, 2, 3, 4, 5, 16, 17, 63, 64, 65, 1000]) {
      const order = new ProbeOrder(seeded(size))
      for (let round = 0; round < 3; round++)
        expect(pass(order, size).sort((a, b) => a - b)).toEqual([...Array(size).keys()])
    }
  })

  it('changes from pass to pass', () => {
    const order = new ProbeOrder(seeded(1))
    expect(pass(order, 50)).not.toEqual(pass(order, 50))
  })

  it('survives a table that shrinks in the middle of a pass', () => {
    const order = new ProbeOrder(seeded(1))
    order.next(100)
    expect(pass(order, 3).every((index) => index < 3)).toBe(true)
  })
})

describe('the first of a pass', () => {
  const firsts = (size: number, passes: number): number[] => {
    const random = seeded(9)
    const counts = Array<number>(size).fill(0)
    for (let round = 0; round < passes; round++) counts[new ProbeOrder(random).next(size)!]!++
    return counts
  }
  it('is each of 3 members equally often', () => {
    for (const count of firsts(3, 12_000)) expect(near(count, 12_000, 1 / 3)).toBe(true)
  })

  for (const size of [8, 12]) {
    it(`is each of ${size} members equally often`, () => {
      for (const [index, count] of firsts(size, 12_000).entries())
        expect(near(count, 12_000, 1 / size), `${index}: ${count}`).toBe(true)
    })
  }
})
