import { decodeText, fromHex } from '@hearsay/encoding'
import fc from 'fast-check'
import {
  type Bytes,
  defaultVersions,
  type NodeState,
  type PacketMessage,
  type StreamMessage,
  StreamReader,
  type StreamReaderOptions,
  type StreamResult,
} from '../src/index.ts'

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)
export const ip = (last: number): Uint8Array => Uint8Array.of(10, 0, 0, last)

export const ackHex = '0282a75061796c6f6164c0a55365714e6f2a'
export const nackHex = '0b81a55365714e6f64'
export const pingHex =
  '0085a44e6f6465a56e6f646532a55365714e6f2aaa536f7572636541646472a40a000001aa536f757263654e6f6465a56e6f646531aa536f75726365506f7274cd1f0a'
export const suspectHex = '0383a446726f6da56e6f646531ab496e6361726e6174696f6e03a44e6f6465a56e6f646532'
export const aliveHex =
  '0486a441646472a40a000001ab496e6361726e6174696f6e01a44d657461c0a44e6f6465a56e6f646531a4506f7274cd1f0aa356736ea6010502000000'
export const indirectPingHex =
  '0188a44e61636bc3a44e6f6465a56e6f646532a4506f7274cd1f0aa55365714e6f64aa536f7572636541646472a40a000001aa536f757263654e6f6465a56e6f646531aa536f75726365506f7274cd1f0aa6546172676574a40a000002'

const source = { sourceAddress: ip(1), sourcePort: 7946, sourceNode: 'node1' }
export const ackMessage = { type: 'ack', seqNo: 42, payload: null } as const
export const nackMessage = { type: 'nack', seqNo: 100 } as const
export const pingMessage = { type: 'ping', seqNo: 42, node: 'node2', ...source } as const
export const suspectMessage = { type: 'suspect', incarnation: 3, node: 'node2', from: 'node1' } as const
export const aliveMessage = {
  type: 'alive',
  incarnation: 1,
  node: 'node1',
  address: ip(1),
  port: 7946,
  meta: null,
  versions: defaultVersions,
} as const
export const indirectPingMessage = {
  type: 'indirect-ping',
  seqNo: 100,
  target: ip(2),
  port: 7946,
  node: 'node2',
  nack: true,
  ...source,
} as const

export const pushPullHex =
  '0683a44a6f696ec3a54e6f64657302ac5573657253746174654c656e05' +
  '87a441646472a40a000001ab496e6361726e6174696f6e01a44d657461c0a44e616d65a56e6f646531a4506f7274cd1f0aa5537461746500a356736ea6010502000000' +
  '87a441646472a40a000002ab496e6361726e6174696f6e09a44d657461a46d657461a44e616d65a56e6f646532a4506f7274cd1f0aa5537461746503a356736ea6010502000000' +
  '7374617465'
const nodeState = { address: ip(1), port: 7946, meta: null, versions: defaultVersions } as const
export const pushPullMessage: StreamMessage = {
  type: 'push-pull',
  join: true,
  nodes: [
    { ...nodeState, name: 'node1', incarnation: 1, state: 0 },
    { ...nodeState, name: 'node2', address: ip(2), meta: utf8('meta'), incarnation: 9, state: 3 },
  ],
  userState: utf8('state'),
}

// Lengths around each change of header, and content that is often no UTF-8.
const bytes = fc.oneof(
  fc.uint8Array({ maxLength: 20 }),
  fc.constantFrom(31, 32, 255, 256, 65_535, 65_536).map((length) => new Uint8Array(length).fill(0xc0)),
)
const nullable: fc.Arbitrary<Bytes> = fc.option(bytes, { nil: null, freq: 4 })
const name = fc.oneof(
  fc.string({ unit: 'grapheme', maxLength: 8 }),
  bytes.map((value) => decodeText(value)),
)
/** Any integer up to `max`, and often one beside a change of encoding. */
export const edges = (max: number) =>
  fc.oneof(
    fc.integer({ min: 0, max }),
    fc.constantFrom(...[0, 1, 127, 128, 255, 256, 65_535, 65_536, 2 ** 32 - 1].filter((value) => value <= max)),
  )
export const [uint8, uint16, uint32] = [edges(255), edges(65_535), edges(2 ** 32 - 1)]
export const versions = fc.record({
  protocolMin: uint8,
  protocolMax: uint8,
  protocolCurrent: uint8,
  delegateMin: uint8,
  delegateMax: uint8,
  delegateCurrent: uint8,
})
// An empty source address is left out and comes back as none.
const sourced = {
  sourceAddress: fc.option(fc.uint8Array({ minLength: 1, maxLength: 16 }), { nil: null }),
  sourcePort: uint16,
  sourceNode: name,
}
const claim = { incarnation: uint32, node: name, from: name }

