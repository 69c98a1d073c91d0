/** When entries of values expire (the values say so; nobody is told by gossip, since everybody knows). */
import type { UnixMs } from './contract.ts'
import { Entry, fieldsOf } from './entry.ts'

/** A clock that jumps back must not make the store spin: after a look that found nothing due, it looks again so much later. */
const LEAST_WAIT_MS = 1

/** The keys with something in them that expires, and when that is. */
export class Expiry {
  /** Monotonic times. */
  readonly #dueAt = new Map<string, number>()
  #at: number | undefined

  /** Monotonic time of the first, or earlier. */
  get at(): number | undefined {
    return this.#at
  }

  /** An entry is stored: when its first part expires. */
  set(entry: Entry, now: number, wallNow: UnixMs): void {
    const expiresAtMs = entry.type.nextExpiry?.(entry.state)
    if (expiresAtMs === undefined) return this.forget(entry.key)
    const at = now + Math.max(LEAST_WAIT_MS, expiresAtMs - wallNow)
    this.#dueAt.set(entry.key, at)
    if (this.#at === undefined || at < this.#at) this.#at = at
  }

  /** Nothing in it expires any more. */
  forget(key: string): void {
    if (this.#dueAt.delete(key) && this.#dueAt.size === 0) this.#at = undefined
  }

  /** The keys whose time has come; each must be stored again, or is forgotten. */
  due(now: number): readonly string[] {
    const due: string[] = []
    let next: number | undefined
    for (const [key, at] of this.#dueAt) {
      if (at <= now) due.push(key)
      else if (next === undefined || at < next) next = at
    }
    for (const key of due) this.#dueAt.delete(key)
    this.#at = next
    return due
  }
}

/** What expiry came to: something is gone; or only the time of the next is known better. */
export interface ExpiryVerdict {
  readonly verdict: 'expired' | 'later'
  readonly next: Entry
  readonly change: unknown
}

/** Takes away what has expired by `wallNow`; `undefined`: values of the type do not expire. */
export function expireEntry(entry: Entry, wallNow: UnixMs): ExpiryVerdict | undefined {
  const expired = entry.type.expire?.(entry.state, wallNow)
  if (expired === undefined) return undefined
  const { state, change } = expired
  if (change === undefined) return { verdict: 'later', next: new Entry({ ...fieldsOf(entry), state }), change }
  const version = entry.version + 1
  return { verdict: 'expired', next: new Entry({ ...fieldsOf(entry), state, version, updatedAt: wallNow }), change }
}
