/** What the command says instead of a stack trace. */

/** Exit statuses of `hearsay`. */
export const exitCodes = {
  ok: 0,
  /** The daemon cannot be reached, or refused. */
  failed: 1,
  /** Wrong arguments. */
  usage: 2,
  /** The key or ring asked for is not there. */
  notFound: 3,
  /** A conditional write lost: somebody else changed the value first. */
  conflict: 4,
} as const

/** One sentence for stderr, and the status to end with. */
export class CommandError extends Error {
  readonly exitCode: number

  constructor(message: string, exitCode: number = exitCodes.failed, options?: ErrorOptions) {
    super(message, options)
    this.name = 'CommandError'
    this.exitCode = exitCode
  }
}
