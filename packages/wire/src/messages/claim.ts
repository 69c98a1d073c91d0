/** Claims about members (wire spec 1.6.6–1.6.8). Fields stand in the order they are written. */
import type { Alive, Dead, Suspect } from '../message.ts'
import { BodyCodec, type Field } from '../schema.ts'

const accusation: readonly Field<{ from: string; incarnation: number; node: string }>[] = [
  { key: 'From', type: 'text', property: 'from' },
  { key: 'Incarnation', type: 'uint32', property: 'incarnation' },
  { key: 'Node', type: 'text', property: 'node' },
]

/** Somebody does not answer. */
export const suspect = new BodyCodec<Suspect>({
  fields: accusation,
  empty: { type: 'suspect', incarnation: 0, node: '', from: '' },
})

/** Somebody is dead, or, where `From` equals `Node`, has left. */
export const dead = new BodyCodec<Dead>({
  fields: accusation,
  empty: { type: 'dead', incarnation: 0, node: '', from: '' },
})

/** Somebody is there. */
export const alive = new BodyCodec<Alive>({
  fields: [
    { key: 'Addr', type: 'bytes', property: 'address' },
    { key: 'Incarnation', type: 'uint32', property: 'incarnation' },
    { key: 'Meta', type: 'bytes', property: 'meta' },
    { key: 'Node', type: 'text', property: 'node' },
    { key: 'Port', type: 'uint16', property: 'port' },
    { key: 'Vsn', type: 'versions', property: 'versions' },
  ],
  empty: { type: 'alive', incarnation: 0, node: '', address: null, port: 0, meta: null, versions: null },
})
