/** Who the periodic rounds, gossip and push/pull, may go to, where that is not anybody. */
import { NOBODY, type PeerIndex, type PeerTable } from './peer-table.ts'
import { pickPeers } from './random-pick.ts'

/** The choice for one round. */
export interface RoundChoice {
  /** Whether a record may be chosen at random. Its state is judged elsewhere. */
  isCandidate(peer: PeerIndex): boolean
  /** Goes first, if its state lets it; `NOBODY`: nobody does. */
  readonly preferred: PeerIndex
}

/**
 * Chooses for each gossip tick and each periodic push/pull. Probes, relays, joins and exchanges that are asked for go to
 * whomever they would go to anyway (kv spec 6.2).
 */
export interface Routing {
  choose(table: PeerTable, random: () => number): RoundChoice
}

/** The targets of a round: as {@link pickPeers}, within what a routing lets. */
export function pickForRound(
  table: PeerTable,
  count: number,
  eligible: (index: PeerIndex) => boolean,
  random: () => number,
  routing: Routing | undefined,
): PeerIndex[] {
  if (routing === undefined) return pickPeers(table, count, eligible, random)
  const choice = routing.choose(table, random)
  const { preferred } = choice
  const first = preferred !== NOBODY && eligible(preferred) ? [preferred] : []
  const rest = (peer: PeerIndex): boolean => peer !== first[0] && eligible(peer) && choice.isCandidate(peer)
  return [...first, ...pickPeers(table, count - first.length, rest, random)]
}
