import type { AnyValueType, UnixMs } from './contract.ts'
import type { Entry } from './entry.ts'
import type { KvPair } from './frames.ts'

/** A key as lists show it. Times in Unix milliseconds. */
export interface KvEntryInfo {
  readonly key: string
  readonly codecId: string
  /** Local counter (kv spec 3.2): compare it only with versions of this same store. */
  readonly version: number
  /** Size of the encoded value in bytes; 0 if its type cannot encode it. */
  readonly sizeBytes: number
  readonly deleted: boolean
  /** When it was deleted; `undefined` if it was not. */
  readonly deletedAt: UnixMs | undefined
  /** When this store last learned something new about it. */
  readonly updatedAt: UnixMs
}

/** A key with everything about it. `state` has the tombstones that `get` hides. */
export interface KvEntry extends KvEntryInfo {
  readonly type: AnyValueType
  readonly state: unknown
}

/** An entry without its value. */
export function describe(entry: Entry): KvEntryInfo {
  const { key, version, deleted, deletedAt, updatedAt } = entry
  return {
    key,
    codecId: entry.type.codecId,
    version,
    sizeBytes: sizeOf(entry),
    deleted,
    deletedAt: deleted ? deletedAt : undefined,
    updatedAt,
  }
}

/** A list must not fail because of one value. */
function sizeOf(entry: Entry): number {
  try {
    return entry.sizeBytes
  } catch {
    return 0
  }
}

/** A key of an old snapshot that does not count yet. */
export interface KvHint {
  readonly key: string
  readonly codecId: string
  /** What it was, without tombstones; `undefined` when it was deleted, or cannot be read. */
  readonly value: unknown
  /** How long ago that was, in milliseconds of the wall clock. */
  readonly ageMs: number
}

/** A pair as a hint. */
export function hintOf(
  { key, codecId, value, deleted }: KvPair,
  type: AnyValueType | undefined,
  ageMs: number,
): KvHint {
  try {
    const state = deleted ? undefined : type?.dropTombstones(type.decode(value), undefined).state
    return { key, codecId, value: state, ageMs }
  } catch {
    return { key, codecId, value: undefined, ageMs }
  }
}
