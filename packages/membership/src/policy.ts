/** Where ours differs from memberlist in a way that a peer can see, or that trades something away. */

/** The switches. The comment at each names the value that is memberlist's. */
export interface Policy {
  /**
   * Tell a member that is alive, but held suspect, dead or left here, what it must refute, at most once per
   * `gossip.toTheDeadMs / 3` (DIV-11). Go: false.
   */
  readonly echoAccusations: boolean
  /**
   * Ignore accusations at or above 2^32 − 2^16 and alives above 2^32 − 2, so that nobody can be driven to the end of the
   * incarnations (DIV-12). Go: false.
   */
  readonly incarnationCeiling: boolean
  /**
   * Answer a ping at the address it names only if that is the datagram's own source or a known member's (DIV-21).
   * Go: false.
   */
  readonly verifyReplyAddress: boolean
}

/** Ours. */
export const improved: Policy = { echoAccusations: true, incarnationCeiling: true, verifyReplyAddress: true }

/** As memberlist v0.7.0 does it. */
export const faithful: Policy = { echoAccusations: false, incarnationCeiling: false, verifyReplyAddress: false }
