import type { AnyValueType, UnixMs } from './contract.ts'

/** Whether we made a change ourselves, a peer told us, the time of something was over, or it was in a snapshot. */
export type ChangeOrigin = 'local' | 'remote' | 'expiry' | 'snapshot'

/** What watchers are told: that a key changed, and by what. The value is read when the watcher gets round to it. */
export interface ChangeNote {
  readonly key: string
  readonly type: AnyValueType
  /** Only what differs, tombstones included. */
  readonly change: unknown
  readonly version: number
  readonly deleted: boolean
  readonly origin: ChangeOrigin
}

/**
 * Two notes about one key as one: the newer, with both changes. A change is a state, so merging is what joins two;
 * where that is not possible, the newer alone still says that the key changed.
 */
export function coalesce(older: ChangeNote, newer: ChangeNote, wallNow: UnixMs): ChangeNote {
  // A key purged and created again may have another type; the older change then says nothing about the new value.
  if (older.type !== newer.type) return newer
  try {
    return { ...newer, change: newer.type.merge(older.change, newer.change, wallNow).state }
  } catch {
    return newer
  }
}
