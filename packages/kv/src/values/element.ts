/** One element of a set with what each writer says of it. Immutable. */
import type { UnixMs } from '../contract.ts'
import { type Addition, addAgain, aged, isLive, join, remove } from './addition.ts'
import { decodeValue, encodeValue, type PlainValue } from './msgpack.ts'
import { freeze } from './written.ts'

/** An edit that waits for its stamp. */
export interface PendingAddition {
  /** How long it is to live, in milliseconds; `undefined`: for ever. */
  readonly ttlMs: number | undefined
}

const noAdditions: ReadonlyMap<string, Addition> = new Map()

/** An element, there or removed. */
export class Element {
  /** The encoded value. */
  readonly bytes: Uint8Array
  /** By writer. */
  readonly additions: ReadonlyMap<string, Addition>
  readonly pending: PendingAddition | undefined
  readonly isLive: boolean
  /** Additions that are removed. */
  readonly tombstoneCount: number
  /** None of them was removed earlier. */
  readonly oldestTombstoneMs: number
  /** None of the others expires earlier. */
  readonly earliestExpiryMs: number
  #value: { readonly value: PlainValue } | undefined

  constructor(bytes: Uint8Array, additions: ReadonlyMap<string, Addition>, pending?: PendingAddition) {
    this.bytes = bytes
    this.additions = additions
    this.pending = pending
    let tombstoneCount = 0
    let oldest = Number.POSITIVE_INFINITY
    let expiry = Number.POSITIVE_INFINITY
    for (const addition of additions.values()) {
      if (!isLive(addition)) {
        tombstoneCount++
        oldest = Math.min(oldest, addition.buriedAtMs)
      } else if (addition.expiresAtMs > 0) expiry = Math.min(expiry, addition.expiresAtMs)
    }
    this.isLive = pending !== undefined || tombstoneCount < additions.size
    this.tombstoneCount = tombstoneCount
    this.oldestTombstoneMs = oldest
    this.earliestExpiryMs = expiry
  }

  /** The value, frozen. The same object each time. */
  get value(): PlainValue {
    this.#value ??= { value: freeze(decodeValue(this.bytes)) }
    return this.#value.value
  }

  /** This element, and an addition that waits for its stamp. */
  add(pending: PendingAddition): Element {
    return new Element(this.bytes, this.additions, pending)
  }

  /** What `incoming` says that this one does not know; `undefined`: nothing. */
  news(incoming: Element, wallNow: UnixMs, writer: string): Element | undefined {
    if (this === incoming) return undefined
    let news: Map<string, Addition> | undefined
    const take = (from: string, theirs: Addition): void => {
      const ours = news?.get(from) ?? this.additions.get(from)
      const joined = ours === undefined ? theirs : join(ours, theirs)
      if (joined !== ours) news = (news ?? new Map<string, Addition>()).set(from, joined)
    }
    for (const [from, theirs] of incoming.additions) take(from, aged(theirs, wallNow))
    if (incoming.pending)
      take(writer, addAgain(news?.get(writer) ?? this.additions.get(writer), incoming.pending.ttlMs, wallNow))
    return news && new Element(this.bytes, news)
  }

  /** The removal of all that is known of it; `undefined`: it is removed already. */
  removal(wallNow: UnixMs): Element | undefined {
    return this.#changed((addition) => (isLive(addition) ? remove(addition, wallNow) : addition))
  }

  /** What has expired by `wallNow`; `undefined`: nothing. */
  expiry(wallNow: UnixMs): Element | undefined {
    return this.earliestExpiryMs > wallNow ? undefined : this.#changed((addition) => aged(addition, wallNow))
  }

  /** This element with those additions in place of its own. */
  with(news: Element): Element {
    return new Element(this.bytes, new Map([...this.additions, ...news.additions]))
  }

  /** Without tombstones older than `limit`; `undefined`: nothing is left. Itself when there are none. */
  withoutTombstones(limit: number): Element | undefined {
    if (this.oldestTombstoneMs >= limit) return this
    const kept = [...this.additions].filter(([, addition]) => isLive(addition) || addition.buriedAtMs >= limit)
    return kept.length === 0 && !this.pending ? undefined : new Element(this.bytes, new Map(kept), this.pending)
  }

  #changed(change: (addition: Addition) => Addition): Element | undefined {
    const changed = [...this.additions].flatMap(([writer, addition]): [string, Addition][] => {
      const next = change(addition)
      return next === addition ? [] : [[writer, next]]
    })
    return changed.length === 0 ? undefined : new Element(this.bytes, new Map(changed))
  }
}

/** An element that nobody has said anything of. Throws VALUE_INVALID for what is not plain data. */
export const elementOf = (value: PlainValue): Element => new Element(encodeValue(value), noAdditions)

/** What an element is called: text is its own name, anything else goes by its bytes. */
export const elementName = (value: PlainValue, bytes: Uint8Array): string =>
  typeof value === 'string' ? value : `\u0000${Buffer.from(bytes).toString('base64')}`
