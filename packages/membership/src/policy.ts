/**
 * Where ours differs from memberlist in a way that a peer can see, or that trades something away. Differences that nobody
 * can see are simply how it works; docs/differences.md lists both.
 */

/** The switches. The value of memberlist v0.7.0 is `false` for each. */
export interface Policy {
  /**
   * Tell a member that is alive, but held suspect, dead or left here, what it must refute, at most once per
   * `gossip.toTheDeadMs / 3` (DIV-11).
   */
  readonly echoAccusations: boolean
  /**
   * Ignore accusations at or above 2^32 − 2^16 and alives above 2^32 − 2, so that nobody can be driven to the end of the
   * incarnations (DIV-12).
   */
  readonly incarnationCeiling: boolean
  /** Answer a ping at the address it names only if that is the datagram's own source or a known member's (DIV-21). */
  readonly verifyReplyAddress: boolean
  /**
   * Remember the highest incarnation of every claim about a member, also of those that changed nothing, and for a while
   * after it was forgotten: a stale alive never revives anybody (DIV-10, DIV-41).
   */
  readonly evidenceMemory: boolean
  /** Answer with a nack early enough to be counted, and wait for nacks that may still come (DIV-19). */
  readonly earlyNacks: boolean
  /** A probe during which this process did not run is inconclusive, and read what has arrived before judging (DIV-20). */
  readonly lagAwareness: boolean
  /** Loops of members that started together are really out of phase, and the end of a pass costs no tick (DIV-16, DIV-17). */
  readonly trueStagger: boolean
  /** Ask who is really there before a name changes its address: probe on conflict, confirm a departure (DIV-4, 9, 14). */
  readonly provenTakeover: boolean
  /** One member whose versions do not fit does not stop exchanges between others (DIV-32). */
  readonly lenientVersions: boolean
  /** Tell a few members of a departure directly, beside the gossip (DIV-40). */
  readonly directGoodbye: boolean
  /** After a join, ask once more whether the other side took us (DIV-33). */
  readonly confirmedJoin: boolean
  /** What a member says of itself leads its packets: no storm about others keeps it from contradicting one about itself. */
  readonly ownNewsFirst: boolean
}

/** Ours. */
export const improved: Policy = {
  echoAccusations: true,
  incarnationCeiling: true,
  verifyReplyAddress: true,
  evidenceMemory: true,
  earlyNacks: true,
  lagAwareness: true,
  trueStagger: true,
  provenTakeover: true,
  lenientVersions: true,
  directGoodbye: true,
  confirmedJoin: true,
  ownNewsFirst: true,
}

/** As memberlist v0.7.0 does it. */
export const faithful: Policy = {
  echoAccusations: false,
  incarnationCeiling: false,
  verifyReplyAddress: false,
  evidenceMemory: false,
  earlyNacks: false,
  lagAwareness: false,
  trueStagger: false,
  provenTakeover: false,
  lenientVersions: false,
  directGoodbye: false,
  confirmedJoin: false,
  ownNewsFirst: false,
}
