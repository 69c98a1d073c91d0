/** Choice of members at random: exact and uniform (DIV-26). */
import type { PeerIndex, PeerTable } from './peer-table.ts'

/** Tables so small are read through at once. */
const SMALL_TABLE = 16
/** Draws for each member that is wanted, before the table is read through. */
const DRAWS_EACH = 8

/**
 * min(count, eligible) distinct records, each ordered choice equally likely. Draws until it has enough; when the
 * eligible are rare it reads the table once, so that it never misses one that is there (a ring of three lost its only
 * relay in 2.6 % of the draws of earlier memberlists).
 */
export function pickPeers(
  table: PeerTable,
  count: number,
  eligible: (index: PeerIndex) => boolean,
  random: () => number,
): PeerIndex[] {
  const chosen: PeerIndex[] = []
  const { capacity } = table
  // A draw that is refused leaves the choice among the rest uniform, so that both ways may be mixed.
  if (capacity > SMALL_TABLE)
    for (let draws = count * DRAWS_EACH; draws > 0 && chosen.length < count; draws--) {
      const index = Math.floor(random() * capacity)
      if (table.has(index) && eligible(index) && !chosen.includes(index)) chosen.push(index)
    }
  if (chosen.length < count) readThrough(table, count, eligible, random, chosen)
  return chosen
}

/** Reservoir sampling of what is still wanted, then a shuffle: the reservoir keeps early ones in early slots. */
function readThrough(
  table: PeerTable,
  count: number,
  eligible: (index: PeerIndex) => boolean,
  random: () => number,
  chosen: PeerIndex[],
): void {
  const first = chosen.length
  const wanted = count - first
  const before = chosen.slice()
  let seen = 0
  for (let index = 0; index < table.capacity; index++) {
    if (!table.has(index) || !eligible(index) || before.includes(index)) continue
    seen++
    if (chosen.length < count) chosen.push(index)
    else {
      const slot = Math.floor(random() * seen)
      if (slot < wanted) chosen[first + slot] = index
    }
  }
  for (let at = chosen.length - 1; at > first; at--) {
    const other = first + Math.floor(random() * (at - first + 1))
    const kept = chosen[at]!
    chosen[at] = chosen[other]!
    chosen[other] = kept
  }
}
