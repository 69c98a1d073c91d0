/** What the machine made of a command, as a caller gets it. */
import { MemberlistError } from './errors.ts'
import type { Outcome } from './input.ts'

/**
 * How far news about the local member got: sent as often as gossip sends anything; replaced by newer news about it before
 * that; nobody was there to be told; or the time was over, and it is still being sent. None of them says that a peer
 * believes it.
 */
export type SpreadResult = 'transmitted' | 'superseded' | 'no-peers' | 'timeout'

/** The outcome as the kind that was asked for. Throws a {@link MemberlistError} for a request that was rejected. */
export function expectOutcome<Type extends Outcome['type']>(
  outcome: Outcome,
  type: Type,
): Extract<Outcome, { type: Type }> {
  if (outcome.type === 'rejected')
    throw new MemberlistError(outcome.code === 'STOPPED' ? 'CLOSED' : outcome.code, outcome.reason)
  if (outcome.type !== type) throw new Error(`an outcome of ${outcome.type} for ${type}`)
  return outcome as Extract<Outcome, { type: Type }>
}
