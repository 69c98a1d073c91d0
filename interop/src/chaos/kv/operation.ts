/** What was done to a store of a chaotic cluster, and what became of it. Times are Unix milliseconds unless they say otherwise. */

/** An entry is written, an entry is removed, or a whole key is deleted. */
export type OperationKind = 'write' | 'remove' | 'delete'

/** What is known when an operation begins. */
export interface Intent {
  readonly kind: OperationKind
  /** The member that does it. */
  readonly by: string
  readonly key: string
  /** The entry of the key; empty when the key is deleted. */
  readonly name: string
  /** What was going on. */
  readonly fault: string
  readonly startedMs: number
}

/**
 * What the member answered. `done`: its own store has it. `nothing`: it changed nothing, so there is nothing to be kept.
 * `unknown`: no answer came, as the process was killed; it may have taken place.
 */
export type Outcome = 'pending' | 'done' | 'nothing' | 'unknown'

/** One operation. The judge fills in what is learned later. */
export interface Operation extends Intent {
  readonly id: number
  outcome: Outcome
  /** When the answer came. */
  endedMs: number | undefined
  /** Unix seconds in the entry; of what Go did, and of a deletion, a lower bound. */
  timestamp: number
  /** Whether enough members were proven to have it in time; undefined when nobody waited for that. */
  confirmed: boolean | undefined
}
