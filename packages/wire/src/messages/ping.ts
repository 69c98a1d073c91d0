/** Pings and their answers (wire spec 1.6.1–1.6.4). Fields stand in the order they are written. */
import type { Ack, IndirectPing, Nack, Ping } from '../message.ts'
import { BodyCodec } from '../schema.ts'

/** The three Source fields are left out when empty; no other field ever is. */
export const ping = new BodyCodec<Ping>({
  fields: [
    { key: 'Node', type: 'text', property: 'node' },
    { key: 'SeqNo', type: 'uint32', property: 'seqNo' },
    { key: 'SourceAddr', type: 'bytes', property: 'sourceAddress', omitEmpty: true },
    { key: 'SourceNode', type: 'text', property: 'sourceNode', omitEmpty: true },
    { key: 'SourcePort', type: 'uint16', property: 'sourcePort', omitEmpty: true },
  ],
  empty: { type: 'ping', seqNo: 0, node: '', sourceAddress: null, sourcePort: 0, sourceNode: '' },
})

/** A ping that another member is asked to make. */
export const indirectPing = new BodyCodec<IndirectPing>({
  fields: [
    { key: 'Nack', type: 'bool', property: 'nack' },
    { key: 'Node', type: 'text', property: 'node' },
    { key: 'Port', type: 'uint16', property: 'port' },
    { key: 'SeqNo', type: 'uint32', property: 'seqNo' },
    { key: 'SourceAddr', type: 'bytes', property: 'sourceAddress', omitEmpty: true },
    { key: 'SourceNode', type: 'text', property: 'sourceNode', omitEmpty: true },
    { key: 'SourcePort', type: 'uint16', property: 'sourcePort', omitEmpty: true },
    { key: 'Target', type: 'bytes', property: 'target' },
  ],
  empty: {
    type: 'indirect-ping',
    seqNo: 0,
    target: null,
    port: 0,
    node: '',
    nack: false,
    sourceAddress: null,
    sourcePort: 0,
    sourceNode: '',
  },
})

/** The answer. */
export const ack = new BodyCodec<Ack>({
  fields: [
    { key: 'Payload', type: 'bytes', property: 'payload' },
    { key: 'SeqNo', type: 'uint32', property: 'seqNo' },
  ],
  empty: { type: 'ack', seqNo: 0, payload: null },
})

/** No answer, says a relay. */
export const nack = new BodyCodec<Nack>({
  fields: [{ key: 'SeqNo', type: 'uint32', property: 'seqNo' }],
  empty: { type: 'nack', seqNo: 0 },
})
