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

/** What a store emits. */
export interface KvStoreEvents {
  /** Every change of every key. */
  change: [change: KvChange]
  /** A peer's pair that was not taken, for whoever wants to log it. */
  rejected: [rejection: KvRejection]
  /** A deleted key was purged. Watchers do not hear of it (kv spec 1.6). */
  purged: [key: string]
}

/** The effect as its listeners get it. */
export function rejectionOf(effect: Extract<KvEffect, { readonly kind: 'received' }>): KvRejection {
  const { key, codecId, channel, outcome, cause } = effect
  return { key, codecId, channel, outcome, cause }
}
