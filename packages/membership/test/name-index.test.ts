// Goal: names are found as in a map, whatever they are, and nobody can make a search long. Method: the same random operations
// on the index and on a map, with good keys and with keys that are all the same; names that were made to collide.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { NAME_KEYS, NameIndex } from '../src/name-index.ts'
import { seeded } from './harness.ts'

const keysOf = (seed: number): Int32Array => {
  const random = seeded(seed)
  return Int32Array.from({ length: NAME_KEYS }, () => Math.floor(random() * 2 ** 32) | 0)
}
/** Everything is in one chain. */
const noKeys = new Int32Array(NAME_KEYS)
/** Longer than what is hashed at first, and equal there. */
const tail = '-of-one-and-the-same-cluster.example'

const name = fc.oneof(
  fc.nat(30).map((number) => `n${number}`),
  fc.nat(30).map((number) => `n${number}${tail}`),
  fc.string({ unit: 'binary', maxLength: 4 }),
  fc.nat(3).map((count) => '\u0000'.repeat(count)),
  fc.constantFrom('\udc80', '\udcff', '\udc80\udc80', 'é', 'e', 'x'.repeat(254), 'x'.repeat(255), 'y'.repeat(300)),
)
const operation = fc.record({ kind: fc.constantFrom('add', 'add', 'add', 'remove'), name })

function compare(index: NameIndex, model: ReadonlyMap<string, number>): void {
  expect(index.size).toBe(model.size)
  for (const [each, record] of model) {
    expect(index.find(each)).toBe(record)
    expect(index.get(record)).toBe(each)
  }
}

/** An index with the names of 0 to below `count`. */
function indexOf(count: number, nameOf: (number: number) => string, keys = keysOf(5)): NameIndex {
  const index = new NameIndex(keys)
  index.resize(count)
  for (let number = 0; number < count; number++) index.add(number, nameOf(number))
  return index
}

describe('the index of names', () => {
  it.each([
    ['keys as they should be', keysOf(1)],
    ['all names in one chain', noKeys],
  ])('holds what a map holds, after any operations: %s', (_, keys) => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 200, size: 'max' }), (operations) => {
        const index = new NameIndex(keys)
        const model = new Map<string, number>()
        const free: number[] = []
        let capacity = 0
        for (const each of operations) {
          const known = model.get(each.name)
          expect(index.find(each.name)).toBe(known ?? -1)
          if (each.kind === 'add' && known === undefined) {
            const record = free.pop() ?? model.size
            if (record >= capacity) {
              capacity = record + 3
              index.resize(capacity)
            }
            index.add(record, each.name)
            model.set(each.name, record)
          } else if (each.kind === 'remove' && known !== undefined) {
            index.remove(known)
            model.delete(each.name)
            free.push(known)
          }
        }
        compare(index, model)
      }),
      { numRuns: 60 },
    )
  })

  it.each([
    ['numbered', (number: number) => `member-${number}`],
    ['numbered in front', (number: number) => `${number}${tail}`],
    ['numbered before a very long tail', (number: number) => `${number}-${'x'.repeat(240)}`],
    ['made of two letters', (number: number) => number.toString(2).padStart(20, '0')],
    ['of other scripts', (number: number) => String.fromCharCode(0x4e00 + (number % 5000), 0x3042 + number / 5000)],
  ])('has short chains for 20,000 names that are %s', (_, nameOf) => {
    const index = indexOf(20_000, nameOf)
    expect(index.longestChain).toBeLessThanOrEqual(17)
    for (let number = 0; number < 20_000; number += 7) expect(index.find(nameOf(number))).toBe(number)
    expect(index.find(nameOf(20_000))).toBe(-1)
    for (let number = 0; number < 20_000; number += 2) index.remove(number)
    for (let number = 0; number < 20_000; number++) expect(index.find(nameOf(number))).toBe(number % 2 ? number : -1)
  })

  it('has short chains for names that are nothing but zeros', () => {
    expect(indexOf(200, (number) => '\u0000'.repeat(number)).longestChain).toBeLessThan(12)
  })

  it('puts names that collide by some keys into many chains by others', () => {
    const [known, others] = [keysOf(11), keysOf(12)]
    // 64 chains: one in 64 of all names lies in the chain of the first one.
    const isForged = (each: string): boolean => {
      const both = indexOf(2, (number) => (number === 0 ? 'n0' : each), known)
      return both.longestChain === 2
    }
    const forged = Array.from({ length: 3000 }, (_, number) => `n${number + 1}`)
      .filter(isForged)
      .slice(0, 30)
    expect(forged).toHaveLength(30)
    expect(indexOf(30, (number) => forged[number]!, known).longestChain).toBe(30)
    expect(indexOf(30, (number) => forged[number]!, others).longestChain).toBeLessThan(8)
  })

  it('hashes a name a few times, however many there are', () => {
    const multiplications = (count: number): number => {
      let counted = 0
      const { imul } = Math
      Math.imul = (a, b) => {
        counted++
        return imul(a, b)
      }
      try {
        indexOf(count, (number) => `${number}${tail}`)
      } finally {
        Math.imul = imul
      }
      return counted
    }
    expect(multiplications(20_000)).toBeLessThanOrEqual(5 * multiplications(5000))
  })
})
