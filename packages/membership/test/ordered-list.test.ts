// Goal: the list in chunks is what one sorted array is. Method: random steps on both, with chunks so small that they are
// halved and joined all the time.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { OrderedList } from '../src/ordered-list.ts'

const step = fc.oneof(
  { weight: 3, arbitrary: fc.record({ insert: fc.integer({ min: 0, max: 99 }) }) },
  { weight: 2, arbitrary: fc.record({ remove: fc.integer({ min: 0, max: 99 }) }) },
  fc.record({ removeAll: fc.tuple(fc.integer({ min: 0, max: 99 }), fc.integer({ min: 0, max: 60 })) }),
  fc.record({ first: fc.integer({ min: -1, max: 100 }) }),
)

describe('an ordered list', () => {
  it('is what a sorted array is', () => {
    fc.assert(
      fc.property(fc.integer({ min: 2, max: 9 }), fc.array(step, { maxLength: 100, size: 'max' }), (chunk, steps) => {
        const list = new OrderedList<number>((a, b) => a < b, chunk)
        let model: number[] = []
        const remove = (item: number): void => {
          expect(list.delete(item)).toBe(model.includes(item))
          model = model.filter((each) => each !== item)
        }
        for (const each of steps) {
          if ('insert' in each) {
            if (model.includes(each.insert)) continue
            list.insert(each.insert)
            model = [...model, each.insert].sort((a, b) => a - b)
          } else if ('remove' in each) remove(each.remove)
          else if ('removeAll' in each) {
            const [from, count] = each.removeAll
            for (let item = from; item < from + count; item++) remove(item)
          } else expect(list.first((item) => item < each.first)).toBe(model.find((item) => item >= each.first))
          expect([...list]).toEqual(model)
          expect(list.size).toBe(model.length)
          expect(list.last).toBe(model.at(-1))
        }
      }),
      { numRuns: 100 },
    )
  })

  it('holds thousands in its usual chunks', () => {
    const list = new OrderedList<number>((a, b) => a < b)
    const numbers = Array.from({ length: 5003 }, (_, index) => (index * 1009) % 5003)
    for (const item of numbers) list.insert(item)
    expect([...list]).toEqual([...numbers].sort((a, b) => a - b))
    for (const item of numbers) if (item % 50 !== 0) expect(list.delete(item)).toBe(true)
    expect([...list]).toEqual(Array.from({ length: 101 }, (_, index) => index * 50))
  })

  it('that was thinned out moves as few items as one that never was larger', () => {
    const list = new OrderedList<number>((a, b) => a < b)
    const left: number[] = []
    for (let item = 0; item < 100_000; item++) {
      list.insert(item)
      if (item % 64 === 0) left.push(item)
      else if (item % 64 === 63) for (let gone = item - 62; gone <= item; gone++) list.delete(gone - 6400)
    }
    for (let gone = 100_000 - 6500; gone < 100_000; gone++) if (gone % 64 !== 0) list.delete(gone)
    expect([...list]).toEqual(left)
    const { splice } = Array.prototype
    let moved = 0
    Array.prototype.splice = function (this: unknown[], start: number, ...rest: [number, ...unknown[]]) {
      moved += this.length - start
      return splice.call(this, start, ...rest)
    } as typeof splice
    try {
      for (const item of left) list.delete(item)
    } finally {
      Array.prototype.splice = splice
    }
    // A chunk of 128 items at most, and the few dozen chunks that 1,563 items need.
    expect(moved).toBeGreaterThan(left.length)
    expect(moved / left.length).toBeLessThan(200)
  })
})
