// Goal: equal versions are kept once, and no longer than somebody has them. Method: random changes of some records; a pool
// is asked for what an array of objects holds, and how many different ones it can take.
import type { Versions } from '@hearsay/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MAX_VERSION_KINDS, VersionPool } from '../src/version-pool.ts'
import { versionsOf } from './harness.ts'

const RECORDS = 6
const kindOf = (kind: number): Versions =>
  versionsOf({ protocolCurrent: kind & 255, delegateCurrent: (kind >> 8) & 255, delegateMax: kind >> 16 })

describe('the pool of versions', () => {
  it('gives back what was put in, after any changes', () => {
    const change = fc.record({ record: fc.nat(RECORDS - 1), kind: fc.option(fc.nat(8)) })
    fc.assert(
      fc.property(fc.array(change, { maxLength: 100, size: 'max' }), (changes) => {
        const pool = new VersionPool()
        const numbers = Array<number>(RECORDS).fill(0)
        const model = Array<Versions | null>(RECORDS).fill(null)
        for (const { record, kind } of changes) {
          pool.drop(numbers[record]!)
          model[record] = kind === null ? null : kindOf(kind)
          numbers[record] = pool.put(model[record])
          expect(numbers.map((number) => pool.get(number))).toEqual(model)
          // One number for each kind that somebody has, and never more of them than there are records.
          expect(new Set(numbers).size).toBe(new Set(model.map((each) => JSON.stringify(each))).size)
          expect(Math.max(...numbers)).toBeLessThanOrEqual(RECORDS)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('keeps a copy', () => {
    const pool = new VersionPool()
    const versions = { ...kindOf(1) }
    const number = pool.put(versions)
    versions.protocolMax = 77
    expect(pool.get(number)).toEqual(kindOf(1))
  })

  it('is full when records have so many different ones, and has room again when they have not', () => {
    const pool = new VersionPool()
    for (let kind = 0; kind < MAX_VERSION_KINDS; kind++) expect(pool.put(kindOf(kind))).toBe(kind + 1)
    expect(pool.put(kindOf(MAX_VERSION_KINDS))).toBe(0)
    expect(pool.put(kindOf(40_000))).toBe(40_001)
    // Two have it.
    pool.drop(40_001)
    expect(pool.put(kindOf(MAX_VERSION_KINDS))).toBe(0)
    pool.drop(40_001)
    expect(pool.put(kindOf(MAX_VERSION_KINDS))).toBe(40_001)
    expect(pool.get(40_001)).toEqual(kindOf(MAX_VERSION_KINDS))
  })
})
