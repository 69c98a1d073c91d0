/**
 * Why bytes from outside were not accepted. Remote garbage is never an exception: it is one of these,
 * counted by reason.
 */
export type DropReason =
  | 'empty' // no bytes, or a wrapper around nothing
  | 'truncated' // ends before its own lengths say so
  | 'malformed' // a field of another type, out of range, or an unknown form
  | 'unknown-type' // a type byte that is not assigned, or not allowed here
  | 'label-malformed'
  | 'label-mismatch'
  | 'checksum-mismatch'
  | 'decrypt-failed' // no installed key opens it
  | 'not-encrypted' // plaintext, where encryption is insisted on
  | 'encrypted' // encrypted, and no key is installed
  | 'compression' // unknown algorithm, or a damaged compressed body
  | 'too-large' // a declared or actual size above its bound
  | 'too-many-messages' // the rest of a packet with more messages than the bound
  | 'too-deep' // wrappers nested beyond the bound
  | 'compound-truncated' // the tail of a compound; the parts before it were delivered

/** One refusal: where, why, and a sentence for a person. */
export interface Drop {
  readonly reason: DropReason
  /** Offset in the bytes given to the decoder, as near to the fault as is known. */
  readonly offset: number
  readonly detail: string
}
