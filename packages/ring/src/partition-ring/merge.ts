/**
 * How two copies of a partition ring become one (ring spec 2.4, 3 [F] 4, 13.2). A partition is three registers: its state, its lock, and
 * what never changes; an owner is one. Each has a total order, so that the merge is idempotent, commutative and associative.
 */
import { compareBytes } from '@hearsay/encoding'
import type { ImplausibleEntry, Merged, Trimmed, UnixMs } from '@hearsay/kv/contract'
import type { Int64 } from '../instance-ring/instance-desc.ts'
import { MAX_SKEW_MS } from '../instance-ring/order.ts'
import { encodeOwner } from './codec.ts'
import { isDeletedOwner, isDeletedPartition, type OwnerDesc, type PartitionDesc, PartitionRingDesc } from './model.ts'
import { OwnerState, PartitionState } from './state.ts'

type Owners = [string, OwnerDesc][]

/** Joins two rings. */
export function mergePartitionRings(
  state: PartitionRingDesc,
  incoming: PartitionRingDesc,
  wallNow: UnixMs,
): Merged<PartitionRingDesc> {
  return applied(state, newPartitions(state, incoming, wallNow), newOwners(state, incoming, wallNow))
}

/** A local edit: what `state` has and `next` lacks becomes a tombstone, dated now; it keeps everything else. */
export function replacePartitionRing(
  state: PartitionRingDesc,
  next: PartitionRingDesc,
  wallNow: UnixMs,
): Merged<PartitionRingDesc> {
  const partitions = newPartitions(state, next, wallNow)
  const owners = newOwners(state, next, wallNow)
  for (const [id, each] of state.partitions)
    if (!isDeletedPartition(each) && !next.partitions.has(id))
      partitions.push({
        ...each,
        state: PartitionState.Deleted,
        stateTimestamp: removedAt(each.stateTimestamp, wallNow),
      })
  for (const [name, each] of state.owners)
    if (!isDeletedOwner(each) && !next.owners.has(name)) {
      const updatedTimestamp = removedAt(each.updatedTimestamp, wallNow)
      owners.push([name, { ...each, state: OwnerState.Deleted, updatedTimestamp }])
    }
  return applied(state, partitions, owners)
}

/** Drops tombstones dated strictly before `olderThan`, all of them when it is `undefined`. */
export function dropPartitionTombstones(
  state: PartitionRingDesc,
  olderThan: UnixMs | undefined,
): Trimmed<PartitionRingDesc> {
  const limit = olderThan ?? Number.POSITIVE_INFINITY
  const isOld = (timestamp: Int64): boolean => Number(timestamp) * 1000 < limit
  let removedCount = 0
  let remainingCount = 0
  const keeps = (isDeleted: boolean, timestamp: Int64): boolean => {
    if (!isDeleted) return true
    if (isOld(timestamp)) removedCount++
    else remainingCount++
    return !isOld(timestamp)
  }
  const partitions = [...state.partitions].filter(([, each]) => keeps(isDeletedPartition(each), each.stateTimestamp))
  const owners = [...state.owners].filter(([, each]) => keeps(isDeletedOwner(each), each.updatedTimestamp))
  if (removedCount === 0) return { state, removedCount, remainingCount }
  const isEmpty = partitions.length + owners.length === 0
  return {
    state: isEmpty ? PartitionRingDesc.empty : new PartitionRingDesc(new Map(partitions), new Map(owners)),
    removedCount,
    remainingCount,
  }
}

/** What is dated further ahead than clocks go wrong: partitions by their ids, owners by their names. */
export function implausibleInPartitionRing(ring: PartitionRingDesc, wallNow: UnixMs): ImplausibleEntry[] {
  const found: ImplausibleEntry[] = []
  const look = (name: string, writer: string, timestamp: Int64): void => {
    if (!isPlausible(timestamp, wallNow)) found.push({ name, writer, timestampMs: Number(timestamp) * 1000 })
  }
  for (const [id, each] of ring.partitions) {
    look(String(id), '', each.stateTimestamp)
    look(String(id), '', each.stateChangeLockedTimestamp)
  }
  for (const [name, each] of ring.owners) look(name, name, each.updatedTimestamp)
  return found
}

