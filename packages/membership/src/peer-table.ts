/**
 * What a member believes about every name, reached by integer index. Two implementations: columns in production
 * (`peer-columns.ts`), and a base shared by thousands of members in the simulator.
 */
import type { NodeState, NodeStates, Versions } from '@hearsay/wire'
import type { Member, MemberStatus } from './member.ts'

/** Names one record for as long as it exists; freed indices are used again. Below {@link PeerTable.capacity}. */
export type PeerIndex = number

/** No record. */
export const NOBODY: PeerIndex = -1

/** The state numbers of a push/pull (membership spec 1.1). */
export const StateNumber = { alive: 0, suspect: 1, dead: 2, left: 3 } as const

/** A record to be added. */
export interface PeerRecord {
  readonly name: string
  /** 4 or 16 bytes, exactly as received: relayed as they are, since Go compares them bytewise (DIV-2). */
  readonly address: Uint8Array
  readonly port: number
  readonly meta: Uint8Array
  readonly versions: Versions | null
  /** Highest accepted incarnation. */
  readonly incarnation: number
  /** Highest incarnation of any claim admitted for this name; never below `incarnation` (DIV-10). */
  readonly evidence: number
  readonly status: MemberStatus
  /** Monotonic milliseconds of the last change of `status`. */
  readonly statusSinceMs: number
}

/** Records by index, by name, by endpoint. Byte fields that it returns are lent: valid until the table changes. */
export interface PeerTable {
  /** The local member; its record is never removed (DIV-39). */
  readonly selfIndex: PeerIndex
  /** Records, the local one, dead and left ones included: the n of every log-scaled formula. */
  readonly size: number
  /** Records that are alive or suspect, the local one included. */
  readonly liveCount: number
  /** Every index is below it. */
  readonly capacity: number
  /** Whether there is a record at an index: removed ones leave holes. */
  has(index: PeerIndex): boolean
  /** {@link NOBODY} for an unknown name. */
  find(name: string): PeerIndex
  /** Who is at an endpoint, `ip:port` in canonical form; a live one before others; {@link NOBODY}. */
  findEndpoint(endpoint: string): PeerIndex
  /** The same by address and port. */
  findAt(address: Uint8Array, port: number): PeerIndex
  /** Whether that is where the record is; an IPv4 address mapped into IPv6 is the IPv4 address. */
  isAt(index: PeerIndex, address: Uint8Array, port: number): boolean
  name(index: PeerIndex): string
  /** As received. Lent. */
  address(index: PeerIndex): Uint8Array
  port(index: PeerIndex): number
  /** `ip:port` in canonical form. */
  endpoint(index: PeerIndex): string
  /** Lent. */
  meta(index: PeerIndex): Uint8Array
  hasMeta(index: PeerIndex, meta: Uint8Array): boolean
  versions(index: PeerIndex): Versions | null
  incarnation(index: PeerIndex): number
  evidence(index: PeerIndex): number
  status(index: PeerIndex): MemberStatus
  statusSinceMs(index: PeerIndex): number
  rttMs(index: PeerIndex): number | undefined
  /** Keeps copies of the bytes. The name must be new. */
  add(record: PeerRecord): PeerIndex
  setIncarnation(index: PeerIndex, incarnation: number): void
  setEvidence(index: PeerIndex, evidence: number): void
  /** Does nothing when the status stays the same. */
  setStatus(index: PeerIndex, status: MemberStatus, now: number): void
  setEndpoint(index: PeerIndex, address: Uint8Array, port: number): void
  setMeta(index: PeerIndex, meta: Uint8Array): void
  setVersions(index: PeerIndex, versions: Versions | null): void
  setRtt(index: PeerIndex, rttMs: number): void
  /** Never the local one. */
  remove(index: PeerIndex): void
  /** Every record as a push/pull carries it. Keeps nothing that the table lends. */
  states(): NodeStates
  /** Entries of another's state without those that are certain to change nothing here. */
  news(states: NodeStates): Iterable<NodeState>
}

/** Listed as a member: alive or suspect. */
export const isLive = (table: PeerTable, index: PeerIndex): boolean => {
  const status = table.status(index)
  return status === 'alive' || status === 'suspect'
}

/** Someone else, alive or suspect. */
export const isLivePeer = (table: PeerTable, index: PeerIndex): boolean =>
  index !== table.selfIndex && isLive(table, index)

/** Many have no metadata, and an empty array cannot be changed. */
const noBytes = new Uint8Array(0)

/** An immutable snapshot. */
export function snapshot(table: PeerTable, index: PeerIndex): Member {
  const meta = table.meta(index)
  return {
    name: table.name(index),
    address: table.endpoint(index),
    meta: meta.length === 0 ? noBytes : meta.slice(),
    status: table.status(index),
    incarnation: table.incarnation(index),
    versions: table.versions(index),
    statusSinceMs: table.statusSinceMs(index),
    rttMs: table.rttMs(index),
    isSelf: index === table.selfIndex,
  }
}

/** The indices of all records, in order. */
export function* indices(table: PeerTable): Generator<PeerIndex, void> {
  for (let index = 0; index < table.capacity; index++) if (table.has(index)) yield index
}
