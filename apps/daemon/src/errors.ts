/** Why the daemon did not start. */

/** Stable codes of {@link StartError}. */
export type StartErrorCode =
  | 'HTTP_ADDRESS_IN_USE'
  | 'HTTP_ADDRESS_NOT_AVAILABLE'
  | 'HTTP_PERMISSION_DENIED'
  | 'HTTP_FAILED'
  /** The member could not be created: the cause is the node's or the transport's error. */
  | 'NODE_FAILED'
  /** The node refused its options. */
  | 'CONFIG_INVALID'

/** A failure to start, said in one sentence that also says what to do. */
export class StartError extends Error {
  readonly code: StartErrorCode
  /** What the process should end with: 2 for a wrong configuration, else 1. */
  readonly exitCode: 1 | 2

  constructor(code: StartErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'StartError'
    this.code = code
    this.exitCode = code === 'CONFIG_INVALID' ? 2 : 1
  }
}
