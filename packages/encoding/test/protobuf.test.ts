import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  delimitedSize,
  EncodingError,
  FieldReader,
  FieldWriter,
  fromHex,
  packedUint32Size,
  RepeatedUint32,
  tagSize,
  toHex,
} from '../src/index.ts'
import { reasonOf } from './samples.ts'

const tokensOf = (bytes: Uint8Array): number[] => {
  const fields = new FieldReader(bytes)
  const values = new RepeatedUint32()
  while (fields.next()) values.read(fields)
  return [...values.finish()]
}

const everyKind = (): Uint8Array => {
  const fields = new FieldWriter()
  fields.uint(1, 300)
  fields.int(2, -2)
  fields.int64(3, -(2n ** 63n))
  fields.bool(4, true)
  fields.fixed64(5, 2n ** 64n - 1n)
  fields.double(6, -0.5)
  fields.text(7, 'zone-\udcff')
  fields.bytes(8, Uint8Array.of(0, 255))
  fields.packedUint32(9, [1, 300, 2 ** 32 - 1])
  fields.message(16, (inner) => inner.text(1, 'x'.repeat(200)))
  return fields.finish()
}

describe('protobuf fields', () => {
  it('are written as in the worked example of a ring', () => {
    const ring = new FieldWriter()
    ring.message(1, (entry) => {
      entry.text(1, 'ingester-0')
      entry.message(2, (value) => {
        value.text(1, '10.0.0.1:9095')
        value.int(2, 1_700_000_000)
        value.packedUint32(6, [1, 300, 4_294_967_295])
        value.text(7, 'zone-a')
        value.int(8, 1_699_999_000)
        value.text(9, 'ingester-0')
      })
    })
    expect(toHex(ring.finish())).toBe(
      '0a470a0a696e6765737465722d3012390a0d31302e302e302e313a393039351080e2cfaa06320801ac02ffffffff0f3a067a6f6e652d614098dacfaa064a0a696e6765737465722d30',
    )
  })

  it('of a partition ring are read as they stand, in a message in a message', () => {
    const ring = new FieldReader(fromHex('0a0f0800120b0a01001001 1880e2cfaa06'))
    expect(ring.next()).toBe(true)
    const entry = ring.message()
    expect([entry.next(), entry.number, entry.uint32()]).toEqual([true, 1, 0])
    expect([entry.next(), entry.number]).toEqual([true, 2])
    const partition = entry.message()
    expect([partition.next(), partition.number, ...partition.bytes()]).toEqual([true, 1, 0])
    expect([partition.next(), partition.number, partition.int32()]).toEqual([true, 2, 1])
    expect([partition.next(), partition.number, partition.int53()]).toEqual([true, 3, 1_700_000_000])
    expect([partition.next(), entry.next(), ring.next()]).toEqual([false, false, false])
  })

  it('come back as they were written', () => {
    const fields = new FieldReader(everyKind())
    const read = [
      (f: FieldReader) => f.uint53(),
      (f: FieldReader) => f.int32(),
      (f: FieldReader) => f.int64(),
      (f: FieldReader) => f.bool(),
      (f: FieldReader) => f.fixed64(),
      (f: FieldReader) => f.double(),
      (f: FieldReader) => f.text(),
      (f: FieldReader) => toHex(f.bytes()),
      (f: FieldReader) => {
        const values = new RepeatedUint32()
        values.read(f)
        return [...values.finish()]
      },
      (f: FieldReader) => {
        const inner = f.message()
        return [inner.next(), inner.text().length, inner.next()]
      },
    ].map((one) => (fields.next() ? one(fields) : 'missing'))
    const tokens = [1, 300, 2 ** 32 - 1]
    expect(read).toEqual([
      300,
      -2,
      -(2n ** 63n),
      true,
      2n ** 64n - 1n,
      -0.5,
      'zone-\udcff',
      '00ff',
      tokens,
      [true, 200, false],
    ])
    expect(fields.next()).toBe(false)
  })

  it('cut anywhere but between fields are truncated', () => {
    const bytes = everyKind()
    const boundaries = new Set([0])
    const whole = new FieldReader(bytes)
    for (let size = 0; whole.next(); ) {
      whole.skip()
      size += whole.raw().length
      boundaries.add(size)
    }
    expect(boundaries.size).toBe(11)
    for (let length = 0; length <= bytes.length; length++) {
      const walk = (): void => {
        const fields = new FieldReader(bytes, 0, length)
        while (fields.next()) fields.skip()
      }
      expect(reasonOf(walk), `cut at ${length}`).toBe(boundaries.has(length) ? 'none' : 'truncated')
    }
  })

  it('that are unknown pass through as the bytes they came in', () => {
    const fields = new FieldReader(everyKind())
    const copy = new FieldWriter()
    while (fields.next()) {
      fields.skip()
      copy.raw(fields.raw())
    }
    expect(toHex(copy.finish())).toBe(toHex(everyKind()))
  })

  it.each([
    ['a group', '0b'],
    ['the end of a group', '0c'],
    ['wire type 6', '0e00'],
    ['wire type 7', '0f00'],
    ['field number 0', '0000'],
    ['a tag above 32 bits', '888080801000'],
  ])('refuse %s', (_name, hex) => {
    expect(reasonOf(() => new FieldReader(fromHex(hex)).next())).toBe('malformed')
  })

  it('refuse to be read as another type', () => {
    const at = (hex: string): FieldReader => {
      const fields = new FieldReader(fromHex(hex))
      fields.next()
      return fields
    }
    expect(reasonOf(() => at('0801').text())).toBe('malformed')
    expect(reasonOf(() => at('0a0161').uint32())).toBe('malformed')
    expect(reasonOf(() => at('0d00000000').fixed64())).toBe('malformed')
    expect(reasonOf(() => at('090000000000000000').fixed32())).toBe('malformed')
    expect(reasonOf(() => at('0d00000000').scalars())).toBe('malformed')
    expect(reasonOf(() => at('0a ffffffffffffffffff01').bytes())).toBe('malformed')
  })

  it('of any bytes are walked or refused with a DecodeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (bytes) => {
        reasonOf(() => {
          const fields = new FieldReader(bytes)
          while (fields.next()) fields.skip()
        })
      }),
      { numRuns: 1000 },
    )
  })

  it('have sizes that are known before they are written', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 2 ** 29 - 1 }), fc.nat(20_000), (number, length) => {
        const fields = new FieldWriter()
        fields.bytes(number, new Uint8Array(length))
        expect(fields.finish().length).toBe(delimitedSize(number, length))
        expect(delimitedSize(number, 0)).toBe(tagSize(number) + 1)
      }),
    )
  })

  it('refuse a number that no field has', () => {
    for (const number of [0, -1, 1.5, 2 ** 29])
      expect(() => new FieldWriter().bool(number, true)).toThrow(EncodingError)
  })

  it('that hold messages of any size get the shortest length', () => {
    for (const size of [0, 127, 128, 16_383, 16_384]) {
      const fields = new FieldWriter()
      fields.message(1, (inner) => inner.raw(new Uint8Array(size).fill(7)))
      const bytes = fields.finish()
      expect(bytes.length).toBe(delimitedSize(1, size))
      const read = new FieldReader(bytes)
      expect(read.next()).toBe(true)
      expect(read.bytes()).toEqual(new Uint8Array(size).fill(7))
    }
  })
})

