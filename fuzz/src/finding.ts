/** Something that must not happen. */

/** What was broken: a promise of the wire, or of this process's memory. */
export type FindingKind =
  | 'escape' // an exception came out
  | 'wrong-message' // something was read that nobody sent, or what was sent was not read
  | 'too-many' // more messages and drops than any packet may bring
  | 'too-much' // more memory or work than the input may cost
  | 'odd-outcome' // an outcome of a form that is not promised
  | 'chunking' // another result for the same bytes in other pieces
  | 'growth' // memory that does not come back

/** What a finding was found with. */
export interface Evidence {
  readonly stage: string
  readonly input: Uint8Array
  /** How to read it: the receiver, or the role of the stream. */
  readonly as: string
}

/** A broken promise, with the input that broke it. */
export class Finding extends Error {
  readonly kind: FindingKind
  readonly evidence: Evidence | undefined

  constructor(kind: FindingKind, message: string, evidence?: Evidence, options?: ErrorOptions) {
    super(message, options)
    this.name = 'Finding'
    this.kind = kind
    // A copy: sources reuse their buffers.
    this.evidence = evidence && { ...evidence, input: evidence.input.slice() }
  }
}
