/** What only streams carry, and the wrapper of compressed data (wire spec 1.6.5, 1.6.9–1.6.12). */
import type { Bytes, ErrorReply, NodeState } from '../message.ts'
import { bodyCodec } from '../schema.ts'

/** A request could not be read. */
export const errorReply = bodyCodec(
  [{ key: 'Error', type: 'text', property: 'error' }],
  (error): ErrorReply => ({ type: 'error', error }),
)

/** What stands before the entries of a push/pull. */
export interface PushPullHeader {
  readonly join: boolean
  readonly nodeCount: number
  readonly userStateBytes: number
}

export const pushPullHeader = bodyCodec(
  [
    { key: 'Join', type: 'bool', property: 'join' },
    { key: 'Nodes', type: 'int', property: 'nodeCount' },
    { key: 'UserStateLen', type: 'int', property: 'userStateBytes' },
  ],
  (join, nodeCount, userStateBytes): PushPullHeader => ({ join, nodeCount, userStateBytes }),
)

/** One entry of a push/pull. */
export const nodeState = bodyCodec(
  [
    { key: 'Addr', type: 'bytes', property: 'address' },
    { key: 'Incarnation', type: 'uint32', property: 'incarnation' },
    { key: 'Meta', type: 'bytes', property: 'meta' },
    { key: 'Name', type: 'text', property: 'name' },
    { key: 'Port', type: 'uint16', property: 'port' },
    { key: 'State', type: 'int', property: 'state' },
    { key: 'Vsn', type: 'versions', property: 'versions' },
  ],
  (address, incarnation, meta, name, port, state, versions): NodeState => {
    return { name, address, port, meta, incarnation, state, versions }
  },
)

/** What stands before a user message on a stream. */
export interface UserHeader {
  readonly payloadBytes: number
}

export const userHeader = bodyCodec(
  [{ key: 'UserMsgLen', type: 'int', property: 'payloadBytes' }],
  (payloadBytes): UserHeader => ({ payloadBytes }),
)

/** Compressed data. */
export interface Compressed {
  readonly algorithm: number
  readonly data: Bytes
}

export const compressed = bodyCodec(
  [
    { key: 'Algo', type: 'uint8', property: 'algorithm' },
    { key: 'Buf', type: 'bytes', property: 'data' },
  ],
  (algorithm, data): Compressed => ({ algorithm, data }),
)
