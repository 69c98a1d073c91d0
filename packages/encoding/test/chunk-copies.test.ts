/** Goal: copies by chunks are copies byte by byte, also where both places overlap and where an array ends. */
import { describe, expect, it } from 'vitest'
import { copyLiteral, repeat, viewOf } from '../src/chunk-copies.ts'
import { lcg } from './samples.ts'

const lengths = Array.from({ length: 70 }, (_, index) => index + 1)
/** How much room is left behind what is copied. */
const rooms = [0, 1, 3, 4, 15, 16, 17, 40]

describe('copies by chunks', () => {
  it('repeat what is in the output, at every distance', () => {
    for (const distance of [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 50])
      for (const length of lengths)
        for (const room of rooms) {
          const start = 60
          // A view that does not begin where its buffer does.
          const bytes = lcg(start + length + room + 3, 0xff).subarray(3)
          const expected = bytes.slice()
          for (let index = 0; index < length; index++) expected[start + index] = expected[start - distance + index]!
          repeat(bytes, viewOf(bytes), start - distance, start, length)
          const what = `${length} bytes from ${distance} back, ${room} left`
          expect(Buffer.compare(bytes.subarray(0, start + length), expected.subarray(0, start + length)), what).toBe(0)
        }
  })

  it('take literals out of any place, and never beyond either end', () => {
    for (const length of lengths)
      for (const sourceRoom of rooms)
        for (const room of rooms) {
          const source = lcg(5 + length + sourceRoom, 0xff)
          const target = new Uint8Array(7 + length + room)
          copyLiteral(source, viewOf(source), 5, target, viewOf(target), 7, length)
          const what = `${length} bytes, ${sourceRoom} and ${room} left`
          expect(Buffer.compare(target.subarray(7, 7 + length), source.subarray(5, 5 + length)), what).toBe(0)
          expect(target.subarray(0, 7), what).toEqual(new Uint8Array(7))
        }
  })
})
