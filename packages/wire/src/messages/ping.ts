/** Pings and their answers (wire spec 1.6.1–1.6.4). Fields stand in the order they are written. */
import type { Ack, IndirectPing, Nack, Ping } from '../message.ts'
import { bodyCodec } from '../schema.ts'

/** The three Source fields are left out when empty; no other field ever is. */
export const ping = bodyCodec(
  [
    { key: 'Node', type: 'text', property: 'node' },
    { key: 'SeqNo', type: 'uint32', property: 'seqNo' },
    { key: 'SourceAddr', type: 'bytes', property: 'sourceAddress', omitEmpty: true },
    { key: 'SourceNode', type: 'text', property: 'sourceNode', omitEmpty: true },
    { key: 'SourcePort', type: 'uint16', property: 'sourcePort', omitEmpty: true },
  ],
  (node, seqNo, sourceAddress, sourceNode, sourcePort): Ping => {
    return { type: 'ping', seqNo, node, sourceAddress, sourcePort, sourceNode }
  },
)

/** A ping that another member is asked to make. */
export const indirectPing = bodyCodec(
  [
    { key: 'Nack', type: 'bool', property: 'nack' },
    { key: 'Node', type: 'text', property: 'node' },
    { key: 'Port', type: 'uint16', property: 'port' },
    { key: 'SeqNo', type: 'uint32', property: 'seqNo' },
    { key: 'SourceAddr', type: 'bytes', property: 'sourceAddress', omitEmpty: true },
    { key: 'SourceNode', type: 'text', property: 'sourceNode', omitEmpty: true },
    { key: 'SourcePort', type: 'uint16', property: 'sourcePort', omitEmpty: true },
    { key: 'Target', type: 'bytes', property: 'target' },
  ],
  (nack, node, port, seqNo, sourceAddress, sourceNode, sourcePort, target): IndirectPing => {
    return { type: 'indirect-ping', seqNo, target, port, node, nack, sourceAddress, sourcePort, sourceNode }
  },
)

/** The answer. */
export const ack = bodyCodec(
  [
    { key: 'Payload', type: 'bytes', property: 'payload' },
    { key: 'SeqNo', type: 'uint32', property: 'seqNo' },
  ],
  (payload, seqNo): Ack => ({ type: 'ack', seqNo, payload }),
)

/** No answer, says a relay. */
export const nack = bodyCodec(
  [{ key: 'SeqNo', type: 'uint32', property: 'seqNo' }],
  (seqNo): Nack => ({ type: 'nack', seqNo }),
)
