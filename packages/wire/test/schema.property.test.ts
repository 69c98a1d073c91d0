/**
 * Goal: what makes the codec fast changes nothing. Method: a plain reader of MessagePack and a plain writer, which know
 * nothing of expected keys, caches, blocks or estimates, beside the codec, on fields in order, out of order, missing,
 * repeated and unknown.
 */
import { ByteReader, ByteWriter, decodeText, encodeText, toHex } from '@hearsay/encoding'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alive, dead, suspect } from '../src/messages/claim.ts'
import { ack, indirectPing, nack, ping } from '../src/messages/ping.ts'
import { compressed, errorReply, nodeState, pushPullHeader, userHeader } from '../src/messages/stream-bodies.ts'
import type { BodyCodec, FieldType } from '../src/schema.ts'

type Plain = Uint8Array | number | boolean | null
type Entry = readonly [key: string, value: Plain]

const codecs: Record<string, BodyCodec<object>> = {
  ...{ ping, indirectPing, ack, nack, suspect, dead, alive },
  ...{ errorReply, pushPullHeader, nodeState, userHeader, compressed },
} as never

/** What a field is in a record. */
function fromPlain(type: FieldType, value: Plain): unknown {
  switch (type) {
    case 'text':
      return decodeText(value as Uint8Array)
    case 'versions': {
      const [protocolMin, protocolMax, protocolCurrent, delegateMin, delegateMax, delegateCurrent] = value as Uint8Array
      return { protocolMin, protocolMax, protocolCurrent, delegateMin, delegateMax, delegateCurrent }
    }
    default:
      return value
  }
}

const absent: Record<FieldType, unknown> = {
  text: '',
  bytes: null,
  uint8: 0,
  uint16: 0,
  uint32: 0,
  int: 0,
  bool: false,
  versions: null,
}

const raw = (bytes: Uint8Array): number[] => {
  const { length } = bytes
  const header = length < 32 ? [0xa0 | length] : length < 65_536 ? [0xda, length >> 8, length & 255] : []
  if (header.length === 0) throw new Error('longer than this writer can')
  return [...header, ...bytes]
}

function plainValue(type: FieldType | undefined, value: Plain): number[] {
  if (value === null) return [0xc0]
  if (typeof value === 'boolean') return [value ? 0xc3 : 0xc2]
  if (typeof value !== 'number') return raw(value)
  if (value < 128) return [value]
  if (type !== 'int' && value < 256) return [0xcc, value]
  const bytes = [value >>> 24, (value >>> 16) & 255, (value >>> 8) & 255, value & 255]
  if (value < (type === 'int' ? 0x8000 : 0x10000)) return [type === 'int' ? 0xd1 : 0xcd, ...bytes.slice(2)]
  return [type === 'int' ? 0xd2 : 0xce, ...bytes]
}

const typeOf = (codec: BodyCodec<object>, key: string) => codec.fields.find((field) => field.key === key)?.type

const plainMap = (codec: BodyCodec<object>, entries: readonly Entry[]): Uint8Array =>
  Uint8Array.of(
    0xde,
    entries.length >> 8,
    entries.length & 255,
    ...entries.flatMap(([key, value]) => [...raw(encodeText(key)), ...plainValue(typeOf(codec, key), value)]),
  )

/** The record of some entries, by the rule: unknown ones are nothing, the last of several wins. */
function plainRecord(codec: BodyCodec<object>, entries: readonly Entry[]): Record<string, unknown> {
  const record: Record<string, unknown> = {}
  for (const { key, type, property } of codec.fields) {
    const value = entries.filter(([name]) => name === key).at(-1)?.[1]
    record[property] = value === undefined ? absent[type] : fromPlain(type, value)
  }
  return record
}

const lengths = fc.oneof(fc.nat(40), fc.constantFrom(31, 32, 255, 256, 2000))
const bytes = lengths.chain((length) => fc.uint8Array({ minLength: length, maxLength: length }))
const text = fc.oneof(
  bytes,
  lengths.map((length) => encodeText('member-'.repeat(300).slice(0, length))),
)
const upTo = (max: number) =>
  fc.oneof(
    fc.integer({ min: 0, max }),
    fc.constantFrom(...[0, 127, 128, 255, 256, 32_767, 32_768, 65_535, 65_536].filter((n) => n <= max)),
  )
