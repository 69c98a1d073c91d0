// Goal: each notation is what the specifications say. Method: vectors of the wire and ring specifications, snappyjs as
// an oracle, and properties over random bytes.

import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compressLzw,
  compressSnappy,
  DecodeError,
  decodeText,
  encodeText,
  FieldReader,
  fromHex,
  toHex,
  uncompressLzw,
  uncompressSnappy,
} from '../src/index.ts'

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** The generator of the wire specification, Appendix A. */
function lcg(length: number, mask: number): Uint8Array {
  let x = 1
  return Uint8Array.from({ length }, () => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff
    return (x >> 16) & mask
  })
}

describe('LZW (wire spec, Appendix A)', () => {
  it.each([
    ['', '000302'],
    ['A', '00830404'],
    ['AB', '0083080908'],
    ['AAA', '0083080c08'],
    ['AAAAAAAA', '0083081c283020'],
    ['ABABABABA', '0083081148706040'],
    ['TOBEORNOTTOBEORTOBEORNOT', '00a93c1152e48914274fa80824687061c183090302'],
    ['memberlist memberlist memberlist', '00db946923a68c1c3669e6d0012190a041840a190e2c7830219d80'],
  ])('%j both ways', (input, output) => {
    expect(toHex(compressLzw(text(input)))).toBe(output)
    expect(uncompressLzw(fromHex(output), 1000)).toEqual(text(input))
  })

  it.each([
    [256, 255, 291, 0xb20b6edc],
    [767, 255, 922, 0xc95266d0],
    [1791, 255, 2306, 0x230182ae],
    [3838, 255, 5261, 0x2d15ed26],
    [7678, 255, 10536, 0xcda085c6],
    [65536, 255, 89745, 0xe5457684],
    [100000, 3, 29858, 0x84195319],
  ])("LCG(%i, %i) compresses to Go's %i bytes and back", (length, mask, size, crc) => {
    const input = lcg(length, mask)
    const output = compressLzw(input)
    expect(output.length).toBe(size)
    expect(crc32(output)).toBe(crc)
    expect(uncompressLzw(output, length)).toEqual(input)
  })

  it('stops at its bound, at a missing end, and at a code that is not defined', () => {
    const reasonOf = (work: () => unknown): string => {
      try {
        work()
        return 'none'
      } catch (error) {
        return error instanceof DecodeError ? error.reason : 'escaped'
      }
    }
    expect(reasonOf(() => uncompressLzw(compressLzw(new Uint8Array(1000)), 999))).toBe('too-large')
    expect(reasonOf(() => uncompressLzw(new Uint8Array(0), 10))).toBe('truncated')
    // Clear, then code 300, where nothing is defined yet.
    expect(reasonOf(() => uncompressLzw(Uint8Array.of(0x00, 0x59, 0x02, 0x00), 10))).toBe('malformed')
  })
})

describe('snappy', () => {
  it('reads the copy of the ring specification 1.6', () => {
    const message =
      '0a470a0a696e6765737465722d3012390a0d31302e302e302e313a393039351080e2cfaa06320801ac02ffffffff0f3a067a6f6e652d614098dacfaa064a0a696e6765737465722d30'
    const block = `49f03e${message.slice(0, 126)}193b`
    expect(toHex(uncompressSnappy(fromHex(block), 1000))).toBe(message)
  })

  it('and snappyjs read each other', async () => {
    const snappyjs = await import('snappyjs')
    fc.assert(
      fc.property(
        fc.oneof(
          fc.uint8Array({ maxLength: 3000 }),
          fc.array(fc.constantFrom(1, 2, 3), { maxLength: 3000 }).map((list) => Uint8Array.from(list)),
        ),
        (input) => {
          expect(new Uint8Array(snappyjs.uncompress(compressSnappy(input)))).toEqual(new Uint8Array(input))
          expect(uncompressSnappy(new Uint8Array(snappyjs.compress(input)), input.length)).toEqual(
            new Uint8Array(input),
          )
        },
      ),
      { numRuns: 200 },
    )
  })
})

describe('text', () => {
  it('survives, whatever bytes it is', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 100 }), (bytes) => {
        expect(encodeText(decodeText(bytes))).toEqual(new Uint8Array(bytes))
      }),
    )
  })

  it('is UTF-8 where it is valid', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (value) => {
        expect(encodeText(value)).toEqual(text(value))
        expect(decodeText(text(value))).toBe(value)
      }),
    )
  })
})

describe('protobuf fields', () => {
  it('are refused with a DecodeError, never otherwise, whatever the bytes are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        try {
          const fields = new FieldReader(bytes)
          while (fields.next()) fields.skip()
        } catch (error) {
          expect(error).toBeInstanceOf(DecodeError)
        }
      }),
    )
  })
})
