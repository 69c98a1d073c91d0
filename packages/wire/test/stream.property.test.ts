/**
 * Goal: what a stream says depends on its bytes alone, not on the pieces in which they come. Method: every message with
 * every wrapper, whole and damaged, in pieces of any sizes, cut at every offset.
 */
import { toHex } from '@hearsay/encoding'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type DropReason,
  encodeStreamMessage,
  labelHeader,
  type StreamMessage,
  StreamReader,
  type StreamResult,
  type StreamRole,
} from '../src/index.ts'
import { damage, join, replies, requests, type Surroundings, surroundings } from './property-samples.ts'

const compression = fc.constantFrom('none', 'lzw', 'snappy')
interface Sample {
  readonly role: StreamRole
  readonly message: StreamMessage
  readonly around: Surroundings
  readonly bytes: Uint8Array
}
const samples: fc.Arbitrary<Sample> = fc
  .constantFrom<StreamRole>('acceptor', 'initiator')
  .chain((role) =>
    fc.record({
      role: fc.constant(role),
      message: role === 'acceptor' ? requests : replies,
      compression,
      around: surroundings,
    }),
  )
  .map(({ role, message, compression, around }) => {
    const body = encodeStreamMessage(message, { compression, when: 'always', ...around })
    // Replies come without a label.
    return { role, message, around, bytes: role === 'acceptor' ? join(labelHeader(around.label), body) : body }
  })

const reader = ({ role, around }: Sample): StreamReader => new StreamReader({ role, ...around })

/** Reads pieces of the given sizes, over and over; asks after each, as the owner of a socket does. */
function readIn(sizes: readonly number[], sample: Sample, bytes: Uint8Array, end: boolean): StreamResult {
  const stream = reader(sample)
  for (let at = 0, index = 0; at < bytes.length; index++) {
    const size = sizes[index % sizes.length]!
    stream.push(bytes.subarray(at, at + size))
    at += size
    if (stream.next().kind !== 'need-more') break
  }
  if (end) stream.end()
  return stream.next()
}

/** What may not depend on pieces: the message, or why there is none and what is answered. Bytes as hex, whoever owns them. */
function told(result: StreamResult): unknown {
  if (result.kind === 'failed') return { kind: 'failed', reason: result.drop.reason, reply: result.reply }
  return result.kind === 'need-more' ? result : plain(result.message)
}
function plain(value: unknown): unknown {
  if (value instanceof Uint8Array) return toHex(value)
  if (typeof value !== 'object' || value === null) return value
  if (Symbol.iterator in value) return Array.from(value as Iterable<unknown>, plain)
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, plain(each)]))
}

const sizes = fc.array(fc.integer({ min: 1, max: 300 }), { minLength: 1, maxLength: 8 })
const WHOLE = [Number.MAX_SAFE_INTEGER]

describe('a stream', () => {
  it('brings its message, in whatever pieces it comes and whatever follows', () => {
    fc.assert(
      fc.property(samples, sizes, fc.uint8Array({ maxLength: 30 }), (sample, pieces, tail) => {
        const sent = plain(sample.message)
        expect(told(readIn(WHOLE, sample, sample.bytes, true))).toEqual(sent)
        expect(told(readIn(pieces, sample, sample.bytes, false))).toEqual(sent)
        expect(told(readIn([1], sample, join(sample.bytes, tail), true))).toEqual(sent)
        expect(told(readIn(pieces, sample, join(sample.bytes, sample.bytes), true))).toEqual(sent)
      }),
      { numRuns: 150 },
    )
  })

  it('cut anywhere waits, and at its end fails without a message', () => {
    fc.assert(
      fc.property(samples, (sample) => {
        const { bytes } = sample
        for (let length = 0; length < bytes.length; length += bytes.length > 300 ? 7 : 1) {
          const stream = reader(sample)
          stream.push(bytes.subarray(0, length))
          expect(stream.next(), `cut at ${length}`).toEqual({ kind: 'need-more' })
          stream.end()
          const reasons: DropReason[] = length === 0 ? ['empty'] : ['truncated', 'label-malformed']
          const result = stream.next()
          expect(result.kind === 'failed' && reasons.includes(result.drop.reason), `cut at ${length}`).toBe(true)
        }
      }),
      { numRuns: 40 },
    )
  })

  it('that is damaged says the same in any pieces, and a message in it has one shortest form', () => {
    const kinds = new Map<string, number>()
    fc.assert(
      fc.property(samples, samples, damage, sizes, fc.boolean(), (sample, other, harm, pieces, end) => {
        const bytes = harm(sample.bytes, other.bytes)
        const whole = readIn(WHOLE, sample, bytes, end)
        kinds.set(whole.kind, (kinds.get(whole.kind) ?? 0) + 1)
        expect(told(readIn(pieces, sample, bytes, end))).toEqual(told(whole))
        expect(told(readIn([1], sample, bytes, end))).toEqual(told(whole))
        if (whole.kind !== 'message') return
        const encode = (message: StreamMessage): Uint8Array => encodeStreamMessage(message, { compression: 'none' })
        const shortest = encode(whole.message)
        const bare = { ...sample, around: { label: '', labelMode: 'strict' } as const }
        const again = readIn(WHOLE, bare, shortest, true)
        expect(again.kind).toBe('message')
        if (again.kind === 'message') expect(Buffer.compare(encode(again.message), shortest)).toBe(0)
      }),
      { numRuns: 700 },
    )
    for (const kind of ['message', 'need-more', 'failed']) expect(kinds.get(kind) ?? 0, kind).toBeGreaterThan(20)
  })

  it('of any bytes behind a known beginning says the same in any pieces', () => {
    const begin = fc.constantFrom([], [0], [6], [8], [9], [10], [10, 0, 0], [13], [244], [0, 0xdf], [9, 0x82])
    fc.assert(
      fc.property(samples, begin, fc.uint8Array({ maxLength: 80 }), sizes, (sample, head, tail, pieces) => {
        const bytes = join(Uint8Array.from(head), tail)
        const whole = readIn(WHOLE, sample, bytes, true)
        expect(whole.kind).not.toBe('need-more')
        expect(told(readIn(pieces, sample, bytes, true))).toEqual(told(whole))
      }),
      { numRuns: 800 },
    )
  })
})
