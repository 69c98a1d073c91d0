// Goal: the index finds who is at an endpoint, at a cost that nobody can drive up. Method: a map from record to hash as the
// model, with few hashes, so that chains are long; and calls counted.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { EndpointIndex, MAX_CHAIN_STEPS } from '../src/endpoint-index.ts'

/** Everything in the chain of a hash that has this very hash. Nobody else is in it who is in none. */
function all(index: EndpointIndex, hashes: ReadonlyMap<number, number>, hash: number): number[] {
  const found: number[] = []
  index.find(hash, (each) => {
    expect(hashes.has(each)).toBe(true)
    if (hashes.get(each) === hash) found.push(each)
    return false
  })
  return found.sort((a, b) => a - b)
}

const operation = fc.record({
  kind: fc.constantFrom('add', 'add', 'remove', 'move', 'find'),
  record: fc.nat(200),
  // Of 32 bits, and equal in the low ones as often as not.
  hash: fc.tuple(fc.nat(7), fc.constantFrom(0, 64, 0xffff_ff00)).map(([low, high]) => (high + low) >>> 0),
})

describe('the index of endpoints', () => {
  it('finds exactly those that are there, after any operations', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 300, size: 'max' }), (operations) => {
        const hashes = new Map<number, number>()
        const index = new EndpointIndex((record) => hashes.get(record)!)
        for (const { kind, record, hash } of operations) {
          const known = hashes.has(record)
          if (kind === 'add' && !known) {
            hashes.set(record, hash)
            index.add(record)
          } else if (kind === 'remove' && known) {
            index.remove(record)
            hashes.delete(record)
          } else if (kind === 'move' && known) {
            index.remove(record)
            hashes.set(record, hash)
            index.add(record)
          } else if (kind === 'find' && known) {
            expect(index.find(hashes.get(record)!, (each) => each === record)).toBe(record)
          }
        }
        for (const hash of new Set(hashes.values())) {
          const expected = [...hashes].filter(([, each]) => each === hash).map(([record]) => record)
          expect(all(index, hashes, hash)).toEqual(expected.sort((a, b) => a - b))
        }
        expect(index.find(12_345, () => true)).toBe(-1)
      }),
      { numRuns: 100 },
    )
  })

  it('keeps thousands apart', () => {
    const index = new EndpointIndex((record) => Math.imul(record, 0x9e3779b1) >>> 0)
    for (let record = 0; record < 5000; record++) index.add(record)
    for (let record = 0; record < 5000; record += 2) index.remove(record)
    for (let record = 0; record < 5000; record++)
      expect(index.find(Math.imul(record, 0x9e3779b1) >>> 0, (each) => each === record)).toBe(record % 2 ? record : -1)
  })

  it('has the newest first in each chain, also after it has grown', () => {
    const hashOf = (record: number): number => (record * 7) % 200
    const index = new EndpointIndex(hashOf)
    for (let record = 0; record < 1000; record++) index.add(record)
    for (let hash = 0; hash < 200; hash++) {
      const seen: number[] = []
      index.find(hash, (record) => {
        seen.push(record)
        return false
      })
      const expected = [...Array(1000).keys()].filter((record) => hashOf(record) === hash)
      expect(seen).toEqual(expected.reverse())
    }
  })

  it('looks at so many of one endpoint and no more, and at the one that it found first of all next time', () => {
    const index = new EndpointIndex(() => 7)
    for (let record = 0; record < 1000; record++) index.add(record)
    const steps = (wanted: number): number => {
      let looked = 0
      index.find(7, (each) => {
        looked++
        return each === wanted
      })
      return looked
    }
    expect(steps(-5)).toBe(MAX_CHAIN_STEPS)
    expect(steps(950)).toBe(50)
    expect(steps(950)).toBe(1)
  })

  it('removes one of very many at one endpoint without looking at the others', () => {
    let hashed = 0
    const index = new EndpointIndex(() => {
      hashed++
      return 7
    })
    for (let record = 0; record < 10_000; record++) index.add(record)
    hashed = 0
    for (let record = 0; record < 10_000; record++) index.remove(record)
    expect(hashed).toBeLessThanOrEqual(10_000)
    expect(index.find(7, () => true)).toBe(-1)
  })
})
