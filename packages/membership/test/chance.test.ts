// Goal: choices are exact and uniform, the order of probes a fair permutation. Method: counts over many seeded draws; bounds
// are six standard deviations wide.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { PeerTable } from '../src/peer-table.ts'
import { ProbeOrder } from '../src/probe-order.ts'
import { pickPeers } from '../src/random-pick.ts'
import { seeded } from './harness.ts'

const near = (count: number, draws: number, probability: number): boolean =>
  Math.abs(count - draws * probability) < 6 * Math.sqrt(draws * probability * (1 - probability))

/** As much of a table as a choice looks at: `size` records, and holes where `isHole` says so. */
const tableOf = (size: number, isHole: (index: number) => boolean = () => false) =>
  ({ capacity: size, has: (index: number) => !isHole(index) }) as PeerTable

describe('a random pick', () => {
  it('invariant 38: it has min(k, eligible) distinct eligible elements (DIV-26)', () => {
    fc.assert(
      fc.property(
        fc.array(fc.constantFrom('eligible', 'other', 'hole'), { maxLength: 60 }),
        fc.integer({ min: 0, max: 8 }),
        fc.integer(),
        (kinds, k, seed) => {
          const table = tableOf(kinds.length, (index) => kinds[index] === 'hole')
          const chosen = pickPeers(table, k, (index) => kinds[index] !== 'other', seeded(seed))
          const eligible = kinds.filter((kind) => kind === 'eligible')
          expect(new Set(chosen).size).toBe(chosen.length)
          expect(chosen).toHaveLength(Math.min(k, eligible.length))
          expect(chosen.every((index) => kinds[index] === 'eligible')).toBe(true)
        },
      ),
    )
  })

  // Small tables are read through, large ones drawn from; where few are eligible, both happen.
  it.each([
    ['read through', 5, [0, 1, 3, 4]],
    ['drawn from', 20, [1, 5, 18, 19]],
    ['nearly empty', 400, [3, 5, 100, 399]],
  ])('gives every pair the same chance, in either order, in a table that is %s', (_, size, eligible) => {
    const random = seeded(3)
    const counts = new Map<string, number>()
    const draws = 12_000
    for (let draw = 0; draw < draws; draw++) {
      const key = pickPeers(tableOf(size), 2, (index) => eligible.includes(index), random).join()
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
