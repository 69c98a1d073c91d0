// Goal: production draws numbers that are spread evenly from 0 to below 1 and never come again. Method: more draws than are
// fetched at once; bounds are six standard deviations wide.
import { describe, expect, it } from 'vitest'
import { nodeSystem, secretKeys } from '../src/system.ts'

describe('chance in production', () => {
  const { random } = nodeSystem()
  const drawn = Array.from({ length: 20_000 }, random)

  it('is spread evenly from 0 to below 1', () => {
    const counts = Array<number>(16).fill(0)
    for (const each of drawn) {
      expect(each).toBeGreaterThanOrEqual(0)
      expect(each).toBeLessThan(1)
      counts[Math.floor(each * 16)]!++
    }
    for (const count of counts)
      expect(Math.abs(count - drawn.length / 16)).toBeLessThan(6 * Math.sqrt(drawn.length / 16))
  })

  it('has as many bits as a number can have, all of them random', () => {
    for (let bit = 1; bit <= 53; bit++) {
      const ones = drawn.filter((each) => Math.floor(each * 2 ** bit) % 2 === 1).length
      expect(Math.abs(ones - drawn.length / 2), `bit ${bit}`).toBeLessThan(3 * Math.sqrt(drawn.length))
    }
  })

  it('never says the same again, nor the same as somewhere else', () => {
    const other = nodeSystem()
    expect(new Set([...drawn, ...drawn.map(() => other.random())]).size).toBe(2 * drawn.length)
  })
})

describe('secret keys', () => {
  it('are never the same', () => {
    expect(secretKeys(4)).toHaveLength(4)
    expect(secretKeys(4)).not.toEqual(secretKeys(4))
  })
})
