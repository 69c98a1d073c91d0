import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ByteReader,
  ByteWriter,
  compareBytes,
  concatBytes,
  DecodeError,
  EncodingError,
  equalBytes,
  fromHex,
  toHex,
} from '../src/index.ts'
import { reasonOf } from './samples.ts'

describe('cursors over bytes', () => {
  it('read what was written, from whatever capacity', () => {
    for (const capacity of [0, 1, 64]) {
      const writer = new ByteWriter(capacity)
      writer.u8(0xfe)
      writer.u16(0xfedc)
      writer.u32(0xfedcba98)
      writer.u64le(0xfedcba9876543210n)
      writer.f64le(-1.5)
      writer.bytes(Uint8Array.of(1, 2))
      const bytes = writer.finish()
      expect(toHex(bytes)).toBe('fefedcfedcba981032547698badcfe000000000000f8bf0102')
      const reader = new ByteReader(bytes)
      expect([reader.peek(), reader.u8(), reader.u16(), reader.u32()]).toEqual([0xfe, 0xfe, 0xfedc, 0xfedcba98])
      expect([reader.u64le(), reader.f64le()]).toEqual([0xfedcba9876543210n, -1.5])
      expect(toHex(reader.rest())).toBe('0102')
      expect(reader.remaining).toBe(0)
    }
  })

  it('have room to be written into, take back, and lend what was written', () => {
    const writer = new ByteWriter(2)
    writer.u8(1)
    // The second claim needs a larger array, and what was written moves along.
    for (const letters of ['a', 'bc']) {
      const target = writer.claim(8)
      expect(target.length - writer.size).toBeGreaterThanOrEqual(8)
      for (const letter of letters) {
        target[writer.size] = letter.charCodeAt(0)
        writer.seek(writer.size + 1)
      }
    }
    expect(toHex(writer.since(1))).toBe('616263')
    writer.seek(2)
    writer.u8(9)
    expect(toHex(writer.finish())).toBe('016109')
  })

  it('accept what is expected and nothing else, and read text up to their bound', () => {
    const reader = new ByteReader(Uint8Array.of(0x61, 0x62, 0x63), 0, 2)
    expect(reader.accept(Uint8Array.of(0x62))).toBe(false)
    expect(reader.accept(Uint8Array.of(0x61, 0x62, 0x63))).toBe(false)
    expect(reader.offset).toBe(0)
    expect(reader.accept(Uint8Array.of(0x61))).toBe(true)
    expect(reasonOf(() => reader.text(2))).toBe('truncated')
    expect(reader.text(1)).toBe('b')
  })

  it('never read past their bound, and say where they were', () => {
    const reads: ((reader: ByteReader) => unknown)[] = [
      (r) => r.peek(),
      (r) => r.u8(),
      (r) => r.u16(),
      (r) => r.u32(),
      (r) => r.u64(),
      (r) => r.u32le(),
      (r) => r.u64le(),
      (r) => r.f64le(),
      (r) => r.take(1),
      (r) => r.skip(1),
      (r) => r.window(1),
      (r) => r.take(-1),
      (r) => r.take(Number.NaN),
      (r) => r.take(2 ** 53),
    ]
    for (const read of reads) {
      const reader = new ByteReader(new Uint8Array(20), 7, 7)
      expect(reasonOf(() => read(reader))).toBe('truncated')
      expect(reader.offset).toBe(7)
    }
    expect(() => new ByteReader(new Uint8Array(3), 1).u32()).toThrow(expect.objectContaining({ offset: 1 }))
  })

  it('keep the offsets of the whole in a window', () => {
    const reader = new ByteReader(fromHex('0102030405'))
    reader.skip(1)
    const window = reader.window(2)
    expect([window.offset, window.remaining, reader.offset]).toEqual([1, 2, 3])
    expect(window.u16()).toBe(0x0203)
    expect(reasonOf(() => window.u8())).toBe('truncated')
    expect(new ByteReader(fromHex('0000000100000002')).u64()).toBe(0x1_0000_0002n)
    expect(new ByteReader(fromHex('01000080')).u32le()).toBe(0x8000_0001)
  })

  it('make room afterwards', () => {
    const writer = new ByteWriter(2)
    writer.u8(1)
    const at = writer.reserve(4)
    writer.u8(2)
    writer.patchU32(at, 0xdeadbeef)
    writer.insert(1, 2)
    writer.patchU8(1, 7)
    writer.patchU8(2, 8)
    expect(writer.size).toBe(8)
    expect(toHex(writer.finish())).toBe('010708deadbeef02')
  })

  it('cost hostile bytes no stack trace, and leave the limit as it was', () => {
    const limit = Error.stackTraceLimit
    expect(new DecodeError('malformed', 0, 'x').stack ?? '').not.toContain('\n')
    expect(Error.stackTraceLimit).toBe(limit)
  })
})

describe('bytes', () => {
  it('are compared as Buffer compares them', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 4 }), fc.uint8Array({ maxLength: 4 }), (a, b) => {
        expect(Math.sign(compareBytes(a, b))).toBe(Buffer.compare(a, b))
        expect(equalBytes(a, b)).toBe(Buffer.compare(a, b) === 0)
        expect(Buffer.compare(concatBytes([a, b]), Buffer.concat([a, b]))).toBe(0)
      }),
    )
  })

  it('are written in hex and read back', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 40 }), (bytes) => {
        expect(toHex(bytes)).toBe(Buffer.from(bytes).toString('hex'))
        expect(toHex(fromHex(toHex(bytes).toUpperCase()))).toBe(toHex(bytes))
      }),
    )
    expect([...fromHex(' 0A\n0b ')]).toEqual([10, 11])
  })

  it.each(['a', '0g', '0x00', 'é0'])('are not read from %j', (text) => {
    expect(() => fromHex(text)).toThrow(EncodingError)
  })
})
