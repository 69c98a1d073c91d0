// The value codec: standard MessagePack in, plain data out, and nothing that a hostile sender could build.
import fc from 'fast-check'
import { Packr } from 'msgpackr'
import { describe, expect, it } from 'vitest'
import { decodeValue, encodeValue, MAX_VALUE_DEPTH, type PlainValue } from '../src/index.ts'

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replace(/\s+/g, ''), 'hex'))
const refusal = expect.objectContaining({ code: 'VALUE_INVALID' })

/** Packs with everything switched on that a hostile sender might use. */
const liberal = new Packr({ useRecords: true, structuredClone: true, moreTypes: true, useBigIntExtension: true })

describe('hostile MessagePack is refused', () => {
  const cyclic: { self?: unknown } = {}
  cyclic.self = cyclic
  it.each([
    ['records', [{ a: 1 }, { a: 2 }, { a: 3 }]],
    ['a regular expression', /(a+)+$/],
    ['an error', new Error('x')],
    ['a set', new Set([1, 2])],
    ['a cycle', cyclic],
    ['a typed array', new Float64Array(2)],
    ['a large integer', 2n ** 80n],
    ['undefined', undefined],
    ['a nested set', { a: [{ b: new Set([1]) }] }],
  ])('with %s', (_, value) => {
    expect(() => decodeValue(liberal.pack(value))).toThrowError(refusal)
  })

  it.each([
    ['a record definition', 'd4 72 40 91 a1 61 01'],
    ['a two-byte record definition', 'd5 72 40 00 91 a1 61 01'],
    ['a bundled string', 'd6 62 00 00 00 00'],
    ['a pointer', 'd6 70 00 00 00 01'],
    ['an unknown extension', 'c7 03 05 01 02 03'],
    ['a timestamp of another size', 'd5 ff 00 00'],
    ['a timestamp out of range', 'c7 0c ff 00 00 00 00 7f ff ff ff ff ff ff ff'],
    ['the token that is never used', 'c1'],
    ['__proto__ as a key', '81 a9 5f 5f 70 72 6f 74 6f 5f 5f 01'],
    ['__proto__ as a key with a long header', '81 d9 09 5f 5f 70 72 6f 74 6f 5f 5f 01'],
    ['a key that is a number', '81 01 01'],
    ['a key that is a map', '81 80 01'],
    ['text that is not UTF-8', 'a2 c3 28'],
    ['an array longer than the bytes', 'dd ff ff ff ff 01'],
    ['a map longer than the bytes', 'df ff ff ff ff a1 61 01'],
    ['bytes longer than the bytes', 'c6 ff ff ff ff 01'],
    ['text longer than the bytes', 'db ff ff ff ff 61'],
    ['nothing', ''],
    ['bytes after the value', '01 02'],
    ['half a value', '92 01'],
    ['half a header', 'dc 00'],
  ])('with %s', (_, bytes) => {
    expect(() => decodeValue(hex(bytes))).toThrowError(refusal)
  })

  it('with nesting of 100 000, without exhausting the stack', () => {
    expect(() => decodeValue(new Uint8Array(100_001).fill(0x91))).toThrowError(refusal)
    expect(() => decodeValue(Buffer.concat([Buffer.alloc(100_000, 0x91), Buffer.of(0x01)]))).toThrowError(refusal)
  })

  it('with more items than the bound', () => {
    const items = 1_048_577
    const bytes = Buffer.alloc(5 + items, 0x01)
    bytes[0] = 0xdd
    bytes.writeUInt32BE(items, 1)
    expect(() => decodeValue(bytes)).toThrowError(refusal)
  })

  it('whatever it is: the only exception is ours', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 64 }), (bytes) => {
        try {
          encodeValue(decodeValue(bytes))
        } catch (error) {
          expect(error).toEqual(refusal)
        }
      }),
      { numRuns: 5000 },
    )
  })

  it('and a key that only looks like __proto__ is not', () => {
    expect(decodeValue(encodeValue({ x__proto__: 1, __proto_: 2 }))).toEqual({ x__proto__: 1, __proto_: 2 })
  })
})

