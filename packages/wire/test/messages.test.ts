// Goal: bytes equal to Go's. Method: the vectors of the wire specification, both ways; then every message cut at every length and with every byte flipped.

import { fromHex, toHex } from '@hearsay/encoding'
import { describe, expect, it } from 'vitest'
import {
  decodePacket,
  defaultVersions,
  encodePacket,
  encodeStreamMessage,
  openPacket,
  type PacketMessage,
  Part,
  type StreamMessage,
  StreamReader,
  type StreamResult,
  sealPacket,
} from '../src/index.ts'
import { expectSameBytes } from './same-bytes.ts'
import { listed } from './samples.ts'

const ip = (last: number): Uint8Array => Uint8Array.of(10, 0, 0, last)
const source = { sourceAddress: ip(1), sourcePort: 7946, sourceNode: 'node1' }
const alive = {
  type: 'alive',
  incarnation: 1,
  node: 'node1',
  address: ip(1),
  port: 7946,
  meta: null,
  versions: defaultVersions,
} as const

const vectors: readonly (readonly [string, PacketMessage, string])[] = [
  [
    'ping',
    { type: 'ping', seqNo: 42, node: 'node2', ...source },
    '0085a44e6f6465a56e6f646532a55365714e6f2aaa536f7572636541646472a40a000001aa536f757263654e6f6465a56e6f646531aa536f75726365506f7274cd1f0a',
  ],
  [
    'ping without a source',
    { type: 'ping', seqNo: 1, node: 'b', sourceAddress: null, sourcePort: 0, sourceNode: '' },
    '0082a44e6f6465a162a55365714e6f01',
  ],
  [
    'indirect ping',
    { type: 'indirect-ping', seqNo: 100, target: ip(2), port: 7946, node: 'node2', nack: true, ...source },
    '0188a44e61636bc3a44e6f6465a56e6f646532a4506f7274cd1f0aa55365714e6f64aa536f7572636541646472a40a000001aa536f757263654e6f6465a56e6f646531aa536f75726365506f7274cd1f0aa6546172676574a40a000002',
  ],
  ['ack', { type: 'ack', seqNo: 42, payload: null }, '0282a75061796c6f6164c0a55365714e6f2a'],
  [
    'ack with a payload',
    { type: 'ack', seqNo: 42, payload: Uint8Array.of(1, 2, 3) },
    '0282a75061796c6f6164a3010203a55365714e6f2a',
  ],
  ['nack', { type: 'nack', seqNo: 100 }, '0b81a55365714e6f64'],
  [
    'suspect',
    { type: 'suspect', incarnation: 3, node: 'node2', from: 'node1' },
    '0383a446726f6da56e6f646531ab496e6361726e6174696f6e03a44e6f6465a56e6f646532',
  ],
  [
    'leave',
    { type: 'dead', incarnation: 3, node: 'node2', from: 'node2' },
    '0583a446726f6da56e6f646532ab496e6361726e6174696f6e03a44e6f6465a56e6f646532',
  ],
  [
    'alive',
    alive,
    '0486a441646472a40a000001ab496e6361726e6174696f6e01a44d657461c0a44e6f6465a56e6f646531a4506f7274cd1f0aa356736ea6010502000000',
  ],
  [
    'alive of 192.168.1.10 with metadata',
    {
      ...alive,
      incarnation: 7,
      node: 'node3',
      address: Uint8Array.of(192, 168, 1, 10),
      meta: Uint8Array.of(0x76, 0x31),
    },
    '0486a441646472a4c0a8010aab496e6361726e6174696f6e07a44d657461a27631a44e6f6465a56e6f646533a4506f7274cd1f0aa356736ea6010502000000',
  ],
  ['user', { type: 'user', payload: new TextEncoder().encode('hello') }, '0868656c6c6f'],
]

