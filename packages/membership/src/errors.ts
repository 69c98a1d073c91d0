/** Stable codes of {@link MemberlistError}. */
export type MemberlistErrorCode =
  | 'NOT_STARTED'
  | 'ALREADY_STARTED'
  | 'CLOSED'
  | 'LEFT'
  | 'ABORTED'
  | 'META_TOO_LONG'
  | 'UNKNOWN_MEMBER'
  | 'TOO_LARGE'
  | 'EMPTY'
  | 'SEND_FAILED'
  | 'NO_ANSWER'
  | 'TIMEOUT'

/** A local failure of a `Memberlist`. */
export class MemberlistError extends Error {
  readonly code: MemberlistErrorCode

  constructor(code: MemberlistErrorCode, message: string) {
    super(message)
    this.name = 'MemberlistError'
    this.code = code
  }
}
