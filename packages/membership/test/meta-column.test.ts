// Goal: metadata comes out as it went in, however often it grows and shrinks. Method: a map of arrays as the model.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { MetaColumn } from '../src/meta-column.ts'

const bytes = (length: number, fill: number): Uint8Array => new Uint8Array(length).fill(fill)
const CAPACITY = 20

describe('the column of metadata', () => {
  it('holds what a map holds, after any settings', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.record({
            index: fc.nat(CAPACITY - 1),
            length: fc.oneof(fc.nat(20), fc.constantFrom(0, 512, 4000, 9000, 30_000)),
            fill: fc.nat(255),
          }),
          { maxLength: 120, size: 'max' },
        ),
        (settings) => {
          const column = new MetaColumn()
          column.resize(CAPACITY)
          const model = new Map<number, Uint8Array>()
          for (const { index, length, fill } of settings) {
            const value = bytes(length, fill)
            column.set(index, value)
            model.set(index, value.slice())
            value.fill(~fill)
          }
          for (let index = 0; index < CAPACITY; index++) {
            const expected = model.get(index) ?? bytes(0, 0)
            expect(Buffer.compare(column.get(index), expected)).toBe(0)
            expect(column.has(index, expected)).toBe(true)
            expect(column.has(index, bytes(expected.length, (expected[0] ?? 0) ^ 1))).toBe(expected.length === 0)
            expect(column.has(index, bytes(expected.length + 1, expected[0] ?? 0))).toBe(false)
          }
        },
      ),
      { numRuns: 150 },
    )
  })

  it('keeps everything when it gets more room, and gives new indices nothing', () => {
    const column = new MetaColumn()
    column.resize(4)
    for (let index = 0; index < 4; index++) column.set(index, bytes(100, index))
    column.resize(400)
    for (let index = 0; index < 4; index++) expect(column.get(index)).toEqual(bytes(100, index))
    expect(column.get(399)).toEqual(bytes(0, 0))
  })

  it('takes a value that it lent itself, also where that makes it move', () => {
    const column = new MetaColumn()
    column.resize(100)
    column.set(
      0,
      Uint8Array.from({ length: 300 }, (_, at) => at & 255),
    )
    for (let index = 1; index < 100; index++) column.set(index, column.get(index - 1))
    for (let index = 0; index < 100; index++)
      expect(column.get(index)).toEqual(Uint8Array.from({ length: 300 }, (_, at) => at & 255))
  })

  it('lets go of what is written over: its memory is that of what it holds', () => {
    const column = new MetaColumn()
    column.resize(4)
    for (let round = 0; round < 10_000; round++)
      for (let index = 0; index < 4; index++) {
        column.set(index, bytes(450, 0))
        column.set(index, bytes(500, round))
      }
    // Lent is a view of all that it has.
    expect(column.get(0).buffer.byteLength).toBeLessThan(8 * 1024)
  })
})
