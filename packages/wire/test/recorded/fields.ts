/** Recorded fields as our messages. */
import { ByteReader } from '@hearsay/encoding'
import type { NodeState, PacketMessage } from '../../src/index.ts'
import { decodeMessage } from '../../src/messages/index.ts'
import {
  type Compressed,
  compressed,
  errorReply,
  type PushPullHeader,
  pushPullHeader,
  type UserHeader,
  userHeader,
} from '../../src/messages/stream-bodies.ts'
import { decodeVersions } from '../../src/versions.ts'
import { bytesOf, textOf, type Vector } from './vectors.ts'

type Fields = Vector['in'] | Vector['out']

const source = (f: Fields) => ({
  sourceAddress: bytesOf(f.sourceAddress ?? null),
  sourcePort: f.sourcePort as number,
  sourceNode: textOf(f.sourceNode),
})
const claim = (type: 'suspect' | 'dead') => (f: Fields) => ({
  type,
  incarnation: f.incarnation as number,
  node: textOf(f.node),
  from: textOf(f.from),
})

const messages: { readonly [Type in PacketMessage['type']]: (fields: Fields) => PacketMessage } = {
  ping: (f) => ({ type: 'ping', seqNo: f.seqNo, node: textOf(f.node), ...source(f) }),
  'indirect-ping': (f) => ({
    type: 'indirect-ping',
    seqNo: f.seqNo,
    target: bytesOf(f.target),
    port: f.port,
    node: textOf(f.node),
    nack: f.nack,
    ...source(f),
  }),
  ack: (f) => ({ type: 'ack', seqNo: f.seqNo, payload: bytesOf(f.payload) }),
  nack: (f) => ({ type: 'nack', seqNo: f.seqNo }),
  suspect: claim('suspect'),
  dead: claim('dead'),
  alive: (f) => ({
    type: 'alive',
    incarnation: f.incarnation,
    node: textOf(f.node),
    address: bytesOf(f.address),
    port: f.port,
    meta: bytesOf(f.meta),
    versions: decodeVersions(bytesOf(f.versions)),
  }),
  user: (f) => ({ type: 'user', payload: bytesOf(f.payload)! }),
}

/** Kinds of message that stand in packets. */
export const messageTypes = Object.keys(messages).filter((type) => type !== 'user') as PacketMessage['type'][]

/** The message with the recorded fields. */
export const messageOf = (type: PacketMessage['type'], fields: Fields): PacketMessage => messages[type](fields)

/** The entry of a push/pull with the recorded fields. */
export const nodeStateOf = (fields: Fields): NodeState => ({
  name: textOf(fields.name),
  address: bytesOf(fields.address),
  port: fields.port,
  meta: bytesOf(fields.meta),
  incarnation: fields.incarnation,
  state: fields.state,
  versions: decodeVersions(bytesOf(fields.versions)),
})

export const userHeaderOf = (fields: Fields): UserHeader => ({ payloadBytes: fields.userMessageLength })
export const pushPullHeaderOf = (fields: Fields): PushPullHeader => ({
  join: fields.join,
  nodeCount: fields.nodes,
  userStateBytes: fields.userStateLength,
})
const compressedOf = (fields: Fields): Compressed => ({
  algorithm: fields.algorithm,
  data: bytesOf(fields.data),
})

const packetBody = (type: PacketMessage['type'], number: number) => ({
  expected: (fields: Fields): object => messageOf(type, fields),
  decode: (body: Uint8Array): object => {
    const message = decodeMessage(Uint8Array.of(number, ...body))
    if (!message) throw new Error(`type ${number} is not known`)
    return message
  },
})

/** Bodies without their type byte, by the name that a recording gives them: what should come out, and what does. */
export const bodies: Readonly<Record<string, { expected(fields: Fields): object; decode(body: Uint8Array): object }>> =
  {
    ping: packetBody('ping', 0),
    ack: packetBody('ack', 2),
    alive: packetBody('alive', 4),
    nack: packetBody('nack', 11),
    error: {
      expected: (fields) => ({ type: 'error', error: textOf(fields.error) }),
      decode: (body) => errorReply.read(new ByteReader(body)),
    },
    'push-pull-header': { expected: pushPullHeaderOf, decode: (body) => pushPullHeader.read(new ByteReader(body)) },
    'user-header': { expected: userHeaderOf, decode: (body) => userHeader.read(new ByteReader(body)) },
    compress: { expected: compressedOf, decode: (body) => compressed.read(new ByteReader(body)) },
  }
