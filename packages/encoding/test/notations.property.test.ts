/** Goal: varints, protobuf fields, text and hex lose nothing, however odd the bytes, and fail only with DecodeError. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  ByteReader,
  DecodeError,
  decodeText,
  encodeText,
  FieldReader,
  FieldWriter,
  fromHex,
  MAX_VARINT_BYTES,
  RepeatedUint32,
  readUvarint53,
  readUvarint64,
  readVarint53,
  toHex,
  writeUvarint,
  writeUvarint64,
  writeVarint,
} from '../src/index.ts'
import { damage } from './property-samples.ts'
import { varintReaders as readers, reasonOf, utf8, written } from './samples.ts'

// Continuation bits are common, so that varints of every length, the overlong ones too, come up.
const varintBytes = fc.oneof(
  fc.array(fc.oneof(fc.nat(127), fc.integer({ min: 128, max: 255 }), fc.constantFrom(0x80, 0xff)), { maxLength: 13 }),
  fc
    .tuple(fc.nat(12), fc.constantFrom(0x80, 0xff, 0xaa), fc.nat(127))
    .map(([length, group, last]) => [...Array<number>(length).fill(group), last]),
)

describe.each(Object.entries(readers))('%s', (_name, read) => {
  it('takes one varint of at most ten bytes, or fails', () => {
    fc.assert(
      fc.property(varintBytes, (values) => {
        const bytes = Uint8Array.from(values)
        const reader = new ByteReader(bytes)
        const end = bytes.findIndex((byte) => byte < 0x80)
        const reason = reasonOf(() => read(reader))
        if (reason === 'none') expect(reader.offset).toBe(end + 1)
        if (end < 0 && bytes.length < MAX_VARINT_BYTES) expect(reason).toBe('truncated')
        if (end >= MAX_VARINT_BYTES) expect(reason).toBe('malformed')
      }),
      { numRuns: 1000 },
    )
  })

  it('finds every cut', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (value) => {
        const bytes = written((writer) => writeUvarint64(writer, value))
        for (let length = 0; length < bytes.length; length++)
          expect(reasonOf(() => read(new ByteReader(bytes, 0, length)))).toBe('truncated')
      }),
    )
  })
})

describe('a varint', () => {
  it('in any form has the value of its shortest form', () => {
    fc.assert(
      fc.property(varintBytes, (values) => {
        try {
          const value = readUvarint64(new ByteReader(Uint8Array.from(values)))
          const shortest = written((writer) => writeUvarint64(writer, value))
          expect(readUvarint64(new ByteReader(shortest))).toBe(value)
          expect(shortest.length).toBeLessThanOrEqual(values.findIndex((byte) => byte < 0x80) + 1)
        } catch (error) {
          if (!(error instanceof DecodeError)) throw error
        }
      }),
      { numRuns: 1000 },
    )
  })

  it('of any safe integer comes back', () => {
    fc.assert(
      fc.property(fc.maxSafeInteger(), (value) => {
        expect(readVarint53(new ByteReader(written((writer) => writeVarint(writer, value))))).toBe(value)
        const size = Math.abs(value)
        expect(readUvarint53(new ByteReader(written((writer) => writeUvarint(writer, size))))).toBe(size)
      }),
    )
  })
})

type WrittenField = { readonly number: number } & (
  | { readonly kind: 'uint'; readonly value: number }
  | { readonly kind: 'int'; readonly value: number }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'fixed64'; readonly value: bigint }
  | { readonly kind: 'packed'; readonly value: readonly number[] }
)
const number = fc.oneof(fc.integer({ min: 1, max: 20 }), fc.integer({ min: 1, max: 2 ** 29 - 1 }))
const fields: fc.Arbitrary<readonly WrittenField[]> = fc.array(
  fc.oneof(
    fc.record({ number, kind: fc.constant('uint' as const), value: fc.maxSafeNat() }),
    fc.record({ number, kind: fc.constant('int' as const), value: fc.maxSafeInteger() }),
    fc.record({ number, kind: fc.constant('bytes' as const), value: fc.uint8Array({ maxLength: 40 }) }),
    fc.record({ number, kind: fc.constant('fixed64' as const), value: fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }) }),
    fc.record({
      number,
      kind: fc.constant('packed' as const),
      value: fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { minLength: 1, maxLength: 9 }),
    }),
  ),
  { maxLength: 12 },
)

function writeFields(all: readonly WrittenField[]): Uint8Array {
  const writer = new FieldWriter()
  for (const field of all) {
    if (field.kind === 'uint') writer.uint(field.number, field.value)
    else if (field.kind === 'int') writer.int(field.number, field.value)
    else if (field.kind === 'bytes') writer.bytes(field.number, field.value)
    else if (field.kind === 'fixed64') writer.fixed64(field.number, field.value)
    else if (field.kind === 'packed') writer.packedUint32(field.number, field.value)
  }
  return writer.finish()
}

function readField(reader: FieldReader, kind: WrittenField['kind']): unknown {
  if (kind === 'uint') return reader.uint53()
  if (kind === 'int') return reader.int53()
  if (kind === 'bytes') return reader.bytes()
  if (kind === 'fixed64') return reader.fixed64()
  const values = new RepeatedUint32()
  values.read(reader)
  return [...values.finish()]
}

describe('protobuf fields', () => {
  it('come back in their order, with their numbers and values', () => {
    fc.assert(
      fc.property(fields, (all) => {
        const reader = new FieldReader(writeFields(all))
        const read = all.map(({ kind }) => {
          expect(reader.next()).toBe(true)
          return { number: reader.number, kind, value: readField(reader, kind) }
        })
        expect(read).toEqual(all)
        expect(reader.next()).toBe(false)
      }),
      { numRuns: 300 },
    )
  })

  it('of damaged bytes are passed by as exactly the bytes they came in, or refused', () => {
    let walked = 0
    fc.assert(
      fc.property(fields, fields, damage, (some, others, harm) => {
        const bytes = harm(writeFields(some), writeFields(others))
        const copy: number[] = []
        const reason = reasonOf(() => {
          const reader = new FieldReader(bytes)
          while (reader.next()) {
            reader.skip()
            copy.push(...reader.raw())
          }
        })
        expect(toHex(bytes).startsWith(toHex(Uint8Array.from(copy)))).toBe(true)
        if (reason !== 'none') return
        walked++
        expect(copy.length).toBe(bytes.length)
      }),
      { numRuns: 1000 },
    )
    expect(walked).toBeGreaterThan(20)
  })

  it('of damaged bytes, read as any type, are values or a DecodeError', () => {
    const kinds = fc.constantFrom<WrittenField['kind']>('uint', 'int', 'bytes', 'fixed64', 'packed')
    fc.assert(
      fc.property(fields, fields, damage, fc.array(kinds, { minLength: 12 }), (some, others, harm, as) => {
        reasonOf(() => {
          const reader = new FieldReader(harm(writeFields(some), writeFields(others)))
          for (let index = 0; reader.next(); index++) readField(reader, as[index % as.length]!)
        })
      }),
      { numRuns: 1000 },
    )
  })

  it('of repeated numbers, in any damaged form, come back from the packed one', () => {
    const packed = fc.array(fc.integer({ min: 0, max: 2 ** 32 - 1 }), { maxLength: 20 })
    const encode = (values: ArrayLike<number>): Uint8Array => {
      const writer = new FieldWriter()
      writer.packedUint32(6, Uint32Array.from(values))
      return writer.finish()
    }
    const decode = (bytes: Uint8Array): Uint32Array => {
      const reader = new FieldReader(bytes)
      const values = new RepeatedUint32()
      while (reader.next()) values.read(reader)
      return values.finish()
    }
    fc.assert(
      fc.property(packed, packed, damage, (some, others, harm) => {
        reasonOf(() => {
          const values = decode(harm(encode(some), encode(others)))
          expect(decode(encode(values))).toEqual(values)
        })
      }),
      { numRuns: 1000 },
    )
  })
})

describe('text', () => {
  const textual = fc
    .array(fc.oneof(fc.string({ unit: 'binary', maxLength: 6 }).map(utf8), fc.uint8Array({ maxLength: 3 })), {
      maxLength: 30,
      size: 'max',
    })
    .map((pieces) => Uint8Array.from(pieces.flatMap((piece) => [...piece])))

  it('of damaged bytes is different text for different bytes, and turns back into them', () => {
    fc.assert(
      fc.property(textual, textual, damage, (some, others, harm) => {
        const bytes = harm(some, others)
        expect(toHex(encodeText(decodeText(bytes)))).toBe(toHex(bytes))
        expect(decodeText(bytes) === decodeText(some)).toBe(toHex(bytes) === toHex(some))
      }),
      { numRuns: 1000 },
    )
  })
})

describe('hex', () => {
  it('of any bytes comes back, and any other text is an EncodingError', () => {
    fc.assert(
      fc.property(fc.uint8Array(), (bytes) => {
        expect(fromHex(toHex(bytes))).toEqual(Uint8Array.from(bytes))
      }),
    )
    fc.assert(
      fc.property(fc.string({ unit: fc.constantFrom(...'0f9Ag -\n') }), (text) => {
        const digits = text.replace(/\s/g, '')
        const valid = /^([0-9a-f]{2})*$/i.test(digits)
        if (valid) expect(toHex(fromHex(text))).toBe(digits.toLowerCase())
        else expect(() => fromHex(text)).toThrow('not pairs of hex digits')
      }),
    )
  })
})
