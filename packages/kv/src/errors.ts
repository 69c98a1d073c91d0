import type { Propagation } from './propagation.ts'

/** What {@link KvError.code} may say. Stable: programs may branch on it. */
export type KvErrorCode =
  /** A key is not a non-empty string. */
  | 'KEY_EMPTY'
  /** Nothing is stored under the key. */
  | 'KEY_UNKNOWN'
  /** The value type was never declared to this store, or the stored codec is not. */
  | 'CODEC_UNKNOWN'
  /** The key holds a value of another type than the one given. */
  | 'CODEC_MISMATCH'
  /** A value that cannot be merged, encoded or decoded. `cause` says why. */
  | 'VALUE_INVALID'
  /** The version asked for is not the stored one. */
  | 'PRECONDITION_FAILED'
  /** Every attempt lost against another writer. */
  | 'CAS_EXHAUSTED'
  /** The new value holds nothing that the store does not know already. */
  | 'CAS_NO_CHANGE'
  /** The caller's function threw; `cause` is what it threw. */
  | 'CAS_FAILED'
  /** Bytes that are no snapshot of a store; the message says how. */
  | 'SNAPSHOT_DAMAGED'
  /** The store holds its maximum of keys. */
  | 'STORE_FULL'
  /** Not enough members were proven to have a value when the wait was called off; `reached` says which. */
  | 'NOT_PROPAGATED'
  /** The store's delegate is used by nobody who could say who is there. */
  | 'NO_HOST'
  /** The store was closed. */
  | 'STOPPED'
  /** An option is out of range. */
  | 'OPTION_INVALID'

/** What an error keeps. */
export interface KvErrorOptions extends ErrorOptions {
  readonly reached?: Propagation
}

/** Local misuse, or a write that could not be done. Never thrown because of bytes from the network. */
export class KvError extends Error {
  /** Stable reason, for programs. */
  readonly code: KvErrorCode
  /** Of NOT_PROPAGATED: how far it got. */
  readonly reached: Propagation | undefined

  /** `message` is for people; `options.cause` keeps what lay beneath. */
  constructor(code: KvErrorCode, message: string, options: KvErrorOptions = {}) {
    super(message, options)
    this.name = 'KvError'
    this.code = code
    this.reached = options.reached
  }
}
