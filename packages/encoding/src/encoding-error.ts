/** Stable codes of {@link EncodingError}. */
export type EncodingErrorCode =
  | 'INVALID_HEX' // text that is not pairs of hexadecimal digits
  | 'OUT_OF_RANGE' // a value that the notation cannot hold

/** Misuse by the caller: a value that cannot be written, or text that is not what it claims to be. */
export class EncodingError extends Error {
  readonly code: EncodingErrorCode

  constructor(code: EncodingErrorCode, message: string) {
    super(message)
    this.name = 'EncodingError'
    this.code = code
  }
}