describe.each(vectors)('%s', (_name, message, hex) => {
  it('is encoded as Go does, in exactly the announced size', () => {
    const part = new Part(message)
    expectSameBytes(part.bytes, hex, { kind: 'packet' })
    expect(part.sizeBytes).toBe(hex.length / 2)
  })

  it('is decoded', () => {
    expect(decodePacket(fromHex(hex))).toMatchObject({ messages: [message], drops: [] })
  })

  it('cut anywhere or flipped anywhere, becomes messages or counted drops, never an exception', () => {
    const bytes = fromHex(hex)
    for (let length = 0; length < bytes.length; length++) {
      const { messages, drops } = decodePacket(bytes.subarray(0, length))
      if (message.type !== 'user') expect([messages.length, drops.length], `cut at ${length}`).toEqual([0, 1])
    }
    for (let at = 0; at < bytes.length; at++)
      for (const mask of [0x01, 0x80, 0xff]) {
        const flipped = bytes.slice()
        flipped[at]! ^= mask
        const { messages, drops } = decodePacket(flipped)
        expect(messages.length + drops.length, `flipped at ${at}`).toBeGreaterThanOrEqual(flipped[0] === 7 ? 0 : 1)
      }
  })
})

describe('packets', () => {
  const ack = new Part({ type: 'ack', seqNo: 42, payload: null })
  const nack = new Part({ type: 'nack', seqNo: 100 })

  it('of two messages are a compound', () => {
    expect(toHex(encodePacket([ack, nack], { compression: 'none', checksum: false }))).toBe(
      '0702001200090282a75061796c6f6164c0a55365714e6f2a0b81a55365714e6f64',
    )
  })

  it('carry a checksum where asked', () => {
    const packet = encodePacket([ack], { compression: 'none', checksum: true })
    expect(toHex(packet)).toBe('0ced14719a0282a75061796c6f6164c0a55365714e6f2a')
    expect(decodePacket(packet).messages).toHaveLength(1)
    packet[7]! ^= 1
    expect(decodePacket(packet)).toMatchObject({ messages: [], drops: [{ reason: 'checksum-mismatch' }] })
  })

  it('are compressed only when that makes them smaller', () => {
    const user = new Part({ type: 'user', payload: new TextEncoder().encode('a'.repeat(64)) })
    expect(toHex(encodePacket([user], { compression: 'lzw', checksum: false }))).toBe(
      '0982a4416c676f00a3427566b00011841948b0a0c18308132a5ca83020',
    )
    expect(encodePacket([ack], { compression: 'lzw', checksum: false })).toEqual(ack.bytes)
    expect(decodePacket(fromHex('0982a4416c676f01a3427566a741040861fa0100')).messages).toEqual([user.message])
  })

  it('deliver the parts before a truncated one', () => {
    const { messages, drops } = decodePacket(fromHex('07020012ffff0282a75061796c6f6164c0a55365714e6f2a0b81'))
    expect(messages).toHaveLength(1)
    expect(drops).toMatchObject([{ reason: 'compound-truncated' }])
  })

  it.each([
    ['a type that is not assigned', '0e00', 'unknown-type'],
    ['a push/pull', '0600', 'unknown-type'],
    ['a second label', 'f40161', 'unknown-type'],
    ['an unknown algorithm', '0982a4416c676f07a3427566a100', 'compression'],
    ['an empty compressed message', '0982a4416c676f00a3427566a3000302', 'empty'],
    ['a ping that is no map', '00ff', 'malformed'],
  ])('with %s are refused', (_name, hex, reason) => {
    expect(decodePacket(fromHex(hex))).toMatchObject({ messages: [], drops: [{ reason }] })
  })

  it('nested beyond the bound are refused', () => {
    let bytes = ack.bytes
    for (let depth = 0; depth < 12; depth++)
      bytes = Uint8Array.of(7, 1, bytes.length >>> 8, bytes.length & 0xff, ...bytes)
    expect(decodePacket(bytes)).toMatchObject({ messages: [], drops: [{ reason: 'too-deep' }] })
  })

  it.each([
    ['prod', 'strict', 'prod', true],
    ['prod', 'strict', '', false],
    ['prod', 'strict', 'test', false],
    ['', 'strict', 'prod', false],
    ['prod', 'ignore', 'test', true],
    ['prod', 'ignore', '', true],
    ['prod', 'stripped-by-proxy', '', true],
    ['prod', 'stripped-by-proxy', 'prod', false],
  ] as const)('under label %j (%s) a packet labelled %j is accepted: %s', (label, labelMode, sent, ok) => {
    expect(openPacket(sealPacket(ack.bytes, { label: sent }), { label, labelMode }).ok).toBe(ok)
  })
})

