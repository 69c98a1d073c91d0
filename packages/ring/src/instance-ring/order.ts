import { compareBytes, equalBytes } from '@hearsay/encoding'
import type { ImplausibleEntry, UnixMs } from '@hearsay/kv/contract'
import { encodeInstance } from './instance-codec.ts'
import type { InstanceDesc } from './instance-desc.ts'
import type { RingDesc } from './model.ts'

/** How far ahead of our clock a timestamp is believed (ring spec 13.2). */
export const MAX_SKEW_MS = 3_600_000

/** Whether an entry is dated further ahead than clocks go wrong: it then loses to any entry that is not. */
export function isImplausible(entry: InstanceDesc, wallNow: UnixMs): boolean {
  return Number(entry.timestamp) * 1000 > wallNow + MAX_SKEW_MS
}

/** The entries of a ring that are dated so; an instance writes its own. */
export function implausibleEntries(ring: RingDesc, wallNow: UnixMs): ImplausibleEntry[] {
  const found: ImplausibleEntry[] = []
  for (const [name, entry] of ring)
    if (isImplausible(entry, wallNow)) found.push({ name, writer: name, timestampMs: Number(entry.timestamp) * 1000 })
  return found
}

/**
 * Which of two entries of one name wins: positive when `a` does, 0 only when the two say the same. A total order, so
 * that entries form a last-writer register on which all nodes agree (ring spec 3 [F] 1, 13.2):
 *
 * 1. a plausible date beats one from the far future;
 * 2. the later timestamp wins;
 * 3. LEFT beats every other state;
 * 4. the canonical encoding that is larger, byte by byte, wins. Go keeps its own in this case.
 */
export function compareEntries(a: InstanceDesc, b: InstanceDesc, wallNow: UnixMs): number {
  if (a === b) return 0
  const plausible = Number(isImplausible(b, wallNow)) - Number(isImplausible(a, wallNow))
  if (plausible !== 0) return plausible
  if (a.timestamp !== b.timestamp) return a.timestamp > b.timestamp ? 1 : -1
  const left = Number(a.isTombstone) - Number(b.isTombstone)
  if (left !== 0) return left
  return saysTheSame(a, b) ? 0 : compareBytes(encodeInstance(a), encodeInstance(b))
}

/** Whether they came in the same bytes: so it is with nearly all of a full state. Nobody then asks whether those are canonical. */
function saysTheSame(a: InstanceDesc, b: InstanceDesc): boolean {
  const [ours, theirs] = [a.encoded ?? a.received?.bytes, b.encoded ?? b.received?.bytes]
  return ours !== undefined && theirs !== undefined && equalBytes(ours, theirs)
}
