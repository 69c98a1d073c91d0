import { type NodeState, PackedStates } from '@hearsay/wire'
import { type PeerIndex, type PeerTable, StateNumber } from './peer-table.ts'

/** Every record, as bytes: nobody makes thousands of objects that must be kept until they are written. */
export function packed(table: PeerTable): PackedStates {
  const states = new PackedStates(table.size)
  for (let peer = 0; peer < table.capacity; peer++) if (table.has(peer)) states.add(record(table, peer))
  return states
}

/** Byte fields are lent by the table. */
function record(table: PeerTable, peer: PeerIndex): NodeState {
  const meta = table.meta(peer)
  return {
    name: table.name(peer),
    address: table.address(peer),
    port: table.port(peer),
    // An empty one is nil, as a member without metadata sends it in Go.
    meta: meta.length === 0 ? null : meta,
    incarnation: table.incarnation(peer),
    state: StateNumber[table.status(peer)],
    versions: table.versions(peer),
  }
}