describe('repeated uint32', () => {
  it('is read packed, one by one, and mixed, in order', () => {
    fc.assert(
      fc.property(fc.array(fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 20 })), (groups) => {
        const fields = new FieldWriter()
        groups.forEach((group, index) => {
          if (index % 2 === 0) fields.packedUint32(6, group)
          else for (const value of group) fields.uint(6, value)
        })
        expect(tokensOf(fields.finish())).toEqual(groups.flat())
      }),
    )
  })

  it('takes the low 32 bits of longer varints, as Go does', () => {
    expect(tokensOf(fromHex('320a ffffffffffffffffff01'))).toEqual([2 ** 32 - 1])
    expect(tokensOf(fromHex('3206 818080801001'))).toEqual([1, 1])
  })

  it('writes the low 32 bits of what is no uint32, in the size it announces', () => {
    const fields = new FieldWriter()
    fields.packedUint32(6, [-1, -1, 2 ** 32 + 5])
    expect(toHex(fields.finish())).toBe('320bffffffff0fffffffff0f05')
    expect(packedUint32Size([-1, -1, 2 ** 32 + 5])).toBe(11)
  })

  it('is nothing at all for no values', () => {
    const fields = new FieldWriter()
    fields.packedUint32(6, [])
    expect(fields.finish().length).toBe(0)
  })

  it.each([
    ['ends inside a varint', '320180', 'truncated'],
    ['ends before its length', '320501', 'truncated'],
    ['holds a varint of eleven bytes', '320b 8080808080808080808001', 'malformed'],
  ])('that %s is refused', (_name, hex, reason) => {
    expect(reasonOf(() => tokensOf(fromHex(hex)))).toBe(reason)
  })
})