describe('streams', () => {
  const pushPull: StreamMessage = {
    type: 'push-pull',
    join: true,
    nodes: [
      { name: 'node1', address: ip(1), port: 7946, meta: null, incarnation: 1, state: 0, versions: defaultVersions },
      {
        name: 'node2',
        address: ip(2),
        port: 7946,
        meta: new TextEncoder().encode('meta'),
        incarnation: 9,
        state: 3,
        versions: defaultVersions,
      },
    ],
    userState: new TextEncoder().encode('state'),
  }
  const hex =
    '0683a44a6f696ec3a54e6f64657302ac5573657253746174654c656e05' +
    '87a441646472a40a000001ab496e6361726e6174696f6e01a44d657461c0a44e616d65a56e6f646531a4506f7274cd1f0aa5537461746500a356736ea6010502000000' +
    '87a441646472a40a000002ab496e6361726e6174696f6e09a44d657461a46d657461a44e616d65a56e6f646532a4506f7274cd1f0aa5537461746503a356736ea6010502000000' +
    '7374617465'
  const reader = (): StreamReader => new StreamReader({ role: 'acceptor', label: '', labelMode: 'strict' })

  it('carry a push/pull as Go encodes it, compressed or not', () => {
    expectSameBytes(encodeStreamMessage(pushPull, { compression: 'none' }), hex, { kind: 'request' })
    for (const compression of ['none', 'lzw', 'snappy'] as const) {
      const whole = reader()
      whole.push(encodeStreamMessage(pushPull, { compression, when: 'always' }))
      expect(listed(whole.next())).toEqual({ kind: 'message', message: pushPull })
    }
  })

  it('are read the same one byte at a time', () => {
    for (const compression of ['none', 'lzw'] as const) {
      const slow = reader()
      let result: StreamResult = { kind: 'need-more' }
      for (const byte of encodeStreamMessage(pushPull, { compression, when: 'always' })) {
        expect(result.kind).toBe('need-more')
        slow.push(Uint8Array.of(byte))
        result = slow.next()
      }
      expect(listed(result)).toEqual({ kind: 'message', message: pushPull })
    }
  })

  it('cut at every length, are closed without an answer', () => {
    const bytes = fromHex(hex)
    for (let length = 0; length < bytes.length; length++) {
      const cut = reader()
      cut.push(bytes.subarray(0, length))
      cut.end()
      expect(cut.next()).toMatchObject({ kind: 'failed', reply: undefined })
    }
  })

  it.each([
    ['an encrypted frame', '0a00000030', true],
    ['a compressed one of an unknown algorithm', '0982a4416c676f07a3427566a100', true],
    ['a suspect', '0383', false],
    ['a user message of negative length', '0881aa557365724d73674c656eff', false],
    ['a push/pull of too many entries', '0683a44a6f696ec3a54e6f646573d27fffffffac5573657253746174654c656e00', false],
  ])('with %s fail; answered: %s', (_name, bytes, answered) => {
    const bad = reader()
    bad.push(fromHex(bytes))
    const result = bad.next()
    expect(result.kind).toBe('failed')
    if (result.kind === 'failed') expect(result.reply !== undefined).toBe(answered)
  })
})
