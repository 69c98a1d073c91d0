/** Local failures of a node. */
import type { SeedStatus } from './node.ts'

/** One thing wrong with the options. */
export interface ConfigProblem {
  /** Which option, as a path: `tuning.probe.timeoutMs`. */
  readonly path: string
  /** What is wrong and what is allowed. */
  readonly message: string
}

/** Stable codes of {@link NodeError}. */
export type NodeErrorCode =
  /** Options that cannot work; all of them in `problems`. */
  | 'CONFIG_INVALID'
  /** Too few could be joined: under `requireJoin`, or after `joinRetry.maxRetries`; see `seeds`. */
  | 'JOIN_FAILED'
  /** Values that dskit does not know stay here under this profile. */
  | 'CODEC_NOT_SENT'
  /** `dataDir` cannot be read or written; the file system's own error is the `cause`. */
  | 'DATA_DIR_UNUSABLE'
  /** The signal called the start off; its reason is the `cause`. */
  | 'ABORTED'
  /** The payload is itself a well-formed pair of the store and would be taken for one. */
  | 'PAYLOAD_AMBIGUOUS'
  /** The node was closed. */
  | 'CLOSED'

/** A local failure, with a stable code. */
export class NodeError extends Error {
  readonly code: NodeErrorCode
  readonly problems: readonly ConfigProblem[]
  readonly seeds: readonly SeedStatus[]

  constructor(
    code: NodeErrorCode,
    message: string,
    details: {
      readonly problems?: readonly ConfigProblem[]
      readonly seeds?: readonly SeedStatus[]
      readonly cause?: unknown
    } = {},
  ) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause })
    this.name = 'NodeError'
    this.code = code
    this.problems = details.problems ?? []
    this.seeds = details.seeds ?? []
  }
}
