import { fromHex, toHex } from '@hearsay/encoding'
import { decode } from '@msgpack/msgpack'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePacket, type PacketMessage, Part } from '../src/index.ts'
import { expectSameBytes } from './same-bytes.ts'
import {
  ackHex,
  ackMessage,
  aliveHex,
  aliveMessage,
  flips,
  indirectPingHex,
  indirectPingMessage,
  ip,
  nackHex,
  nackMessage,
  packetMessages,
  pingHex,
  pingMessage,
  suspectHex,
  suspectMessage,
  utf8,
} from './samples.ts'

const minimalPing = { type: 'ping', seqNo: 1, node: 'b', sourceAddress: null, sourcePort: 0, sourceNode: '' } as const
const aliveEnd = 'a44e6f6465a56e6f646531a4506f7274cd1f0aa356736ea6010502000000'

const vectors: readonly (readonly [name: string, message: PacketMessage, hex: string])[] = [
  ['a ping', pingMessage, pingHex],
  ['a ping without a source', minimalPing, '0082a44e6f6465a162a55365714e6f01'],
  ['a ping numbered 200', { ...minimalPing, seqNo: 200 }, '0082a44e6f6465a162a55365714e6fccc8'],
  ['a ping numbered 300', { ...minimalPing, seqNo: 300 }, '0082a44e6f6465a162a55365714e6fcd012c'],
  ['a ping numbered 70000', { ...minimalPing, seqNo: 70_000 }, '0082a44e6f6465a162a55365714e6fce00011170'],
  ['a ping with the last number', { ...minimalPing, seqNo: 2 ** 32 - 1 }, '0082a44e6f6465a162a55365714e6fceffffffff'],
  ['an indirect ping', indirectPingMessage, indirectPingHex],
  ['an ack', ackMessage, ackHex],
  [
    'an ack with a payload',
    { ...ackMessage, payload: Uint8Array.of(1, 2, 3) },
    '0282a75061796c6f6164a3010203a55365714e6f2a',
  ],
  [
    'an ack with an empty payload',
    { ...ackMessage, payload: new Uint8Array(0) },
    '0282a75061796c6f6164a0a55365714e6f2a',
  ],
  ['a nack', nackMessage, nackHex],
  ['a suspicion', suspectMessage, suspectHex],
  ['a death', { ...suspectMessage, type: 'dead' }, `05${suspectHex.slice(2)}`],
  [
    'a leave',
    { type: 'dead', incarnation: 3, node: 'node2', from: 'node2' },
    '0583a446726f6da56e6f646532ab496e6361726e6174696f6e03a44e6f6465a56e6f646532',
  ],
  [
    'a suspicion of a name of 32 bytes',
    { type: 'suspect', incarnation: 0, node: 'a'.repeat(32), from: 'x' },
    `0383a446726f6da178ab496e6361726e6174696f6e00a44e6f6465da0020${'61'.repeat(32)}`,
  ],
  ['an alive', aliveMessage, aliveHex],
  [
    'an alive with metadata, at an address that is no UTF-8',
    { ...aliveMessage, incarnation: 7, node: 'node3', address: Uint8Array.of(192, 168, 1, 10), meta: utf8('v1') },
    '0486a441646472a4c0a8010aab496e6361726e6174696f6e07a44d657461a27631a44e6f6465a56e6f646533a4506f7274cd1f0aa356736ea6010502000000',
  ],
  [
    'an alive at an IPv4 address in 16 bytes',
    { ...aliveMessage, address: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, ...ip(1)) },
    `0486a441646472b000000000000000000000ffff0a000001ab496e6361726e6174696f6e01a44d657461c0${aliveEnd}`,
  ],
  [
    'an alive at an IPv6 address',
    { ...aliveMessage, node: 'n6', address: fromHex('20010db8000000000000000000000001') },
    '0486a441646472b020010db8000000000000000000000001ab496e6361726e6174696f6e01a44d657461c0a44e6f6465a26e36a4506f7274cd1f0aa356736ea6010502000000',
  ],
  [
    'an alive with metadata of 40 bytes',
    { ...aliveMessage, incarnation: 300, node: 'n', port: 80, meta: new Uint8Array(40).fill(0xee) },
    `0486a441646472a40a000001ab496e6361726e6174696f6ecd012ca44d657461da0028${'ee'.repeat(40)}a44e6f6465a16ea4506f727450a356736ea6010502000000`,
  ],
  ['a user message', { type: 'user', payload: utf8('hello') }, '0868656c6c6f'],
  ['an empty user message', { type: 'user', payload: new Uint8Array(0) }, '08'],
]

