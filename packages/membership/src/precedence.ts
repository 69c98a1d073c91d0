/**
 * Does a claim beat what is known? The rule of SWIM (paper, section 4.2) as memberlist has it (membership spec 1.9),
 * with the memory of evidence (DIV-10).
 *
 * For a record of another member at the same address; i is the claim's incarnation, r the record's, e the highest
 * incarnation of any claim ever admitted (e ≥ r):
 *
 * | known \ claim | alive, i > e | alive, i ≤ e | suspect, i ≥ r | dead or left, i ≥ r | accusation, i < r |
 * |---|---|---|---|---|---|
 * | alive   | accept | stale | suspect | bury | stale |
 * | suspect | accept | stale | confirm | bury | stale |
 * | dead    | accept | stale | note | note | stale |
 * | left    | accept | stale | note | note | stale |
 */
import type { MemberStatus } from './member.ts'
import type { PeerIndex, PeerTable } from './peer-table.ts'

/** What to do with a claim. `note`: remember its incarnation as evidence, change nothing else. */
export type Verdict = 'accept' | 'suspect' | 'confirm' | 'bury' | 'note' | 'stale'

/** The verdict on a claim about another member at its known address. */
export function judge(
  table: Pick<PeerTable, 'status' | 'incarnation' | 'evidence'>,
  peer: PeerIndex,
  claim: 'alive' | 'suspect' | 'dead',
  incarnation: number,
): Verdict {
  if (claim === 'alive')
    return incarnation > Math.max(table.incarnation(peer), table.evidence(peer)) ? 'accept' : 'stale'
  return incarnation < table.incarnation(peer) ? 'stale' : onAccusation(table.status(peer), claim)
}

function onAccusation(status: MemberStatus, claim: 'suspect' | 'dead'): Verdict {
  if (status === 'dead' || status === 'left') return 'note'
  if (claim === 'dead') return 'bury'
  return status === 'alive' ? 'suspect' : 'confirm'
}
