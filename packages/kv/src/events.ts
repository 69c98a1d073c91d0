import type { ImplausibleEntry } from './contract.ts'
import type { KvEffect, KvOutcome, PairChannel } from './input.ts'
import type { KvChange } from './watchers.ts'

/** A pair from a peer that was not taken. */
export interface KvRejection {
  readonly key: string
  readonly codecId: string
  readonly channel: PairChannel
  readonly outcome: KvOutcome
  readonly cause: unknown
}

/** Entries of a peer that are dated too far ahead to be believed, and whose clock it was. */
export interface KvImplausible {
  readonly key: string
  readonly codecId: string
  readonly entries: readonly ImplausibleEntry[]
}

/** What a store emits. */
export interface KvStoreEvents {
  /** Every change of every key. */
  change: [change: KvChange]
  /** A peer's pair that was not taken, for whoever wants to log it. */
  rejected: [rejection: KvRejection]
  /** A peer sent entries from the far future. Again each time that it does. */
  implausible: [found: KvImplausible]
  /** A deleted key was purged. Watchers do not hear of it (kv spec 1.6). */
  purged: [key: string]
}

/** The effect as its listeners get it. */
export function rejectionOf(effect: Extract<KvEffect, { readonly kind: 'received' }>): KvRejection {
  const { key, codecId, channel, outcome, cause } = effect
  return { key, codecId, channel, outcome, cause }
}