const ofType: Record<FieldType, fc.Arbitrary<Plain>> = {
  text,
  bytes: fc.option(bytes, { nil: null }),
  uint8: upTo(0xff),
  uint16: upTo(0xffff),
  uint32: upTo(0xffff_ffff),
  int: upTo(0x7fff_ffff),
  bool: fc.boolean(),
  versions: fc.uint8Array({ minLength: 6, maxLength: 6 }),
}

const inOrder = (codec: BodyCodec<object>): fc.Arbitrary<Entry[]> =>
  fc.tuple(...codec.fields.map(({ key, type }) => ofType[type].map((value): Entry => [key, value])))

/** Keys that look like known ones are among the unknown. */
const unknown: fc.Arbitrary<Entry> = fc.tuple(
  fc.constantFrom('node', 'Nodf', 'NodeX', 'SeqNoo', 'Zzz', 'Incarnatiom', 'x'),
  fc.oneof(ofType.bytes, ofType.bool, ofType.uint32),
)

const inAnyOrder = (codec: BodyCodec<object>): fc.Arbitrary<Entry[]> => {
  const some = fc.oneof(
    unknown,
    ...codec.fields.map(({ key, type }) => ofType[type].map((value): Entry => [key, value])),
  )
  return fc.oneof(
    fc.array(some, { maxLength: 12 }),
    // Only from some field on they are no longer what is expected.
    fc
      .tuple(inOrder(codec), fc.nat(8), fc.array(some, { maxLength: 4 }))
      .map(([all, count, more]) => [...all.slice(0, count), ...more]),
  )
}

describe.each(Object.keys(codecs))('the body of %s', (name) => {
  const codec = codecs[name]!
  const recordOf = (entries: readonly Entry[]): object => {
    // Kinds of message have a type beside their fields.
    const { type } = codec.read(new ByteReader(Uint8Array.of(0x80))) as { type?: string }
    return { ...(type !== undefined && { type }), ...plainRecord(codec, entries) }
  }

  it('is read as a plain reader reads it, whatever order its fields are in', () => {
    fc.assert(
      fc.property(fc.oneof(inOrder(codec), inAnyOrder(codec)), (entries) => {
        const reader = new ByteReader(Uint8Array.of(...plainMap(codec, entries), 0xc1))
        expect(codec.read(reader)).toEqual(recordOf(entries))
        expect(reader.remaining).toBe(1)
      }),
      { numRuns: 150 },
    )
  })

  it('is written as a plain writer writes it, with exactly the room it needs and in a shared block', () => {
    fc.assert(
      fc.property(inOrder(codec), fc.nat(60), (entries, used) => {
        const body = recordOf(entries)
        const kept = entries.filter(([key, value]) => {
          const isEmpty = value === null || value === 0 || (value instanceof Uint8Array && value.length === 0)
          return !(isEmpty && codec.fields.find((field) => field.key === key)?.omitEmpty)
        })
        const expected = Uint8Array.of(0x80 | kept.length, ...plainMap(codec, kept).subarray(3))
        expect(codec.size(body)).toBe(expected.length)

        const exact = new ByteWriter(expected.length)
        codec.write(exact, body)
        const room = exact.room
        expect(toHex(exact.finish())).toBe(toHex(expected))
        // It did not have to grow.
        expect(room).toBe(0)

        const shared = new ByteWriter(64)
        for (let index = 0; index < used; index++) shared.u8(0x55)
        codec.write(shared, body)
        shared.u8(0x66)
        expect(toHex(shared.since(used))).toBe(`${toHex(expected)}66`)
        expect(toHex(shared.since(0)).slice(0, 2 * used)).toBe('55'.repeat(used))
      }),
      { numRuns: 100 },
    )
  })
})
