/** What is wrong with bytes that could not be read. */
export type DecodeReason =
  | 'truncated' // they end before their own lengths say so
  | 'malformed' // a form or value that is not allowed here
  | 'too-large' // a declared or actual size above its bound
  | 'too-deep' // nesting above its bound

/**
 * Bytes from outside could not be read. Internal control flow: decoders throw it, their edges catch it and return an
 * outcome. It carries no stack, so that hostile input costs little.
 */
export class DecodeError extends Error {
  readonly reason: DecodeReason
  /** Offset in the bytes given to the decoder. */
  readonly offset: number

  constructor(reason: DecodeReason, offset: number, detail: string) {
    const limit = Error.stackTraceLimit
    Error.stackTraceLimit = 0
    super(detail)
    Error.stackTraceLimit = limit
    this.name = 'DecodeError'
    this.reason = reason
    this.offset = offset
  }
}
