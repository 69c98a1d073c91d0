/** What only streams carry, and the wrapper of compressed data (wire spec 1.6.5, 1.6.9–1.6.12). */
import type { ErrorReply, NodeState } from '../message.ts'
import { BodyCodec } from '../schema.ts'

/** A request could not be read. */
export const errorReply = new BodyCodec<ErrorReply>({
  fields: [{ key: 'Error', type: 'text', property: 'error' }],
  empty: { type: 'error', error: '' },
})

/** What stands before the entries of a push/pull. */
export interface PushPullHeader {
  readonly join: boolean
  readonly nodeCount: number
  readonly userStateBytes: number
}

export const pushPullHeader = new BodyCodec<PushPullHeader>({
  fields: [
    { key: 'Join', type: 'bool', property: 'join' },
    { key: 'Nodes', type: 'int', property: 'nodeCount' },
    { key: 'UserStateLen', type: 'int', property: 'userStateBytes' },
  ],
  empty: { join: false, nodeCount: 0, userStateBytes: 0 },
})

/** One entry of a push/pull. */
export const nodeState = new BodyCodec<NodeState>({
  fields: [
    { key: 'Addr', type: 'bytes', property: 'address' },
    { key: 'Incarnation', type: 'uint32', property: 'incarnation' },
    { key: 'Meta', type: 'bytes', property: 'meta' },
    { key: 'Name', type: 'text', property: 'name' },
    { key: 'Port', type: 'uint16', property: 'port' },
    { key: 'State', type: 'int', property: 'state' },
    { key: 'Vsn', type: 'versions', property: 'versions' },
  ],
  empty: { name: '', address: null, port: 0, meta: null, incarnation: 0, state: 0, versions: null },
})

/** What stands before a user message on a stream. */
export interface UserHeader {
  readonly payloadBytes: number
}

export const userHeader = new BodyCodec<UserHeader>({
  fields: [{ key: 'UserMsgLen', type: 'int', property: 'payloadBytes' }],
  empty: { payloadBytes: 0 },
})

/** Compressed data. */
export interface Compressed {
  readonly algorithm: number
  readonly data: Uint8Array | null
}

export const compressed = new BodyCodec<Compressed>({
  fields: [
    { key: 'Algo', type: 'uint8', property: 'algorithm' },
    { key: 'Buf', type: 'bytes', property: 'data' },
  ],
  empty: { algorithm: 0, data: null },
})
