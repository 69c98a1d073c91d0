/** What laws about stores are told. */
import type { Contents, Mark, Reading, Removal } from './reading.ts'

/** One store, in one process of one member. */
export interface StoreView {
  readonly member: string
  /** Counts the restarts of its member. */
  readonly life: number
  /** The name that it counts under. */
  readonly writer: string
  /** Its process runs, is not stalled, and is a member like others. */
  readonly isUp: boolean
  /** Its own monotonic clock. */
  readonly clockMs: number
  keys(): readonly string[]
  read(key: string): Reading | undefined
  depths(): Depths
}

/** What waits in a store, and what it keeps. */
export interface Depths {
  /** Changes that wait to be gossiped. */
  readonly local: number
  readonly relayed: number
  readonly queuedBytes: number
  /** Pairs that wait to be merged. */
  readonly inboxPairs: number
  readonly inboxBytes: number
}

/** An edit that a store has made. */
export interface Edit {
  readonly store: StoreView
  readonly key: string
  /** What its writer saw before. */
  readonly seen: Contents
  /** What differs since. */
  readonly change: Contents
  /** Names that it was asked to write, and to remove. */
  readonly names: ReadonlySet<string>
  readonly removes: boolean
}

/** A value of a store is another. */
export interface Change {
  readonly store: StoreView
  readonly key: string
  readonly origin: 'local' | 'remote' | 'expiry' | 'snapshot'
  readonly change: Contents
  readonly reading: Reading
}

/** Something that a store wants to be gossiped. */
export interface Queued {
  readonly store: StoreView
  readonly key: string
  readonly version: number
  readonly class: 'local' | 'relayed'
  /** What newer ones must have to take its place. */
  readonly names: readonly string[]
}

/** `whenPropagated` said that something got around. */
export interface Confirmation {
  readonly store: StoreView
  readonly key: string
  readonly fraction: number
  /** What was to get around; the deletion of the key, if it is none of that. */
  readonly marks: readonly Mark[]
  readonly removals: readonly Removal[]
  readonly isDeletion: boolean
  /** World time at which the wait began. */
  readonly sinceMs: number
  /** Members that are said to have it, each by its store of now; `isSame`: which it was when the wait began, too. */
  readonly proven: readonly { readonly store: StoreView; readonly isSame: boolean }[]
  readonly unprovenCount: number
}

/** Is told everything, in order. */
export interface KvObserver {
  edited?(edit: Edit): void
  /** A store was told to delete a key. */
  deleted?(store: StoreView, key: string): void
  queued?(queued: Queued): void
  changed?(change: Change): void
  /** A store has forgotten a deleted key, with all that was removed from it. */
  purged?(store: StoreView, key: string): void
  confirmed?(confirmation: Confirmation): void
  /** Now and then: a store to be looked at. */
  looked?(store: StoreView): void
  /** The run is over. These are the stores of those who are up. */
  end?(stores: readonly StoreView[]): void
}
