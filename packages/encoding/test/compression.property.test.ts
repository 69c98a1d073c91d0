/**
 * Goal: both decompressors keep their promises on whatever they are given: the same bytes back, damage noticed or
 * harmless, nothing but DecodeError, and never more memory than allowed.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compressLzw,
  compressSnappy,
  DecodeError,
  snappyUncompressedSize,
  toHex,
  uncompressLzw,
  uncompressSnappy,
} from '../src/index.ts'
import { damage, payloads } from './property-samples.ts'
import { reasonOf } from './samples.ts'

const algorithms = [
  ['LZW', compressLzw, uncompressLzw],
  ['snappy', compressSnappy, uncompressSnappy],
] as const
const BOUND_BYTES = 5000

describe.each(algorithms)('%s', (name, compress, uncompress) => {
  it('gives back what it was given, in exactly the bytes allowed', () => {
    fc.assert(
      fc.property(payloads, (input) => {
        const back = uncompress(compress(input), input.length)
        expect(Buffer.compare(back, input)).toBe(0)
        expect(back.buffer.byteLength).toBe(input.length)
        if (input.length > 0) expect(reasonOf(() => uncompress(compress(input), input.length - 1))).toBe('too-large')
      }),
      { numRuns: 150 },
    )
  })

  it('cut anywhere yields no output at all', () => {
    fc.assert(
      fc.property(payloads, (input) => {
        const whole = compress(input)
        for (let length = 0; length < whole.length; length += 1 + Math.floor(whole.length / 97))
          expect(
            reasonOf(() => uncompress(whole.subarray(0, length), input.length)),
            `cut at ${length}`,
          ).toMatch(
            // The size that a snappy block announces may already be more than so few bytes can become.
            name === 'LZW' ? /^truncated$/ : /^(truncated|malformed)$/,
          )
      }),
      { numRuns: 40 },
    )
  })

  it('damaged yields bytes that come back again, or a DecodeError, and allocates within its bound', () => {
    let read = 0
    let refused = 0
    fc.assert(
      fc.property(payloads, payloads, damage, (input, other, harm) => {
        try {
          const output = uncompress(harm(compress(input), compress(other)), BOUND_BYTES)
          expect(output.length).toBeLessThanOrEqual(BOUND_BYTES)
          expect(output.buffer.byteLength).toBeLessThanOrEqual(BOUND_BYTES)
          expect(Buffer.compare(uncompress(compress(output), output.length), output)).toBe(0)
          read++
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error
          refused++
        }
      }),
      { numRuns: 500 },
    )
    // Otherwise one half of this test would have tested nothing.
    expect(Math.min(read, refused)).toBeGreaterThan(20)
  })
})

describe('LZW', () => {
  it('ends at its End code, whatever follows', () => {
    fc.assert(
      fc.property(payloads, fc.uint8Array({ maxLength: 30 }), (input, tail) => {
        const stream = Uint8Array.of(...compressLzw(input), ...tail)
        expect(Buffer.compare(uncompressLzw(stream, input.length), input)).toBe(0)
      }),
      { numRuns: 200 },
    )
  })
})

describe('snappy', () => {
  it('of any bytes yields exactly the announced size, or nothing', () => {
    fc.assert(
      fc.property(fc.uint8Array({ minLength: 1, maxLength: 60 }), (block) => {
        reasonOf(() => expect(uncompressSnappy(block, BOUND_BYTES).length).toBe(snappyUncompressedSize(block)))
      }),
      { numRuns: 1000 },
    )
  })

  it('with bytes behind the last element is refused', () => {
    fc.assert(
      fc.property(payloads, fc.uint8Array({ minLength: 1, maxLength: 9 }), (input, tail) => {
        const block = Uint8Array.of(...compressSnappy(input), ...tail)
        expect(
          reasonOf(() => uncompressSnappy(block, BOUND_BYTES + input.length)),
          toHex(block),
        ).not.toBe('none')
      }),
      { numRuns: 150 },
    )
  })
})