describe.each(vectors)('%s', (_name, message, hex) => {
  it("becomes Go's bytes, in the announced size", () => {
    const part = new Part(message)
    expect(part.sizeBytes).toBe(hex.length / 2)
    expectSameBytes(part.bytes, hex, { kind: 'packet' })
  })

  it('is read from them', () => {
    expect({ ...decodePacket(fromHex(hex)) }).toEqual({ messages: [message], drops: [] })
  })

  it('cut at any length becomes one drop, or, as user bytes end anywhere, one message', () => {
    const bytes = fromHex(hex)
    for (let length = 0; length < bytes.length; length++) {
      const { messages, drops } = decodePacket(bytes.subarray(0, length))
      const expected = message.type === 'user' && length > 0 ? [1, []] : [0, [length === 0 ? 'empty' : 'truncated']]
      expect([messages.length, drops.map(({ reason }) => reason)], `cut at ${length}`).toEqual(expected)
    }
  })

  it('with any byte flipped becomes a message or a drop', () => {
    for (const flipped of flips(fromHex(hex))) {
      const { messages, drops } = decodePacket(flipped)
      // A type byte that became a compound's may announce no parts.
      if (flipped[0] !== 7) expect(messages.length + drops.length, toHex(flipped)).toBe(1)
      for (const { offset } of drops) expect(offset).toBeLessThanOrEqual(flipped.length)
    }
  })
})

describe('any message', () => {
  it('has exactly the announced size and comes back', () => {
    fc.assert(
      fc.property(packetMessages, (message) => {
        const part = new Part(message)
        // Before there are any bytes to be counted.
        const { sizeBytes } = part
        expect(part.bytes.length).toBe(sizeBytes)
        expect(part.bytes).toBe(part.bytes)
        const { messages, drops } = decodePacket(part.bytes)
        expect(drops).toEqual([])
        expect(messages.length).toBe(1)
        expect(toHex(new Part(messages[0]!).bytes) === toHex(part.bytes)).toBe(true)
        expect(plain(messages[0]!)).toEqual(plain(message))
      }),
      { numRuns: 400 },
    )
  })

  it('is what another MessagePack library reads, keys in ascending order', () => {
    fc.assert(
      fc.property(packetMessages, (message) => {
        if (message.type === 'user') return
        const body = decode(new Part(message).bytes.subarray(1), { rawStrings: true }) as Record<string, unknown>
        const keys = Object.keys(body)
        expect(keys).toEqual([...keys].sort())
        for (const [property, key] of Object.entries(fieldNames)) {
          const value = (message as unknown as Record<string, unknown>)[property]
          if (value === undefined || property === 'versions') continue
          const omitted = property.startsWith('source') && (value === null || value === 0 || value === '')
          expect(Object.hasOwn(body, key), key).toBe(!omitted)
          if (omitted) continue
          if (value instanceof Uint8Array) expect(Buffer.compare(body[key] as Uint8Array, value), key).toBe(0)
          else if (typeof value !== 'string') expect(body[key], key).toBe(value)
        }
      }),
      { numRuns: 200 },
    )
  })

  it('of random bytes is read or dropped', () => {
    fc.assert(
      fc.property(fc.constantFrom(0, 1, 2, 3, 4, 5, 7, 9, 11, 12), fc.uint8Array({ maxLength: 80 }), (type, body) => {
        decodePacket(Uint8Array.of(type, ...body))
        decodePacket(body)
      }),
      { numRuns: 3000 },
    )
  })
})

describe('an alive', () => {
  it.each(['c0', 'a0', 'a101', 'a50105020000'])('with a version vector %s has none', (vector) => {
    const { messages } = decodePacket(fromHex(aliveHex.replace('a6010502000000', vector)))
    expect(messages).toMatchObject([{ type: 'alive', versions: null }])
  })

  it('that has no versions is never sent with a short vector', () => {
    expect(toHex(new Part({ ...aliveMessage, versions: null }).bytes)).toBe(
      aliveHex.replace('010502000000', '000000000000'),
    )
  })
})

const fieldNames = {
  seqNo: 'SeqNo',
  node: 'Node',
  sourceAddress: 'SourceAddr',
  sourcePort: 'SourcePort',
  sourceNode: 'SourceNode',
  target: 'Target',
  port: 'Port',
  nack: 'Nack',
  payload: 'Payload',
  incarnation: 'Incarnation',
  from: 'From',
  address: 'Addr',
  meta: 'Meta',
  versions: 'Vsn',
} as const

const plain = (message: PacketMessage): unknown =>
  Object.fromEntries(
    Object.entries(message).map(([key, value]) => [key, value instanceof Uint8Array ? toHex(value) : value]),
  )