const ping = fc.record({ type: fc.constant('ping' as const), seqNo: uint32, node: name, ...sourced })
const ack = fc.record({ type: fc.constant('ack' as const), seqNo: uint32, payload: nullable })
const user = fc.record({ type: fc.constant('user' as const), payload: bytes })

/** Any message of a packet. */
export const packetMessages: fc.Arbitrary<PacketMessage> = fc.oneof(
  ping,
  ack,
  user,
  fc.record({
    type: fc.constant('indirect-ping' as const),
    seqNo: uint32,
    target: fc.constantFrom(4, 16).chain((length) => fc.uint8Array({ minLength: length, maxLength: length })),
    port: uint16,
    node: name,
    nack: fc.boolean(),
    ...sourced,
  }),
  fc.record({ type: fc.constant('nack' as const), seqNo: uint32 }),
  fc.record({ type: fc.constant('suspect' as const), ...claim }),
  fc.record({ type: fc.constant('dead' as const), ...claim }),
  fc.record({
    type: fc.constant('alive' as const),
    incarnation: uint32,
    node: name,
    address: nullable,
    port: uint16,
    meta: nullable,
    versions,
  }),
)

const nodeStates: fc.Arbitrary<NodeState> = fc.record({
  name: fc.string({ maxLength: 40 }),
  address: fc.option(fc.uint8Array({ maxLength: 16 }), { nil: null }),
  port: uint16,
  meta: fc.option(fc.uint8Array({ maxLength: 300 }), { nil: null }),
  incarnation: uint32,
  state: fc.integer({ min: 0, max: 300 }),
  versions,
})

/** What an acceptor may read. */
export const requests: fc.Arbitrary<StreamMessage> = fc.oneof(
  ping,
  user,
  fc.record({
    type: fc.constant('push-pull' as const),
    join: fc.boolean(),
    nodes: fc.array(nodeStates, { maxLength: 5 }),
    userState: fc.uint8Array({ maxLength: 300 }),
  }),
)

/** Flips one byte of some in three ways: its lowest bit, its highest, and all. */
export function* flips(sample: Uint8Array): Generator<Uint8Array> {
  for (let at = 0; at < sample.length; at++)
    for (const mask of [0x01, 0x80, 0xff]) {
      const flipped = sample.slice()
      flipped[at]! ^= mask
      yield flipped
    }
}

type Options = Partial<StreamReaderOptions>
export const acceptor = (options: Options = {}): StreamReader =>
  new StreamReader({ role: 'acceptor', label: '', labelMode: 'strict', ...options })
export const initiator = (options: Options = {}): StreamReader => acceptor({ role: 'initiator', ...options })

/** With the entries of a push/pull as an array, which can be compared with one. */
export function listed(result: StreamResult): StreamResult {
  if (result.kind !== 'message' || result.message.type !== 'push-pull') return result
  return { kind: 'message', message: { ...result.message, nodes: [...result.message.nodes] } }
}

/** What a reader says to some bytes, and, if told so, to the end behind them. */
export function readAll(reader: StreamReader, input: Uint8Array | string, end = false): StreamResult {
  reader.push(typeof input === 'string' ? fromHex(input) : input)
  if (end) reader.end()
  return listed(reader.next())
}

/** The same, one byte at a time; the result must stay open until it is given. */
export function readSlowly(reader: StreamReader, input: Uint8Array | string, end = false): StreamResult {
  for (const byte of typeof input === 'string' ? fromHex(input) : input) {
    const result = readAll(reader, Uint8Array.of(byte))
    if (result.kind !== 'need-more') return result
  }
  if (end) reader.end()
  return listed(reader.next())
}

/** Compresses with literals only: codes of nine bits with a Clear before every 200. For streams that no encoder makes. */
export function lzwLiterals(input: Uint8Array): Uint8Array {
  const codes: number[] = []
  input.forEach((byte, index) => {
    if (index % 200 === 0) codes.push(256)
    codes.push(byte)
  })
  codes.push(257)
  const output: number[] = []
  let pending = 0
  let bits = 0
  for (const code of codes) {
    pending |= code << bits
    for (bits += 9; bits >= 8; bits -= 8) {
      output.push(pending & 0xff)
      pending >>>= 8
    }
  }
  if (bits > 0) output.push(pending)
  return Uint8Array.from(output)
}

/** A compress message around some data, in the raw family. */
export function compressWrapper(algorithm: number, data: Uint8Array): Uint8Array {
  const header = data.length < 32 ? [0xa0 | data.length] : [0xda, data.length >>> 8, data.length & 0xff]
  return Uint8Array.of(...fromHex('0982a4416c676f'), algorithm, ...fromHex('a3427566'), ...header, ...data)
}

/** A compound of some parts. */
export function compound(...parts: readonly Uint8Array[]): Uint8Array {
  const lengths = parts.flatMap(({ length }) => [length >>> 8, length & 0xff])
  return Uint8Array.of(7, parts.length, ...lengths, ...parts.flatMap((part) => [...part]))
}
