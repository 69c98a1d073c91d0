/**
 * The merge procedure of kv spec 3.3 as one pure function: entry and news in, verdict out.
 *
 * It improves on the original where no peer can see it: a first value is merged into the empty one (so it is
 * normalised like any other), an entry that vanishes because its tombstone has expired is reported as `shrunk`, and a
 * deletion whose accompanying change has expired is not lost.
 */
import type { AnyValueType, UnixMs } from './contract.ts'
import { Entry, NEVER } from './entry.ts'
import { tombstoneLimit } from './tombstones.ts'

/** News about a key: what a peer said, or what the application wants. */
export interface Incoming {
  readonly type: AnyValueType
  /** A state of `type`: the whole value or only a change. */
  readonly state: unknown
  /** `replace`: what the stored value has and this one lacks was removed (kv spec 3.1). Only for local edits. */
  readonly mode: 'merge' | 'replace'
  /** Whose edits are in the state; of a peer's news `undefined`. */
  readonly writer: string | undefined
  readonly deleted: boolean
  /** When it was deleted; 0 unless `deleted`. */
  readonly deletedAt: UnixMs
}

/** What a merge came to. */
export type MergeVerdict =
  /** Something new: store `entry`, tell watchers, spread `change` and nothing else. */
  | {
      readonly verdict: 'stored'
      readonly entry: Entry
      readonly change: unknown
      readonly names: readonly string[]
      readonly tombstones: TombstoneCount | undefined
    }
  /** A live entry became a tombstone so old that it is gone at once: store and tell watchers, spread nothing. */
  | {
      readonly verdict: 'shrunk'
      readonly entry: Entry
      readonly change: unknown
      readonly tombstones: TombstoneCount | undefined
    }
  /** Nothing that we did not know. */
  | { readonly verdict: 'unchanged' }
  /** The key holds a value of another type. */
  | { readonly verdict: 'type-mismatch' }

/** What the trim of an effective merge left and removed. */
export interface TombstoneCount {
  readonly remainingCount: number
  readonly removedCount: number
}

const unchanged: MergeVerdict = { verdict: 'unchanged' }

/**
 * Merges news into an entry (kv spec 3.3, the steps in brackets). `tombstoneTimeoutMs` 0 keeps tombstones for ever.
 * Throws what the value type throws; nothing is altered then.
 */
export function mergeEntry(
  key: string,
  current: Entry | undefined,
  incoming: Incoming,
  wallNow: UnixMs,
  tombstoneTimeoutMs: number,
): MergeVerdict {
  // [1] A purged key is not revived by its own tombstone.
  if (current === undefined && incoming.deleted) return unchanged
  if (current !== undefined && current.type.codecId !== incoming.type.codecId) return { verdict: 'type-mismatch' }
  const type = current?.type ?? incoming.type

  const base = current === undefined ? type.empty() : current.state
  const method = current !== undefined && incoming.mode === 'replace' ? 'replace' : 'merge'
  const merged = type[method](base, incoming.state, wallNow, incoming.writer) // [4]

  const deletion = laterDeletion(current, incoming) // [5]
  const flipped = deletion.deleted !== (current?.deleted ?? false)
  const carries = merged.change !== undefined && type.names(merged.change).length > 0
  if (!carries && !flipped) return unchanged // [6]

  const limit = tombstoneLimit(wallNow, tombstoneTimeoutMs)
  const kept = limit === undefined ? undefined : type.dropTombstones(merged.state, limit) // [7]
  const state = kept === undefined ? merged.state : kept.state
  const news = !carries
    ? undefined
    : limit === undefined
      ? merged.change
      : type.dropTombstones(merged.change, limit).state
  const newsNames = news === undefined ? [] : type.names(news)

  const entry = new Entry({ key, type, state, version: (current?.version ?? 0) + 1, ...deletion, updatedAt: wallNow })
  if (newsNames.length === 0 && !flipped) {
    return current !== undefined && hides(type, current, merged.change)
      ? { verdict: 'shrunk', entry, change: merged.change, tombstones: kept }
      : unchanged
  }
  // [8] Only the flag flipped: peers need the whole value with it.
  const change = newsNames.length === 0 ? state : news
  const names = newsNames.length === 0 ? type.names(state) : newsNames
  return { verdict: 'stored', entry, change, names, tombstones: kept } // [9]
}

/** Deletion is sticky: a later one may move its time, nothing clears it (kv spec 3.3). */
function laterDeletion(current: Entry | undefined, incoming: Incoming): { deleted: boolean; deletedAt: UnixMs } {
  const deleted = current?.deleted ?? false
  const deletedAt = current?.deletedAt ?? NEVER
  return incoming.deleted && incoming.deletedAt > deletedAt
    ? { deleted: true, deletedAt: incoming.deletedAt }
    : { deleted, deletedAt }
}

/** Whether readers of `current` can see an entry that `change`, all of it expired tombstones, takes away. */
function hides(type: AnyValueType, current: Entry, change: unknown): boolean {
  const seen = new Set(type.names(current.visible))
  return type.names(change).some((name) => seen.has(name))
}
