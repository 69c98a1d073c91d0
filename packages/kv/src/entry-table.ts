/** The stored entries, and what has to be known about each: its tombstones, when it is purged, when something in it expires. */
import type { UnixMs } from './contract.ts'
import type { Entry } from './entry.ts'
import { Expiry, type ExpiryVerdict, expireEntry } from './expiry.ts'
import type { TombstoneCount } from './merge.ts'
import { Purge } from './purge.ts'
import { type KeyTombstones, TombstoneCounts } from './tombstones.ts'

/** Entries by key. */
export class EntryTable {
  readonly #entries = new Map<string, Entry>()
  readonly #tombstones = new TombstoneCounts()
  readonly #purge: Purge
  readonly #expiry = new Expiry()
  #revision = 0

  /** Deleted keys are purged so long after; 0: never. */
  constructor(obsoleteTimeoutMs: number) {
    this.#purge = new Purge(obsoleteTimeoutMs)
  }

  /** The entry of a key, a deleted one included until it is purged. */
  get(key: string): Entry | undefined {
    return this.#entries.get(key)
  }

  /** In order of first arrival. */
  values(): IterableIterator<Entry> {
    return this.#entries.values()
  }

  get size(): number {
    return this.#entries.size
  }

  /** Grows with each entry that is stored or purged. */
  get revision(): number {
    return this.#revision
  }

  /** Monotonic time at which something in a value expires. */
  get expiryAt(): number | undefined {
    return this.#expiry.at
  }

  /** Monotonic time of the next purge. */
  get purgeAt(): number | undefined {
    return this.#purge.at
  }

  /** Tombstones of each key that has or had some. */
  tombstones(): IterableIterator<[string, KeyTombstones]> {
    return this.#tombstones.entries()
  }

  /** An entry in place of its former self. */
  set(entry: Entry, tombstones: TombstoneCount | undefined, now: number, wallNow: UnixMs): void {
    this.#revision++
    this.#entries.set(entry.key, entry)
    if (entry.deleted) this.#purge.add(entry.key, now)
    if (tombstones) this.#tombstones.record(entry.key, tombstones.remainingCount, tombstones.removedCount)
    this.#expiry.set(entry, now, wallNow)
  }

  /** Takes deleted keys away whose time has come; gives them. */
  purge(now: number, wallNow: UnixMs): readonly string[] {
    const keys = this.#purge.due(now, wallNow, (key) => this.#entries.get(key))
    for (const key of keys) {
      this.#revision++
      this.#entries.delete(key)
      this.#tombstones.forget(key)
      this.#expiry.forget(key)
    }
    return keys
  }

  /** Takes away what has expired by now; gives the entries of which something is gone. */
  expire(now: number, wallNow: UnixMs): readonly ExpiryVerdict[] {
    return this.#expiry.due(now).flatMap((key) => {
      const entry = this.#entries.get(key)
      const expired = entry && expireEntry(entry, wallNow)
      if (expired) this.set(expired.next, undefined, now, wallNow)
      return expired?.verdict === 'expired' ? [expired] : []
    })
  }
}
