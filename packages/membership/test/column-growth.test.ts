// Goal: a table grows without copying everything again and again, and without room for many who never come. Method: counts.
import { describe, expect, it } from 'vitest'
import { grown, roomFor } from '../src/column-growth.ts'

describe('a growing column', () => {
  it('is copied a few times its size in all, and an eighth of it is unused', () => {
    let [capacity, copied] = [0, 0]
    for (let count = 1; count <= 100_000; count++) {
      if (count <= capacity) continue
      copied += capacity
      capacity = roomFor(count)
      expect(capacity).toBeGreaterThanOrEqual(count)
      expect(capacity).toBeLessThanOrEqual(count * 1.125 + 17)
    }
    expect(copied).toBeLessThan(10 * 100_000)
  })

  it('holds what it held', () => {
    expect(grown(Uint16Array.of(1, 2), new Uint16Array(4))).toEqual(Uint16Array.of(1, 2, 0, 0))
  })
})
