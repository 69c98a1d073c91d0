// Goal: a tier gives what a sorted array gives, whatever comes in which order. Method: random operations beside the array.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { TransmitTier } from '../src/transmit-tier.ts'

interface Item {
  readonly id: number
  readonly sizeBytes: number
  tier: object | undefined
  newer: Item | undefined
  older: Item | undefined
}

const itemOf = (id: number, sizeBytes: number): Item => {
  return { id, sizeBytes, tier: undefined, newer: undefined, older: undefined }
}
const inOrder = (items: readonly Item[]): Item[] => [...items].sort((a, b) => b.sizeBytes - a.sizeBytes || b.id - a.id)

// Few sizes, so that many items share one; some beyond the small ones, and on both sides of a word of the bitmap.
const sizes = [1, 31, 32, 33, 63, 64, 100, 2047, 2048, 5000]
const step = fc.oneof(
  { weight: 4, arbitrary: fc.record({ insert: fc.constantFrom(...sizes), id: fc.integer({ min: 0, max: 500 }) }) },
  fc.record({ remove: fc.nat() }),
  fc.record({ takeFirst: fc.constantFrom(...sizes, 0, -1, 40) }),
)

describe('a tier of a queue', () => {
  it('gives what a sorted array gives', () => {
    let longest = 0
    fc.assert(
      fc.property(fc.array(step, { minLength: 20, maxLength: 200, size: 'max' }), (steps) => {
        const tier = new TransmitTier<Item>()
        let plain: Item[] = []
        for (const each of steps) {
          if ('insert' in each) {
            if (plain.some(({ id }) => id === each.id)) continue
            const item = itemOf(each.id, each.insert)
            tier.insert(item)
            plain.push(item)
          } else {
            const item =
              'remove' in each
                ? plain[each.remove % Math.max(1, plain.length)]
                : inOrder(plain).find(({ sizeBytes }) => sizeBytes <= each.takeFirst)
            if ('takeFirst' in each) expect(tier.fitting(each.takeFirst)).toBe(item)
            if (!item) continue
            expect(tier.remove(item)).toBe(true)
            expect(tier.remove(item)).toBe(false)
            plain = plain.filter((other) => other !== item)
          }
          longest = Math.max(longest, plain.length)
          expect(tier.size).toBe(plain.length)
          expect(tier.last).toBe(inOrder(plain).at(-1))
        }
        expect([...tier]).toEqual(inOrder(plain))
        for (const sizeBytes of [-1, 32, 2047, 4999])
          expect([...tier.longer(sizeBytes)]).toEqual(inOrder(plain).filter((item) => item.sizeBytes > sizeBytes))
      }),
      { numRuns: 400 },
    )
    expect(longest).toBeGreaterThan(40)
  })

  it('keeps the order of items that come back oldest first, newest first, and between', () => {
    for (const order of [(id: number) => id, (id: number) => 300 - id, (id: number) => (id * 8) % 301]) {
      const tier = new TransmitTier<Item>()
      for (let id = 0; id < 301; id++) tier.insert(itemOf(order(id), 60))
      expect(Array.from(tier, ({ id }) => id)).toEqual(Array.from({ length: 301 }, (_, at) => 300 - at))
      for (let id = 300; id >= 0; id--) {
        const item = tier.fitting(60)!
        expect(item.id).toBe(id)
        tier.remove(item)
      }
    }
  })
})
