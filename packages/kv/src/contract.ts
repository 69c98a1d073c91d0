/**
 * What a type of value must offer to live in the store. Types only, so that a value package (the ring, an
 * application) needs nothing of the store at run time.
 */
import type { UnixMs } from './time.ts'

export type { UnixMs } from './time.ts'

/**
 * What a merge did. `change` holds only what differs from before; `undefined` when nothing does. The incoming state itself, where
 * all of it is news: a store then passes on the bytes that it came in.
 */
export interface Merged<State> {
  readonly state: State
  readonly change: State | undefined
}

/** What {@link ValueType.dropTombstones} did. `state` is the same object when nothing was dropped. */
export interface Trimmed<State> {
  readonly state: State
  readonly removedCount: number
  readonly remainingCount: number
}

/** An entry that is dated further ahead than clocks go wrong. */
export interface ImplausibleEntry {
  readonly name: string
  /** Whose clock it was, as far as the value says. */
  readonly writer: string
  /** Unix milliseconds. */
  readonly timestampMs: number
}

/**
 * A mergeable value type. States are immutable: no method alters its arguments, states may share structure.
 *
 * The laws, which `@hearsay/kv/laws` checks for any implementation: merging is idempotent, commutative and
 * associative in its resulting state; merging a change into a replica that held the old state gives the new state.
 */
export interface ValueType<State, Json = unknown> {
  /** Stable for ever and unique in a cluster: it travels with every value. */
  readonly codecId: string
  /** The state that has nothing in it. */
  empty(): State
  encode(state: State): Uint8Array
  /** Throws on bytes that are not such a value; the store counts and drops them. `bytes` is lent: copy what is kept. */
  decode(bytes: Uint8Array): State
  /**
   * Join two states. `writer` is the store, by a name that no other store has, when `incoming` may hold edits that wait
   * for their stamp; what peers send holds none.
   */
  merge(state: State, incoming: State, wallNow: UnixMs, writer?: string): Merged<State>
  /**
   * A local edit: `next` is what the caller wants to be there. What `state` has and `next` lacks becomes a tombstone
   * dated now. Not commutative, hence a method of its own.
   */
  replace(state: State, next: State, wallNow: UnixMs, writer?: string): Merged<State>
  /** Names of the entries in a state. A queued broadcast gives way to a newer one that has at least its names. */
  names(state: State): readonly string[]
  /** Drop tombstones strictly older than `olderThan`; all of them when it is `undefined`. */
  dropTombstones(state: State, olderThan: UnixMs | undefined): Trimmed<State>
  /** When the first entry of a state expires, or earlier; `undefined`: none does. For types whose entries can; with {@link expire}. */
  nextExpiry?(state: State): UnixMs | undefined
  /** Makes tombstones of what has expired by `wallNow`. The same everywhere, so the change is spread to nobody. */
  expire?(state: State, wallNow: UnixMs): Merged<State>
  /**
   * The entries dated too far ahead to be believed at `wallNow`: a type that has this lets them lose against any that are
   * not (ring spec 13.2). The store counts what peers send of them.
   */
  implausible?(state: State, wallNow: UnixMs): readonly ImplausibleEntry[]
  /** The codec's JSON form, for people and for the HTTP API. */
  toJson(state: State): Json
  /** The inverse. Throws an error whose message names the path of the first problem. */
  fromJson(json: unknown): State
}

/** A value type whose state nobody needs to know: what a registry holds. */
// biome-ignore lint/suspicious/noExplicitAny: a registry holds types of every state
export type AnyValueType = ValueType<any, any>
