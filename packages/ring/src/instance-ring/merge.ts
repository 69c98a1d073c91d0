/**
 * How two copies of a ring become one (ring spec 2.1, 3, 13.2). Each entry is a last-writer register; who owns a
 * token that two entries claim is never written into them, it is derived when somebody looks (`conflicts.ts`). So the
 * merge is idempotent, commutative and associative, whatever the input.
 */
import type { Merged, Trimmed, UnixMs } from '@hearsay/kv/contract'
import { type InstanceDesc, sameTokens } from './instance-desc.ts'
import { RingDesc, type RingEdit } from './model.ts'
import { compareEntries, isImplausible } from './order.ts'
import { InstanceState } from './state.ts'

/** Joins two rings: of each name the entry that wins by {@link compareEntries}. */
export function mergeRings(state: RingDesc, incoming: RingDesc, wallNow: UnixMs): Merged<RingDesc> {
  const changes = winners(state, incoming, wallNow)
  // All of it is news: it is passed on as it came.
  if (changes.length > 0 && changes.length === incoming.size) return { state: state.with(changes), change: incoming }
  return applied(state, changes)
}

/**
 * A local edit: `next` is what shall be there (a compare-and-swap of dskit). An entry that `next` holds unchanged is
 * no change; one that differs has to win as in a merge, so whoever edits must raise the timestamp. What `state` has
 * and `next` lacks becomes a tombstone, dated now, or as the entry itself if that is ahead of our clock: dated
 * earlier, peers would reject it and the entry would live on.
 */
export function replaceRing(state: RingDesc, next: RingDesc, wallNow: UnixMs): Merged<RingDesc> {
  const changes = winners(state, next, wallNow)
  for (const [name, entry] of state)
    if (!entry.isTombstone && next.get(name) === undefined) changes.push([name, tombstone(entry, wallNow)])
  return applied(state, changes)
}

/** Drops tombstones dated strictly before `olderThan`, all of them when it is `undefined` (ring spec 2.3). */
export function dropTombstones(state: RingDesc, olderThan: UnixMs | undefined): Trimmed<RingDesc> {
  const limit = olderThan ?? Number.POSITIVE_INFINITY
  const before = state.tombstoneCount
  if (before === 0 || state.oldestTombstone * 1000 >= limit) return { state, removedCount: 0, remainingCount: before }
  const old: RingEdit[] = []
  for (const [name, entry] of state)
    if (entry.isTombstone && Number(entry.timestamp) * 1000 < limit) old.push([name, undefined])
  return { state: state.with(old), removedCount: old.length, remainingCount: before - old.length }
}

/** The tombstone that removes an entry: no tokens, everything else kept. */
export function tombstone(entry: InstanceDesc, wallNow: UnixMs): InstanceDesc {
  const now = Math.floor(wallNow / 1000)
  const isAhead = entry.timestamp > now && !isImplausible(entry, wallNow)
  return entry.with({ state: InstanceState.LEFT, timestamp: isAhead ? entry.timestamp : now })
}

function winners(state: RingDesc, incoming: RingDesc, wallNow: UnixMs): [string, InstanceDesc][] {
  const won: [string, InstanceDesc][] = []
  for (const [name, theirs] of incoming) {
    const ours = state.get(name)
    if (ours === undefined || compareEntries(theirs, ours, wallNow) > 0) won.push([name, sharingTokens(theirs, ours)])
  }
  return won
}

/** Heartbeats repeat the same tokens: keeping one array makes "same tokens" the same object for everybody after us. */
function sharingTokens(entry: InstanceDesc, before: InstanceDesc | undefined): InstanceDesc {
  if (before === undefined || before.tokens === entry.tokens || !sameTokens(before.tokens, entry.tokens)) return entry
  const shared = entry.with({ tokens: before.tokens })
  shared.encoded = entry.encoded
  shared.received = entry.received
  return shared
}

function applied(state: RingDesc, changes: readonly (readonly [string, InstanceDesc])[]): Merged<RingDesc> {
  if (changes.length === 0) return { state, change: undefined }
  return { state: state.with(changes), change: RingDesc.of(changes) }
}