describe('plain data', () => {
  const plain: fc.Arbitrary<PlainValue> = fc.letrec<{ value: PlainValue }>((tie) => ({
    value: fc.oneof(
      { depthSize: 'small' },
      fc.constantFrom<PlainValue>(null, true, false),
      fc.maxSafeInteger(),
      fc.double({ noNaN: true }).map((value) => (Object.is(value, -0) ? 0 : value)),
      fc.bigInt({ min: 2n ** 54n, max: 2n ** 64n - 1n }),
      fc.bigInt({ min: -(2n ** 63n), max: -(2n ** 54n) }),
      fc.string({ unit: 'grapheme' }),
      fc.uint8Array({ maxLength: 20 }),
      fc.date({ noInvalidDate: true }),
      fc.array(tie('value'), { maxLength: 5 }),
      fc.dictionary(
        fc.string({ unit: 'grapheme' }).filter((key) => key !== '__proto__'),
        tie('value'),
        {
          maxKeys: 5,
          noNullPrototype: true,
        },
      ),
    ),
  })).value

  it('comes back as it went in', () => {
    fc.assert(
      fc.property(plain, (value) => {
        expect(decodeValue(encodeValue(value))).toEqual(value)
      }),
      { numRuns: 500 },
    )
  })

  it('owes nothing to the bytes it came from', () => {
    const bytes = encodeValue({ a: Uint8Array.of(1, 2, 3), b: 'text' })
    const value = decodeValue(bytes)
    bytes.fill(0)
    expect(value).toEqual({ a: Uint8Array.of(1, 2, 3), b: 'text' })
  })

  it.each([
    ['a small map', { a: 1 }, '81 a1 61 01'],
    ['the numbers from 64 on, which others take for records', 65, '41'],
    ['an integer of more than 32 bits, as an integer', 2 ** 32, 'd3 00 00 00 01 00 00 00 00'],
    ['a negative one', -(2 ** 31) - 1, 'd3 ff ff ff ff 7f ff ff ff'],
    ['an unsigned one of 64 bits', 2n ** 64n - 1n, 'cf ff ff ff ff ff ff ff ff'],
    ['a fraction', 1.5, 'cb 3f f8 00 00 00 00 00 00'],
    ['a time', new Date(1_700_000_000_000), 'd6 ff 65 53 f1 00'],
    ['bytes', Uint8Array.of(1), 'c4 01 01'],
    ['a property that is undefined, left out', { a: undefined, b: 1 }, '81 a1 62 01'],
    ['a property called toJSON', { toJSON: 1 }, '81 a6 74 6f 4a 53 4f 4e 01'],
    ['an object without prototype', Object.assign(Object.create(null), { a: 1 }), '81 a1 61 01'],
  ])('is encoded as standard MessagePack: %s', (_, value, bytes) => {
    expect(encodeValue(value as PlainValue)).toEqual(hex(bytes))
  })

  it.each([
    ['undefined', undefined, '$ '],
    ['an array with undefined', { list: [1, undefined] }, '$.list[1]'],
    ['an array with a hole', new Array(2), '$[0]'],
    ['a function', { a: { b: () => 1 } }, '$.a.b'],
    ['a symbol', [Symbol('x')], '$[0]'],
    ['a Map', { a: new Map() }, '$.a'],
    ['an instance', new (class Point {})(), '$ '],
    ['an invalid date', new Date(Number.NaN), '$ '],
    ['an integer beyond 64 bits', 2n ** 64n, '$ '],
    ['half a surrogate pair', 'a\ud800', '$ '],
    ['a name with half a surrogate pair', { '\ud800': 1 }, '$ '],
    ['__proto__', JSON.parse('{"__proto__": 1}'), '$ '],
  ])('is all that can be encoded, and the error names the path: %s', (_, value, path) => {
    expect(() => encodeValue(value as PlainValue)).toThrowError(refusal)
    expect(() => encodeValue(value as PlainValue)).toThrowError(path)
  })

  it('may be nested as deep as it may be decoded, and no deeper', () => {
    const nested = (depth: number): PlainValue => (depth === 0 ? 1 : [nested(depth - 1)])
    expect(decodeValue(encodeValue(nested(MAX_VALUE_DEPTH)))).toEqual(nested(MAX_VALUE_DEPTH))
    expect(() => encodeValue(nested(MAX_VALUE_DEPTH + 1))).toThrowError(refusal)
    const cycle: unknown[] = []
    cycle.push(cycle)
    expect(() => encodeValue(cycle as PlainValue)).toThrowError(refusal)
  })

  it("is the caller's own: nothing is altered, and small values are not pieces of a large buffer", () => {
    const value = Object.freeze({ a: undefined, big: 2 ** 40, list: Object.freeze([2 ** 40]) })
    const bytes = encodeValue(value)
    expect(value).toEqual({ a: undefined, big: 2 ** 40, list: [2 ** 40] })
    expect(bytes.buffer.byteLength).toBe(bytes.length)
    expect(Object.getPrototypeOf(bytes)).toBe(Uint8Array.prototype)
  })
})
