import type { UnixMs } from './contract.ts'
import type { Entry } from './entry.ts'

/** How long a deleted key stays before it is purged: 5 minutes. The original's 30 s are below a scaled push/pull interval (kv spec 3.6, W5). */
export const DEFAULT_OBSOLETE_TIMEOUT_MS = 5 * 60_000

/**
 * When deleted keys are taken away (kv spec 3.7): a tick each `timeoutMs` takes those deleted strictly longer than
 * `timeoutMs` ago, so a deleted key lives one to two timeouts. Ticks only while something is deleted, and never
 * catches up after a stall.
 */
export class Purge {
  readonly #timeoutMs: number
  readonly #deletedKeys = new Set<string>()
  #at: number | undefined

  /** `timeoutMs` 0: deleted keys stay for ever. */
  constructor(timeoutMs: number) {
    this.#timeoutMs = timeoutMs
  }

  /** Monotonic time of the next tick. */
  get at(): number | undefined {
    return this.#at
  }

  /** Deleted keys that wait for the purge. */
  get size(): number {
    return this.#deletedKeys.size
  }

  /** A key is marked deleted. */
  add(key: string, now: number): void {
    if (this.#timeoutMs <= 0) return
    this.#deletedKeys.add(key)
    this.#at ??= now + this.#timeoutMs
  }

  /** The tick: the keys whose time has come, in no particular order. */
  due(now: number, wallNow: UnixMs, entry: (key: string) => Entry | undefined): readonly string[] {
    const expired = [...this.#deletedKeys].filter((key) => {
      const deletedAt = entry(key)?.deletedAt
      return deletedAt === undefined || wallNow - deletedAt > this.#timeoutMs
    })
    for (const key of expired) this.#deletedKeys.delete(key)
    this.#at = this.#deletedKeys.size > 0 ? now + this.#timeoutMs : undefined
    return expired
  }
}
