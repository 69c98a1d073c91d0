import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ByteReader,
  EncodingError,
  fromHex,
  readUvarint32,
  readUvarint53,
  readUvarint64,
  readVarint53,
  readVarintLow32,
  skipVarint,
  toHex,
  uvarintSize,
  writeUvarint,
  writeUvarint64,
  writeVarint,
} from '../src/index.ts'
import { varintReaders as readers, reasonOf, written } from './samples.ts'

const reader = (hex: string): ByteReader => new ByteReader(fromHex(hex))

describe('varints', () => {
  it.each([
    [0, '00'],
    [1, '01'],
    [127, '7f'],
    [128, '8001'],
    [300, 'ac02'],
    [16_383, 'ff7f'],
    [16_384, '808001'],
    [1_700_000_000, '80e2cfaa06'],
    [2 ** 32 - 1, 'ffffffff0f'],
    [2 ** 32, '8080808010'],
    [1_700_000_123_456, 'c0949dffbc31'],
    [2 ** 53 - 1, 'ffffffffffffff0f'],
  ])('write %i as %s and read it back', (value, hex) => {
    expect(toHex(written((writer) => writeUvarint(writer, value)))).toBe(hex)
    expect(uvarintSize(value)).toBe(hex.length / 2)
    expect(readUvarint53(reader(hex))).toBe(value)
    expect(readVarint53(reader(hex))).toBe(value)
    expect(readUvarint64(reader(hex))).toBe(BigInt(value))
    expect(readVarintLow32(reader(hex))).toBe(Number(BigInt.asUintN(32, BigInt(value))))
    if (value < 2 ** 32) expect(readUvarint32(reader(hex))).toBe(value)
    else expect(reasonOf(() => readUvarint32(reader(hex)))).toBe('malformed')
  })

  it.each([
    [-1, 'ffffffffffffffffff01'],
    [-(2 ** 53 - 1), '8180808080808 0f0ff01'],
  ])('write the negative %i in ten bytes and read it back', (value, hex) => {
    expect(toHex(written((writer) => writeVarint(writer, value)))).toBe(hex.replace(' ', ''))
    expect(readVarint53(reader(hex))).toBe(value)
  })

  it('agree for any 64 bits', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        const bytes = written((writer) => writeUvarint64(writer, value))
        expect(readUvarint64(new ByteReader(bytes))).toBe(value)
        expect(readVarintLow32(new ByteReader(bytes))).toBe(Number(value & 0xffff_ffffn))
        const skipped = new ByteReader(bytes)
        skipVarint(skipped)
        expect(skipped.remaining).toBe(0)
        if (value > BigInt(Number.MAX_SAFE_INTEGER))
          expect(reasonOf(() => readUvarint53(new ByteReader(bytes)))).toBe('malformed')
      }),
    )
  })

  it.each(Object.entries(readers))('%s refuses eleven bytes and an end in the middle', (_name, read) => {
    expect(reasonOf(() => read(reader('8080808080808080808001')))).toBe('malformed')
    expect(reasonOf(() => read(reader('8080')))).toBe('truncated')
    expect(reasonOf(() => read(reader('')))).toBe('truncated')
  })

  it('refuse to write what they cannot hold', () => {
    for (const value of [-1, 0.5, 2 ** 53, Number.NaN])
      expect(() => written((writer) => writeUvarint(writer, value))).toThrow(EncodingError)
    expect(() => written((writer) => writeVarint(writer, 2 ** 53))).toThrow(EncodingError)
  })
})
