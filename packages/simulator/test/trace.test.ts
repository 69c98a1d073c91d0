import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Trace } from '../src/index.ts'

const hashOf = (numbers: readonly number[]): string => {
  const trace = new Trace()
  for (const number of numbers) trace.number(number)
  return trace.hash()
}

describe('a trace', () => {
  it('shows every change of a number, and every change of order', () => {
    fc.assert(
      fc.property(fc.array(fc.integer(), { minLength: 1, maxLength: 30 }), fc.nat(), fc.integer(), (all, at, other) => {
        const changed = [...all]
        changed[at % all.length] = other
        expect(hashOf(changed) === hashOf(all)).toBe(other === all[at % all.length])
        expect(hashOf([...all, 0])).not.toBe(hashOf(all))
        const turned = [...all].reverse()
        if (turned.join() !== all.join()) expect(hashOf(turned)).not.toBe(hashOf(all))
      }),
    )
  })

  it('shows every bit', () => {
    const hashes = Array.from({ length: 32 }, (_, bit) => hashOf([1 << bit, 5]))
    expect(new Set([...hashes, hashOf([0, 5])]).size).toBe(33)
  })

  it('spreads neighbours over all of its digits', () => {
    const hashes = Array.from({ length: 20_000 }, (_, index) => hashOf([index]))
    expect(new Set(hashes).size).toBe(hashes.length)
    for (let place = 0; place < 16; place++) {
      const digits = new Map<string, number>()
      for (const hash of hashes) digits.set(hash[place]!, (digits.get(hash[place]!) ?? 0) + 1)
      // 1250 each; the deviation of one is 34.
      for (const count of digits.values()) expect(Math.abs(count - 1250)).toBeLessThan(220)
      expect(digits.size).toBe(16)
    }
  })

  it('tells times apart that differ in a tick, however late', () => {
    const at = (ticks: number): string => {
      const trace = new Trace()
      trace.begin(ticks, 0, 0)
      return trace.hash()
    }
    const late = 86_400_000 * 65_536
    expect(new Set([at(0), at(1), at(late), at(late + 1), at(late + 2 ** 32)]).size).toBe(5)
  })
})
