/** Stable codes of {@link MemberlistError}. */
export type MemberlistErrorCode =
  | 'NOT_STARTED'
  | 'ALREADY_STARTED'
  | 'CLOSED'
  /** The member has left; `rejoin` comes first. */
  | 'LEFT'
  /** `rejoin` of a member that has not left. */
  | 'NOT_LEFT'
  | 'ABORTED'
  /** An argument that no call could use; the message names it. */
  | 'INVALID_ARGUMENT'
  | 'META_TOO_LONG'
  /** The incarnation cannot rise any more, so that nobody would believe the news; another name can. */
  | 'INCARNATION_EXHAUSTED'
  | 'UNKNOWN_MEMBER'
  | 'TOO_LARGE'
  | 'EMPTY'
  | 'SEND_FAILED'
  | 'NO_ANSWER'
  /** The incarnation store could be neither read nor written; its error is the `cause`. */
  | 'INCARNATION_STORE'

/** A local failure of a `Memberlist`. */
export class MemberlistError extends Error {
  readonly code: MemberlistErrorCode

  constructor(code: MemberlistErrorCode, message: string, options?: { readonly cause?: unknown }) {
    super(message, options)
    this.name = 'MemberlistError'
    this.code = code
  }
}
