/** Misuse of the simulator. */

/** What went wrong, for programs. */
export type SimulatorErrorCode =
  /** A delay or a time that is no number. */
  | 'BAD_TIME'
  /** The world was run from inside one of its own events. */
  | 'RUNNING'
  /** It did not come true in time. */
  | 'TIMED_OUT'
  /** An option that makes no sense. */
  | 'BAD_OPTION'
  /** A member in a state in which that cannot be asked of it. */
  | 'BAD_STATE'

/** Thrown for misuse only: whatever members do to each other is no exception. */
export class SimulatorError extends Error {
  override readonly name = 'SimulatorError'
  readonly code: SimulatorErrorCode

  constructor(code: SimulatorErrorCode, message: string) {
    super(message)
    this.code = code
  }
}
