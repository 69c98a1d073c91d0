import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compareBytes, compareText, decodeText, encodeText, fromHex, textSize, toHex, writeText } from '../src/index.ts'
import { utf8 } from './samples.ts'

// Bytes that are often almost UTF-8: whole characters between loose bytes.
const nearlyText = fc
  .array(fc.oneof(fc.string({ unit: 'grapheme', maxLength: 3 }).map(utf8), fc.uint8Array({ maxLength: 3 })), {
    maxLength: 20,
  })
  .map((parts) => Uint8Array.from(parts.flatMap((part) => [...part])))

describe('text', () => {
  it('survives decoding and encoding, whatever its bytes are', () => {
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({ maxLength: 100 }), nearlyText), (bytes) => {
        const text = decodeText(bytes)
        expect(toHex(encodeText(text))).toBe(toHex(bytes))
        expect(textSize(text)).toBe(bytes.length)
      }),
      { numRuns: 1000 },
    )
  })

  it('is what TextEncoder and TextDecoder make of it where it is valid', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme', maxLength: 60 }), (text) => {
        expect(toHex(encodeText(text))).toBe(toHex(utf8(text)))
        expect(decodeText(utf8(text))).toBe(text)
      }),
    )
  })

  it.each([
    ['a loose byte', 'ff', '\udcff'],
    ['a sequence cut short', 'e282', '\udce2\udc82'],
    ['an overlong form', 'c080', '\udcc0\udc80'],
    ['an encoded surrogate', 'edb280', '\udced\udcb2\udc80'],
    ['a point above U+10FFFF', 'f4908080', '\udcf4\udc90\udc80\udc80'],
    ['a byte order mark', 'efbbbf', '\ufeff'],
    ['a character before a loose byte', 'f09f988080', '😀\udc80'],
  ])('keeps %s', (_name, hex, text) => {
    expect(decodeText(fromHex(hex))).toBe(text)
    expect(toHex(encodeText(text))).toBe(hex)
  })

  it('writes U+FFFD for a surrogate that stands for no byte', () => {
    expect(toHex(encodeText('\ud800'))).toBe('efbfbd')
    expect(textSize('\ud800x\udc00')).toBe(7)
  })

  it('can be read and written in the middle of other bytes', () => {
    const bytes = utf8('..naïve..')
    expect(decodeText(bytes, 2, bytes.length - 2)).toBe('naïve')
    const target = new Uint8Array(10)
    expect(writeText(target, 2, 'naïve')).toBe(8)
    expect(toHex(target)).toBe(`0000${toHex(utf8('naïve'))}0000`)
  })

  it('is ordered as its bytes are', () => {
    fc.assert(
      fc.property(nearlyText, nearlyText, nearlyText, (common, left, right) => {
        const [a, b] = [decodeText(Uint8Array.of(...common, ...left)), decodeText(Uint8Array.of(...common, ...right))]
        expect(Math.sign(compareText(a, b))).toBe(Math.sign(compareBytes(encodeText(a), encodeText(b))))
      }),
      { numRuns: 2000 },
    )
  })

  it('orders a loose byte below a character, and a character above U+FFFF last', () => {
    expect(compareText('\udc80', 'é')).toBeLessThan(0)
    expect(compareText('é', '\udc80')).toBeGreaterThan(0)
    expect(compareText('\uffff', '😀')).toBeLessThan(0)
    expect(compareText('a', 'a')).toBe(0)
  })
})
