import type { UnixMs } from './contract.ts'
import { asUnixMs } from './time.ts'

/** How long a removed entry of a value is remembered: 5 minutes (kv spec 3.8, Mimir's `left-ingesters-timeout`). */
export const DEFAULT_TOMBSTONE_TIMEOUT_MS = 5 * 60_000

/** Tombstones strictly older than this are dropped; `undefined`: none ever are. */
export function tombstoneLimit(wallNow: UnixMs, timeoutMs: number): UnixMs | undefined {
  return timeoutMs > 0 ? asUnixMs(wallNow - timeoutMs) : undefined
}

/** Tombstones of one key. */
export interface KeyTombstones {
  /** In the value, as of the last effective merge. */
  readonly remainingCount: number
  /** Dropped since the key is here. */
  readonly removedTotal: number
}

/** Counts tombstones for each key. A purged key is forgotten with its counts. */
export class TombstoneCounts {
  readonly #byKey = new Map<string, KeyTombstones>()

  /** Notes what the trim of an effective merge left and removed. */
  record(key: string, remainingCount: number, removedCount: number): void {
    const removedTotal = (this.#byKey.get(key)?.removedTotal ?? 0) + removedCount
    if (remainingCount > 0 || removedTotal > 0) this.#byKey.set(key, { remainingCount, removedTotal })
  }

  /** The key was purged. */
  forget(key: string): void {
    this.#byKey.delete(key)
  }

  /** The counts of every key that has or had tombstones. */
  entries(): IterableIterator<[string, KeyTombstones]> {
    return this.#byKey.entries()
  }
}
