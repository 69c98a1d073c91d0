/** Claims about members (wire spec 1.6.6–1.6.8). Fields stand in the order they are written. */
import type { Alive, Dead, Suspect } from '../message.ts'
import { bodyCodec } from '../schema.ts'

const accusation = [
  { key: 'From', type: 'text', property: 'from' },
  { key: 'Incarnation', type: 'uint32', property: 'incarnation' },
  { key: 'Node', type: 'text', property: 'node' },
] as const

/** Somebody does not answer. */
export const suspect = bodyCodec(
  accusation,
  (from, incarnation, node): Suspect => ({ type: 'suspect', incarnation, node, from }),
)

/** Somebody is dead, or, where `From` equals `Node`, has left. */
export const dead = bodyCodec(
  accusation,
  (from, incarnation, node): Dead => ({ type: 'dead', incarnation, node, from }),
)

/** Somebody is there. */
export const alive = bodyCodec(
  [
    { key: 'Addr', type: 'bytes', property: 'address' },
    { key: 'Incarnation', type: 'uint32', property: 'incarnation' },
    { key: 'Meta', type: 'bytes', property: 'meta' },
    { key: 'Node', type: 'text', property: 'node' },
    { key: 'Port', type: 'uint16', property: 'port' },
    { key: 'Vsn', type: 'versions', property: 'versions' },
  ],
  (address, incarnation, meta, node, port, versions): Alive => {
    return { type: 'alive', incarnation, node, address, port, meta, versions }
  },
)
