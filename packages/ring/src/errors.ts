/** What {@link RingError.code} may say. Stable: programs may branch on it. */
export type RingErrorCode =
  /** No instance holds a token. */
  | 'EMPTY_RING'
  /** Fewer healthy replicas than a quorum needs. */
  | 'NOT_ENOUGH_REPLICAS'
  /** A replication factor above the configured one, with a strategy that cannot expand. */
  | 'REPLICATION_FACTOR_UNSUPPORTED'
  /** This instance takes part in the ring already. */
  | 'ALREADY_JOINED'
  /** This instance does not take part in the ring. */
  | 'NOT_JOINED'
  /** The store did not take our entry, however often we tried; `cause` is the last failure. */
  | 'JOIN_FAILED'
  /** The store did not take the removal of our entry; peers will see it time out. `cause` is the last failure. */
  | 'LEAVE_FAILED'
  /** The ring was closed. */
  | 'CLOSED'
  /** An option is out of range; the message names it. */
  | 'OPTION_INVALID'
  /** A ring in JSON form that is none; the message begins with the path of the first problem. */
  | 'JSON_INVALID'
  /** An instance id without a trailing `-<number>`, or a zone that was not configured. */
  | 'TOKENS_IMPOSSIBLE'

/** Local misuse, or a lookup that has no answer. Never thrown because of bytes from the network. */
export class RingError extends Error {
  /** Stable reason, for programs. */
  readonly code: RingErrorCode

  /** `message` is for people; `options.cause` keeps what lay beneath. */
  constructor(code: RingErrorCode, message: string, options?: ErrorOptions) {
    super(message, options)
    this.name = 'RingError'
    this.code = code
  }
}
