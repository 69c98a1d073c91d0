/** What is known about a member. */
import type { Versions } from '@hearsay/wire'

/** `left` is a departure that was announced, `dead` a failure that was detected. */
export type MemberStatus = 'alive' | 'suspect' | 'dead' | 'left'

/** One member at one moment: an immutable snapshot. */
export interface Member {
  readonly name: string
  /** `ip:port`, as dialled. */
  readonly address: string
  readonly meta: Uint8Array
  readonly status: MemberStatus
  readonly incarnation: number
  readonly versions: Versions | null
  /** Monotonic milliseconds of the last change of `status`. */
  readonly statusSinceMs: number
  /** Round-trip time of its last direct answer, if it ever gave one. */
  readonly rttMs: number | undefined
  /** This is the local member. */
  readonly isSelf: boolean
}

/** Where a change of status came from. */
export interface Evidence {
  /** Who accused, for `suspect` and `failed`. */
  readonly accuser?: string
  /** Others who confirmed the suspicion, in order of arrival. */
  readonly confirmedBy?: readonly string[]
  /** What told us: an own probe, a gossiped message, a push/pull, the expiry of a suspicion, an own command. */
  readonly source: 'probe' | 'gossip' | 'push-pull' | 'suspicion-timeout' | 'self'
  /** Failed only: how long the suspicion lasted. */
  readonly suspectedForMs?: number
}

/**
 * A change in the membership. Per name: `join`, then any of `update`, `suspect`, `alive`, then `leave` or `fail`, then
 * `join` again (membership spec 9.3).
 */
export interface MemberEvent {
  readonly type: 'join' | 'update' | 'suspect' | 'alive' | 'leave' | 'fail' | 'reap' | 'conflict'
  readonly member: Member
  readonly evidence: Evidence
  /** `conflict` only: the address that claimed the name and was not believed. */
  readonly claimedBy?: string
}
