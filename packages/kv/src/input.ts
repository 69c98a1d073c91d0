/** The doors of {@link KvMachine}: everything that can happen to it, and everything it may ask for. */
import type { ChangeNote } from './change.ts'
import type { AnyValueType, ImplausibleEntry, UnixMs } from './contract.ts'
import type { KvPair } from './frames.ts'
import type { Testimony } from './propagation.ts'

/** How a pair reached us. */
export type PairChannel = 'broadcast' | 'full-state' | 'snapshot'

/** Everything that can happen to the store. One pair at a time, so that a driver can stop between any two. */
export type KvInput =
  /** A value type can be read from now on. */
  | { readonly kind: 'declare'; readonly type: AnyValueType }
  /**
   * A local edit: merge a state in, or replace by it (what is missing becomes a tombstone). With an
   * `expectedVersion` above 0 it happens only if that is the stored version (kv spec 3.3 step 3). Answered by one
   * `settled`.
   */
  | {
      readonly kind: 'write'
      readonly mode: 'merge' | 'replace'
      readonly key: string
      readonly codecId: string
      readonly state: unknown
      readonly expectedVersion: number
    }
  /** Mark a key for deletion (kv spec 3.6). Answered by one `settled`. */
  | { readonly kind: 'delete'; readonly key: string }
  /** One pair from a peer. Its bytes are lent for the call. */
  | {
      readonly kind: 'remote-pair'
      readonly pair: KvPair
      readonly channel: PairChannel
      readonly member?: string | undefined
    }
  /**
   * What an earlier process had. Up to the age for which tombstones are kept it is merged at once; older pairs are hints (see
   * `recovery.ts`).
   */
  | { readonly kind: 'restore'; readonly pairs: readonly KvPair[]; readonly takenAt: UnixMs }
  /** The hint about a key counts, since it is about to be written to; or all of them. */
  | { readonly kind: 'use-hints'; readonly key: string | undefined }
  /** Something is due: exactly one due timer fires. */
  | { readonly kind: 'deadline' }
  /** From now on nothing is spread; local edits still take place (kv spec 3.5). */
  | { readonly kind: 'stop' }

/** Which timer is due. Equal deadlines fire in this order. */
export type KvDeadlineReason = 'notify' | 'expiry' | 'purge' | 'hints'

/** The next moment at which the machine wants a `deadline` input. */
export interface KvDeadline {
  /** Monotonic milliseconds. */
  readonly at: number
  readonly reason: KvDeadlineReason
}

/** One change on its way into the gossip queue. Has the shape of a broadcast of `@hearsay/membership`. */
export interface KvBroadcast {
  readonly key: string
  /** Entries in the change: a queued item gives way to a newer one that has at least these (kv spec 3.9). */
  readonly names: readonly string[]
  readonly version: number
  /** `local`: an edit of ours. `relayed`: a change learned from a peer, or a deleted key (kv spec 3.6, 3.10). */
  readonly class: 'local' | 'relayed'
  /** The key-value pair with only the change in it. */
  readonly payload: Uint8Array
}

/** What became of a pair or an edit. */
export type KvOutcome =
  /** Something new: stored. */
  | 'stored'
  /** A live entry vanished behind an expired tombstone: stored, not spread. */
  | 'shrunk'
  /** Nothing new. */
  | 'unchanged'
  /** No key. */
  | 'empty-key'
  /** No such type was declared. */
  | 'unknown-codec'
  /** The value's bytes are not what its codec says. */
  | 'decode-failed'
  /** The key holds a value of another type. */
  | 'type-mismatch'
  /** The type's own merge threw. */
  | 'merge-failed'
  /** The type's own encoder threw on a local edit. */
  | 'encode-failed'
  /** The expected version is not the stored one. */
  | 'version-mismatch'
  /** The store holds its maximum of keys. */
  | 'store-full'

/** Everything the machine may ask for or report. The driver does them in order. */
export type KvEffect =
  | { readonly kind: 'broadcast'; readonly item: KvBroadcast }
  | { readonly kind: 'notify'; readonly note: ChangeNote }
  /** What became of a remote pair: for the counters. */
  | {
      readonly kind: 'received'
      readonly key: string
      readonly codecId: string
      readonly channel: PairChannel
      readonly outcome: KvOutcome
      readonly cause?: unknown
      /** What was in it, if it could be read, and of whom it is the own word. */
      readonly testimony?: Testimony
    }
  /** A peer sent entries that are dated too far ahead to be believed. */
  | {
      readonly kind: 'implausible'
      readonly key: string
      readonly codecId: string
      readonly entries: readonly ImplausibleEntry[]
    }
  /** What became of a local edit; the last effect of its input. */
  | {
      readonly kind: 'settled'
      readonly key: string
      readonly outcome: KvOutcome
      readonly version: number
      readonly cause?: unknown
      /** What differs from before, when something was stored. */
      readonly change?: unknown
    }
  /** The change could not be encoded, so nothing of it is spread by gossip. */
  | { readonly kind: 'broadcast-dropped'; readonly key: string; readonly cause: unknown }
  | { readonly kind: 'purged'; readonly key: string }
  /** A type became readable: what peers hold of it should be fetched. */
  | { readonly kind: 'declared'; readonly codecId: string }
