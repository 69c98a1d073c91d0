/** B1, B2: every message, encoded and decoded. `go/memberlist/operations_test.go` has the same ones under the same names. */
import { isDeepStrictEqual } from 'node:util'
import { ByteReader, ByteWriter, concatBytes, equalBytes } from '@hearsay/encoding'
import {
  decodePacket,
  defaultVersions,
  type ErrorReply,
  MessageType,
  type NodeState,
  type PacketMessage,
  Part,
} from '@hearsay/wire'
import * as bodies from '../../packages/wire/src/messages/stream-bodies.ts'
import type { BodyCodec } from '../../packages/wire/src/schema.ts'
import { aliveParts } from './inputs.ts'
import type { Item } from './item.ts'

const name = 'member-27-bytes-long-name-1'
const other = 'member-27-bytes-long-name-2'
const address = Uint8Array.of(10, 0, 0, 1)
const sender = { sourceAddress: address, sourcePort: 7946, sourceNode: other }
const meta = (sizeBytes: number) => (sizeBytes === 0 ? null : new Uint8Array(sizeBytes).fill(0x6d))
const member = (metaBytes: number) => ({
  incarnation: 217_000_000,
  address,
  port: 7946,
  meta: meta(metaBytes),
  versions: { ...defaultVersions, protocolCurrent: 2 },
})
const alive = (metaBytes: number): PacketMessage => ({ type: 'alive', node: name, ...member(metaBytes) })
const state = (metaBytes: number): NodeState => ({ name, state: 1, ...member(metaBytes) })

const refusal: ErrorReply = { type: 'error', error: 'Remote node state is larger than limit (20971520)' }

const ofPackets: Readonly<Record<string, PacketMessage>> = {
  ping: { type: 'ping', seqNo: 70_000, node: name, ...sender },
  'indirect-ping': {
    type: 'indirect-ping',
    seqNo: 70_000,
    target: address,
    port: 7946,
    node: name,
    nack: true,
    ...sender,
  },
  ack: { type: 'ack', seqNo: 70_000, payload: null },
  nack: { type: 'nack', seqNo: 70_000 },
  suspect: { type: 'suspect', incarnation: 217_000_000, node: name, from: other },
  dead: { type: 'dead', incarnation: 217_000_000, node: name, from: other },
  'alive-0': alive(0),
  'alive-64': alive(64),
  'alive-512': alive(512),
}

/** One item for encoding it, one for decoding. */
function pair(
  subject: string,
  expected: object,
  encode: () => Uint8Array,
  decode: (bytes: Uint8Array) => object,
): Item[] {
  // A copy: what is encoded next may overwrite it.
  const encoded = encode().slice()
  const shared = { target: 0.3, library: 'memberlist', subject, golden: { operation: 'encode', subject } } as const
  return [
    {
      ...shared,
      group: 'B1',
      name: `encode ${subject}`,
      operation: 'encode',
      agrees: (golden) => equalBytes(encode(), golden),
      work: () => encode().length,
    },
    {
      ...shared,
      group: 'B2',
      name: `decode ${subject}`,
      operation: 'decode',
      agrees: (golden) => isDeepStrictEqual(decode(golden), expected),
      work: () => textUnits(decode(encoded)),
    },
  ]
}

/** As a member does: a part is encoded, a whole packet decoded. */
function packetPair(subject: string, message: PacketMessage): Item[] {
  return pair(
    subject,
    message,
    () => new Part(message).bytes,
    (bytes) => decodePacket(bytes).messages[0]!,
  )
}

// Entries stand one behind the other in the buffer of a whole push/pull.
const buffer = new ByteWriter(4096)

/** As a stream does: type byte and body into a buffer, the body out of one. */
function streamPair<Body extends object>(subject: string, type: number, codec: BodyCodec<Body>, body: Body): Item[] {
  return pair(
    subject,
    body,
    () => {
      buffer.seek(0)
      buffer.u8(type)
      codec.write(buffer, body)
      return buffer.since(0)
    },
    (bytes) => codec.read(new ByteReader(bytes, 1)),
  )
}

// Go's decoded strings are finished, while V8 may put off joining the pieces of a text until somebody looks into it.
function textUnits(body: object): number {
  const { node, from, sourceNode, name, error } = body as Readonly<Record<string, string | undefined>>
  return last(node) + last(from) + last(sourceNode) + last(name) + last(error)
}

const last = (text: string | undefined): number => (text === undefined ? 1 : text.charCodeAt(text.length - 1))

/** One message of each of so many members that the names cannot all be remembered: nothing is met for a second time. */
function manyMembers(): Item {
  const packets = aliveParts(10_000).map(({ bytes }) => bytes)
  let turn = 0
  return {
    group: 'B2',
    name: 'decode alive-0, of 10,000 members in turn',
    target: 0.3,
    library: 'memberlist',
    operation: 'decode-in-turn',
    subject: 'members',
    golden: { operation: 'encode-all', subject: 'members' },
    agrees: (golden) => equalBytes(concatBytes(packets), golden),
    work: () => {
      turn = (turn + 1) % packets.length
      return textUnits(decodePacket(packets[turn]!).messages[0]!)
    },
  }
}

/** Encoding and decoding of all messages. */
export const messageItems = (): Item[] =>
  [
    ...Object.entries(ofPackets).map(([subject, message]) => packetPair(subject, message)),
    streamPair('push-pull-header', MessageType.pushPull, bodies.pushPullHeader, {
      join: true,
      nodeCount: 1000,
      userStateBytes: 70_000,
    }),
    ...[0, 64, 512].map((metaBytes) =>
      streamPair(`node-state-${metaBytes}`, MessageType.pushPull, bodies.nodeState, state(metaBytes)),
    ),
    streamPair('user-header', MessageType.user, bodies.userHeader, { payloadBytes: 70_000 }),
    streamPair('compress', MessageType.compress, bodies.compressed, { algorithm: 0, data: meta(1000) }),
    streamPair('error', MessageType.error, bodies.errorReply, refusal),
    manyMembers(),
  ].flat()
