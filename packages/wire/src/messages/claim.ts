/** Claims about members (wire spec 1.6.6–1.6.8). Fields stand in the order they are written. */
import type { Alive, Dead, Suspect } from '../message.ts'
import { bytesSize, textFieldSize, uintSize } from '../msgpack-writing.ts'
import { bodyCodec } from '../schema.ts'
import { VERSIONS_BYTES } from '../versions.ts'

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

/** The map's header, and of each field a header and the key. */
const ALIVE_KEYS_BYTES = 1 + 6 + 'AddrIncarnationMetaNodePortVsn'.length
const ACCUSATION_KEYS_BYTES = 1 + 3 + 'FromIncarnationNode'.length

/** What `alive.size` says, without a look into the schema: it is asked of everything that is queued. */
export const aliveSize = ({ address, incarnation, meta, node, port }: Alive): number =>
  ALIVE_KEYS_BYTES +
  bytesSize(address) +
  uintSize(incarnation) +
  bytesSize(meta) +
  textFieldSize(node) +
  uintSize(port) +
  1 +
  VERSIONS_BYTES

/** The same of an accusation. */
export const accusationSize = ({ from, incarnation, node }: Suspect | Dead): number =>
  ACCUSATION_KEYS_BYTES + accuserSize(from) + uintSize(incarnation) + textFieldSize(node)

/** Who accuses one member often accuses the next one, too. */
let latest = { accuser: '', sizeBytes: textFieldSize('') }

function accuserSize(accuser: string): number {
  if (accuser !== latest.accuser) latest = { accuser, sizeBytes: textFieldSize(accuser) }
  return latest.sizeBytes
}