function newPartitions(state: PartitionRingDesc, incoming: PartitionRingDesc, wallNow: UnixMs): PartitionDesc[] {
  const changed: PartitionDesc[] = []
  for (const [id, theirs] of incoming.partitions) {
    const ours = state.partitions.get(id)
    const joined = ours === undefined ? theirs : joinPartitions(ours, theirs, wallNow)
    if (joined !== ours) changed.push(joined)
  }
  return changed
}

function newOwners(state: PartitionRingDesc, incoming: PartitionRingDesc, wallNow: UnixMs): Owners {
  const changed: Owners = []
  for (const [name, theirs] of incoming.owners) {
    const ours = state.owners.get(name)
    if (ours === undefined ? theirs.updatedTimestamp >= 0 : compareOwners(theirs, ours, wallNow) > 0)
      changed.push([name, theirs])
  }
  return changed
}

/** Both together; the same object as `ours` when nothing in `theirs` is news. */
function joinPartitions(ours: PartitionDesc, theirs: PartitionDesc, wallNow: UnixMs): PartitionDesc {
  if (ours === theirs) return ours
  const state = compareStates(theirs, ours, wallNow) > 0 ? theirs : ours
  const lock = compareLocks(theirs, ours, wallNow) > 0 ? theirs : ours
  const rest = compareConstants(theirs, ours) > 0 ? theirs : ours
  if (state === ours && lock === ours && rest === ours) return ours
  return {
    id: ours.id,
    tokens: rest.tokens,
    unknown: rest.unknown,
    state: state.state,
    stateTimestamp: state.stateTimestamp,
    stateChangeLocked: lock.stateChangeLocked,
    stateChangeLockedTimestamp: lock.stateChangeLockedTimestamp,
  }
}

function compareStates(a: PartitionDesc, b: PartitionDesc, wallNow: UnixMs): number {
  const order = compareTimes(a.stateTimestamp, b.stateTimestamp, wallNow)
  if (order !== 0) return order
  const deleted = Number(isDeletedPartition(a)) - Number(isDeletedPartition(b))
  return deleted !== 0 ? deleted : a.state - b.state
}

function compareLocks(a: PartitionDesc, b: PartitionDesc, wallNow: UnixMs): number {
  const order = compareTimes(a.stateChangeLockedTimestamp, b.stateChangeLockedTimestamp, wallNow)
  return order !== 0 ? order : Number(a.stateChangeLocked) - Number(b.stateChangeLocked)
}

/**
 * Go keeps the tokens that it saw first; so that all agree whoever saw what first, more of them win, then the larger. Fields
 * that we do not know win over none: old members drop them on the way (ring spec 13.1).
 */
function compareConstants(a: PartitionDesc, b: PartitionDesc): number {
  const unknown = compareBytes(a.unknown, b.unknown)
  if (unknown !== 0) return unknown
  if (a.tokens.length !== b.tokens.length) return a.tokens.length - b.tokens.length
  const at = a.tokens.findIndex((token, index) => token !== b.tokens[index])
  return at < 0 ? 0 : a.tokens[at]! - b.tokens[at]!
}

function compareOwners(a: OwnerDesc, b: OwnerDesc, wallNow: UnixMs): number {
  if (a === b) return 0
  const order = compareTimes(a.updatedTimestamp, b.updatedTimestamp, wallNow)
  if (order !== 0) return order
  const deleted = Number(isDeletedOwner(a)) - Number(isDeletedOwner(b))
  return deleted !== 0 ? deleted : compareBytes(encodeOwner(a), encodeOwner(b))
}

function compareTimes(a: Int64, b: Int64, wallNow: UnixMs): number {
  const plausible = Number(isPlausible(a, wallNow)) - Number(isPlausible(b, wallNow))
  if (plausible !== 0) return plausible
  return a === b ? 0 : a > b ? 1 : -1
}

const isPlausible = (timestamp: Int64, wallNow: UnixMs): boolean => Number(timestamp) * 1000 <= wallNow + MAX_SKEW_MS

/** Now, or the date of what is removed where that is ahead of our clock: dated earlier, peers would refuse it. */
function removedAt(timestamp: Int64, wallNow: UnixMs): Int64 {
  const now = Math.floor(wallNow / 1000)
  return timestamp > now && isPlausible(timestamp, wallNow) ? timestamp : now
}

function applied(state: PartitionRingDesc, partitions: PartitionDesc[], owners: Owners): Merged<PartitionRingDesc> {
  if (partitions.length + owners.length === 0) return { state, change: undefined }
  return { state: state.with(partitions, owners), change: PartitionRingDesc.empty.with(partitions, owners) }
}
