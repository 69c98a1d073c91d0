import type { AnyValueType, UnixMs } from './contract.ts'
import type { Entry } from './entry.ts'

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
