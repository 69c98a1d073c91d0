// The wire of the store against the recorded vectors of kv spec 2.9 and its table of surprising input (2.7).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asUnixMs, decodeFullState, decodePair, encodeFullState, encodePair, type KvPair } from '../src/index.ts'

const hex = (text: string) => Uint8Array.from(Buffer.from(text.replace(/\s+/g, ''), 'hex'))

const V2 = hex(`
  47 50 0a 45 0a 0a 69 6e 67 65 73 74 65 72 2d 30 12 37 0a 0d 31 30 2e 01 02 b4 37 3a 39 30 39 35
  10 80 e2 cf aa 06 32 06 64 80 bc c1 96 0b 3a 06 7a 6f 6e 65 2d 61 40 98 da cf aa 06 4a 0a 69 6e
  67 65 73 74 65 72 2d 30`)
const V3 = hex(
  `0a 0f ${Buffer.from('collectors/ring').toString('hex')} 12 48 ${Buffer.from(V2).toString('hex')} 1a 08 72 69 6e 67 44 65 73 63`,
)
const V4 = hex(`${Buffer.from(V3).toString('hex')} 20 01 28 c0 94 9d ff bc 31`)
const V6 = hex(
  `00 00 00 10 0a 01 6b 12 01 00 1a 08 72 69 6e 67 44 65 73 63 00 00 00 6e ${Buffer.from(V4).toString('hex')}`,
)

const ring: KvPair = {
  key: 'collectors/ring',
  value: V2,
  codecId: 'ringDesc',
  deleted: false,
  updateTimeMs: asUnixMs(0),
}
const deletedRing: KvPair = { ...ring, deleted: true, updateTimeMs: asUnixMs(1_700_000_123_456) }
const emptyRing: KvPair = { ...ring, key: 'k', value: hex('00') }

describe('a key-value pair', () => {
  it('1. is vector V3, both ways', () => {
    expect(V3).toHaveLength(101)
    expect(decodePair(V3)).toEqual(ring)
    expect(encodePair(ring)).toEqual(V3)
  })

  it('1. is vector V4 when deleted, both ways', () => {
    expect(V4).toHaveLength(110)
    expect(decodePair(V4)).toEqual(deletedRing)
    expect(encodePair(deletedRing)).toEqual(V4)
  })

  it('leaves zero values out and reads them back', () => {
    const empty = { key: '', value: new Uint8Array(0), codecId: '', deleted: false, updateTimeMs: asUnixMs(0) }
    expect(encodePair(empty)).toHaveLength(0)
    expect(decodePair(new Uint8Array(0))).toEqual(empty)
  })

  it('is read in any order of fields, the last of several counting, unknown ones passed by', () => {
    const bytes = hex('1a 01 63 20 00 20 01 0a 01 78 0a 01 6b 32 02 ff ff 38 05 12 01 09 28 07')
    expect(decodePair(bytes)).toEqual({
      key: 'k',
      value: hex('09'),
      codecId: 'c',
      deleted: true,
      updateTimeMs: 7,
    })
  })

  it.each([
    ['a varint where the key should be', '08 01'],
    ['a varint where the value should be', '10 01'],
    ['a varint where the codec should be', '18 01'],
    ['bytes where the flag should be', '22 01 01'],
    ['bytes where the time should be', '2a 01 01'],
    ['a length beyond the end', '0a 05 61'],
    ['field number 0', '02 00'],
    ['an endless varint', '28 ff ff ff ff ff ff ff ff ff ff ff 01'],
  ])('is refused with %s', (_, bytes) => {
    expect(decodePair(hex(bytes))).toBeUndefined()
  })

  it('keeps a negative time, and takes one that no number holds for none', () => {
    expect(decodePair(hex('28 ff ff ff ff ff ff ff ff ff 01'))?.updateTimeMs).toBe(-1)
    expect(decodePair(hex('28 ff ff ff ff ff ff ff ff 7f'))?.updateTimeMs).toBe(0)
  })

  it('keeps the bytes of a key that is not UTF-8', () => {
    const bytes = hex('0a 02 ff 61 1a 01 63')
    expect(encodePair(decodePair(bytes)!)).toEqual(bytes)
  })

  it('survives every round trip', () => {
    const pair = fc.record({
      key: fc.string({ unit: 'grapheme' }),
      value: fc.uint8Array({ maxLength: 300 }),
      codecId: fc.string(),
      deleted: fc.boolean(),
      updateTimeMs: fc.integer({ min: 0, max: 8.64e15 }).map(asUnixMs),
    })
    fc.assert(
      fc.property(pair, (original) => {
        expect(decodePair(encodePair(original))).toEqual(original)
      }),
    )
  })

  it('never throws, whatever the bytes', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (bytes) => {
        decodePair(bytes)
        decodeFullState(bytes)
      }),
      { numRuns: 2000 },
    )
  })
})

describe('a full state', () => {
  it('1. is vector V6, both ways', () => {
    expect(V6).toHaveLength(134)
    expect(encodeFullState([encodePair(emptyRing), encodePair(deletedRing)])).toEqual(V6)
    expect(decodeFullState(V6)).toEqual({ pairs: [emptyRing, deletedRing], skippedCount: 0, fault: undefined })
  })

  it('of nothing is no bytes', () => {
    expect(encodeFullState([])).toHaveLength(0)
    expect(decodeFullState(new Uint8Array(0)).pairs).toEqual([])
  })

  it('10. passes over a pair without a key, and one without bytes, and reads on', () => {
    const nameless = encodePair({ ...ring, key: '' })
    const state = encodeFullState([nameless, new Uint8Array(0), encodePair(ring)])
    expect(decodeFullState(state)).toEqual({ pairs: [ring], skippedCount: 2, fault: undefined })
  })

  it('11. gives the pairs before a length past the end', () => {
    const whole = encodeFullState([V3, V4, V3])
    const cut = whole.subarray(0, whole.length - 1)
    const { pairs, fault } = decodeFullState(cut)
    expect(pairs).toEqual([ring, deletedRing])
    expect(fault?.offset).toBe(4 + V3.length + 4 + V4.length)
  })

  it('stops at trailing bytes that are no length, and at a pair that cannot be parsed', () => {
    const trailing = decodeFullState(Uint8Array.from([...encodeFullState([V3]), 0, 0, 0]))
    expect(trailing.pairs).toEqual([ring])
    expect(trailing.fault).toBeDefined()
    const unparsable = decodeFullState(encodeFullState([V3, hex('08 01'), V4]))
    expect(unparsable.pairs).toEqual([ring])
    expect(unparsable.fault).toBeDefined()
  })

  it('gives a prefix of its pairs wherever it is cut', () => {
    const whole = encodeFullState([V3, V4, V3])
    for (let length = 0; length < whole.length; length++) {
      const { pairs, fault } = decodeFullState(whole.subarray(0, length))
      expect([ring, deletedRing, ring].slice(0, pairs.length)).toEqual(pairs)
      const isAtBoundary = length === 0 || length === 4 + V3.length || length === 8 + V3.length + V4.length
      expect(fault === undefined).toBe(isAtBoundary)
    }
  })
})
