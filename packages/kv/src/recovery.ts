/**
 * What a snapshot held, until it counts. A recent one counts at once. Of one so old that entries removed meanwhile, whose
 * tombstones are gone, would come back, the keys are mere hints: to look at, until somebody offers the key; what nobody has
 * offered after a while, or the application writes to, counts then, as after a failure of everybody.
 */
import type { UnixMs } from './contract.ts'
import type { KvPair } from './frames.ts'

/** How long others have to offer a key before what an old snapshot says of it counts: two of dskit's push/pull intervals. */
export const DEFAULT_HINT_GRACE_MS = 60_000

/** Pairs of a snapshot that do not count yet. */
export class Recovery {
  readonly #windowMs: number
  readonly #graceMs: number
  readonly #hints = new Map<string, KvPair>()
  /** Nobody has declared their codec yet. */
  readonly #undeclared: KvPair[] = []
  #takenAt: UnixMs | undefined
  #at: number | undefined

  /** A snapshot counts at once up to an age of `windowMs`, for which tombstones are kept; 0: of any age. */
  constructor(windowMs: number, graceMs: number) {
    this.#windowMs = windowMs
    this.#graceMs = graceMs
  }

  /** When the hints count that are left, monotonic. */
  get at(): number | undefined {
    return this.#at
  }

  /** The hints, and when they were true. */
  get hints(): { readonly takenAt: UnixMs | undefined; readonly pairs: readonly KvPair[] } {
    return { takenAt: this.#takenAt, pairs: [...this.#hints.values()] }
  }

  /** Takes a snapshot; gives what of it counts at once. */
  restore(pairs: readonly KvPair[], takenAt: UnixMs, now: number, wallNow: UnixMs): readonly KvPair[] {
    const own = pairs.map((pair) => ({ ...pair, value: pair.value.slice() }))
    if (this.#windowMs === 0 || wallNow - takenAt <= this.#windowMs) return own
    for (const pair of own) this.#hints.set(pair.key, pair)
    this.#takenAt = takenAt
    if (own.length > 0) this.#at = now + this.#graceMs
    return []
  }

  /** Keeps a pair until its codec is declared. */
  hold(pair: KvPair): void {
    this.#undeclared.push(pair)
  }

  /** What counts now that a codec is declared. */
  declared(codecId: string): readonly KvPair[] {
    const ready = this.#undeclared.filter((pair) => pair.codecId === codecId)
    if (ready.length > 0)
      this.#undeclared.splice(0, Infinity, ...this.#undeclared.filter((pair) => pair.codecId !== codecId))
    return ready
  }

  /** Somebody offered a key, or the application writes to it: what the hint was, which it is no longer. */
  take(key: string): KvPair | undefined {
    const pair = this.#hints.get(key)
    if (pair !== undefined) this.#hints.delete(key)
    if (this.#hints.size === 0) this.#at = undefined
    return pair
  }

  /** Nobody has offered these. */
  takeAll(): readonly KvPair[] {
    const pairs = [...this.#hints.values()]
    this.#hints.clear()
    this.#at = undefined
    return pairs
  }
}
