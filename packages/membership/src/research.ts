/** Switches of experiments (evaluation spec 3.0): they make the detectors of the papers. No option of a member reaches them. */

/** What only experiments change. */
export interface Research {
  /**
   * `memberlist`: as membership spec 2.3. `paper`: as Lifeguard describes it: the probe timeout is scaled, too, a failed
   * probe costs 1 and so does each missing nack, and the score goes up to the multiplier itself. `off`: plain SWIM.
   */
  readonly localHealth: 'memberlist' | 'paper' | 'off'
  /** The suspicion timeout is the minimum from the start: no confirmations. */
  readonly fixedSuspicion: boolean
  /** A ping to a suspected member carries the accusation. */
  readonly buddy: boolean
  /** Confirmations that take the timeout to its minimum; `undefined`: the suspicion multiplier less two. */
  readonly expectedConfirmations: number | undefined
  /** All probe loops tick at multiples of the interval. */
  readonly synchronousPhases: boolean
}

/** As members really do it. */
export const noResearch: Research = {
  localHealth: 'memberlist',
  fixedSuspicion: false,
  buddy: true,
  expectedConfirmations: undefined,
  synchronousPhases: false,
}
