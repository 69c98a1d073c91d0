/** What a dump says about some bytes. */
import type { DropReason } from '../drop.ts'

/** Entries of one dump; what goes beyond is counted, and still looked through for problems. */
export const MAX_DUMP_ENTRIES = 20_000
/** Problems of one dump; what goes beyond is counted. */
export const MAX_DUMP_PROBLEMS = 1000

/** One thing that stands in the bytes. */
export interface DumpEntry {
  /** Where it begins: in the bytes given, or, where there is a `layer`, in that layer. */
  readonly offset: number
  /** What it covers, with the entries inside it. Those inside a layer count there. */
  readonly sizeBytes: number
  /** How deep it is nested; 0 is the outermost. */
  readonly depth: number
  readonly name: string
  /** Text for a person, harmless to a terminal; empty where the name says it all. */
  readonly value: string
  /**
   * Its own bytes, which no other entry has: together these of all entries of a layer are the layer. Lent. None for what
   * is only a heading.
   */
  readonly bytes?: Uint8Array
  /** Bytes that do not stand there as such: `decrypted`, `expanded`, `expanded 2`, … */
  readonly layer?: string
}

/** Why bytes would be refused: a decoder's reasons, and those of dskit's framing. */
export type DumpReason = DropReason | 'frame-malformed' | 'digest-mismatch'

/** Something that a member would refuse. */
export interface DumpProblem {
  readonly reason: DumpReason
  /** As near to the fault as is known; as for {@link DumpEntry}. */
  readonly offset: number
  readonly layer?: string
  /** Half a sentence for a person. */
  readonly detail: string
}

/** Some bytes, explained. */
export interface Dump {
  readonly kind: 'packet' | 'stream'
  readonly sizeBytes: number
  /** In the order of the bytes; an entry stands before those inside it. */
  readonly entries: readonly DumpEntry[]
  /** Entries beyond {@link MAX_DUMP_ENTRIES}. */
  readonly omittedEntries: number
  /** None: a member with the same settings takes all of it. */
  readonly problems: readonly DumpProblem[]
  /** Problems beyond {@link MAX_DUMP_PROBLEMS}. */
  readonly omittedProblems: number
}

/** What both kinds of dump can be told. */
export interface DumpOptions {
  /** The label of the member that reads. Default: whatever label comes. It is authenticated with what is encrypted. */
  readonly label?: string
  /** Keys to open encrypted bytes with, the primary first. Default none. A wrong length throws `KeyringError`. */
  readonly keys?: readonly Uint8Array[]
  /** Whether plaintext is a problem when there are keys. Default true, as for a member. */
  readonly verifyIncoming?: boolean
  /** `dskit`: what dskit's TCP transport puts around packets and streams stands there too (kv spec 5). Default none. */
  readonly framing?: 'none' | 'dskit'
  /** Bound on what is decompressed. Default 40 MiB, as for a member. */
  readonly maxDecompressedBytes?: number
}
