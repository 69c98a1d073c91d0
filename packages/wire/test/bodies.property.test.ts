/**
 * Goal: each body, one by one, is read as it was written, and every cut in it is found. Method: records through the codec
 * and back; the same bytes cut at every offset, followed by others, and damaged.
 */
import { ByteReader, ByteWriter, DecodeError, toHex } from '@hearsay/encoding'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alive, dead, suspect } from '../src/messages/claim.ts'
import { ack, indirectPing, nack, ping } from '../src/messages/ping.ts'
import { compressed, errorReply, nodeState, pushPullHeader, userHeader } from '../src/messages/stream-bodies.ts'
import type { BodyCodec } from '../src/schema.ts'
import { damage, join, leaves, nodeStates } from './property-samples.ts'

const int = fc.oneof(fc.maxSafeNat(), fc.constantFrom(0, 127, 128, 32_767, 32_768, 2 ** 31 - 1, 2 ** 31, 2 ** 53 - 1))
const nullable = fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null })

// biome-ignore lint/suspicious/noExplicitAny: codecs of different records in one table
type AnyCodec = BodyCodec<any>
const codecs: readonly (readonly [name: string, codec: AnyCodec, bodies: fc.Arbitrary<object>])[] = [
  ['ping', ping, leaves.ping],
  ['indirect ping', indirectPing, leaves['indirect-ping']],
  ['ack', ack, leaves.ack],
  ['nack', nack, leaves.nack],
  ['suspect', suspect, leaves.suspect],
  ['dead', dead, leaves.dead],
  ['alive', alive, leaves.alive],
  ['error', errorReply, fc.record({ type: fc.constant('error'), error: fc.string({ unit: 'binary' }) })],
  ['push/pull header', pushPullHeader, fc.record({ join: fc.boolean(), nodeCount: int, userStateBytes: int })],
  ['node state', nodeState, nodeStates],
  ['user header', userHeader, fc.record({ payloadBytes: int })],
  ['compressed data', compressed, fc.record({ algorithm: fc.nat(255), data: nullable })],
]

function write(codec: AnyCodec, body: object): Uint8Array {
  const writer = new ByteWriter()
  codec.write(writer, body)
  return writer.finish()
}

function reasonOf(work: () => unknown): string {
  try {
    work()
    return 'none'
  } catch (error) {
    if (error instanceof DecodeError) return error.reason
    throw error
  }
}

// Views of other buffers and own arrays are the same to a reader.
const plain = (body: object): unknown =>
  Object.fromEntries(
    Object.entries(body).map(([key, value]) => [key, value instanceof Uint8Array ? toHex(value) : value]),
  )

describe.each(codecs)('the body of %s', (_name, codec, bodies) => {
  it('has the announced size, comes back, and ends where it ends', () => {
    fc.assert(
      fc.property(bodies, fc.uint8Array({ maxLength: 9 }), (body, tail) => {
        const bytes = write(codec, body)
        expect(codec.size(body)).toBe(bytes.length)
        const reader = new ByteReader(join(bytes, tail))
        expect(plain(codec.read(reader))).toEqual(plain(body))
        expect(reader.offset).toBe(bytes.length)
      }),
      { numRuns: 100 },
    )
  })

  it('cut at any offset is truncated', () => {
    fc.assert(
      fc.property(bodies, (body) => {
        const bytes = write(codec, body)
        for (let length = 0; length < Math.min(bytes.length, 400); length++)
          expect(
            reasonOf(() => codec.read(new ByteReader(bytes, 0, length))),
            `cut at ${length}`,
          ).toBe('truncated')
      }),
      { numRuns: 20 },
    )
  })

  it('damaged is refused, or a body with one shortest form', () => {
    fc.assert(
      fc.property(bodies, bodies, damage, (body, other, harm) => {
        reasonOf(() => {
          const reader = new ByteReader(harm(write(codec, body), write(codec, other)))
          const read = codec.read(reader)
          expect(reader.offset).toBeLessThanOrEqual(reader.end)
          // What no Go int holds is read, so that a bound above can refuse it, and is never written.
          if (Object.values(read).some((value) => typeof value === 'number' && value < 0)) return
          const shortest = write(codec, read)
          expect(toHex(write(codec, codec.read(new ByteReader(shortest))))).toBe(toHex(shortest))
        })
      }),
      { numRuns: 200 },
    )
  })
})
