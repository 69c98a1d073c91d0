// Goal: a paged map does what a map does. Method: random operations beside a Map.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { PagedMap } from '../src/paged-map.ts'

const step = fc.record({
  does: fc.constantFrom('set', 'set', 'take', 'take', 'get', 'clear'),
  index: fc.oneof(fc.nat(3), fc.integer({ min: 60, max: 66 }), fc.nat(100_000)),
  chance: fc.nat(20),
})

describe('a paged map', () => {
  it('does what a map does', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 100, size: 'max' }), (steps) => {
        const map = new PagedMap<{ readonly at: number }>()
        const plain = new Map<number, { readonly at: number }>()
        for (const [at, { does, index, chance }] of steps.entries()) {
          if (does === 'set') {
            const value = { at }
            map.set(index, value)
            plain.set(index, value)
          } else if (does === 'take') {
            expect(map.take(index)).toBe(plain.get(index))
            plain.delete(index)
          } else if (does === 'clear' && chance === 0) {
            map.clear()
            plain.clear()
          }
          expect(map.get(index)).toBe(plain.get(index))
          expect(map.size).toBe(plain.size)
        }
        for (const [index, value] of plain) expect(map.get(index)).toBe(value)
      }),
    )
  })
})
