/** What this member believes about one name: the mutable record behind the snapshots that go out. */
import type { Versions } from '@hearsay/wire'
import type { Member, MemberStatus } from './member.ts'

/** The state numbers of a push/pull (membership spec 1.1). */
export const StateNumber = { alive: 0, suspect: 1, dead: 2, left: 3 } as const

/** One record. Byte fields are own copies. */
export interface Peer {
  readonly name: string
  readonly isSelf: boolean
  /** Exactly as received, 4 or 16 bytes: relayed as it is, since Go compares bytewise (DIV-2). */
  address: Uint8Array
  port: number
  /** `ip:port` in canonical form: what is dialled and compared. */
  endpoint: string
  meta: Uint8Array
  versions: Versions | null
  /** Highest accepted incarnation. */
  incarnation: number
  /** Highest incarnation of any claim admitted for this name; never below `incarnation` (DIV-10). */
  evidence: number
  status: MemberStatus
  statusSinceMs: number
  rttMs: number | undefined
  /** When an accusation was last echoed to it (DIV-11). */
  echoedAtMs: number
}

/** Listed as a member: alive or suspect. */
export const isLive = (peer: Peer): boolean => peer.status === 'alive' || peer.status === 'suspect'

/** An immutable snapshot. */
export function snapshot(peer: Peer): Member {
  return {
    name: peer.name,
    address: peer.endpoint,
    meta: peer.meta,
    status: peer.status,
    incarnation: peer.incarnation,
    versions: peer.versions,
    statusSinceMs: peer.statusSinceMs,
    rttMs: peer.rttMs,
    isSelf: peer.isSelf,
  }
}
