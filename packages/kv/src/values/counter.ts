import type { Merged, Trimmed, UnixMs, ValueType } from '../contract.ts'
import { KvError } from '../errors.ts'
import { asUnixMs } from '../time.ts'
import { callable } from './callable.ts'
import {
  buriedAtMs,
  type Count,
  type CountJson,
  countFromJson,
  countMore,
  countToJson,
  decodeCount,
  encodeCount,
  isAmount,
  isLive,
  joinCounts,
  type PendingCount,
  reset,
  seenAt,
} from './count.ts'
import { decodeValue, encodeValue, type PlainValue } from './msgpack.ts'
import { isTimestamp, lifetime, malformedJson, type WriteOptions } from './written.ts'

type Counts = ReadonlyMap<string, Count>

const noCounts: Counts = new Map()

/** A number that everybody adds to and subtracts from, and nothing of it is lost. Immutable: `add` returns another. */
export class Counter {
  /** What each writer has counted, what is reset included. */
  readonly counts: Counts
  /** Edits that wait for their stamp. */
  readonly pending: PendingCount | undefined
  /** The sum of all that counts. */
  readonly value: number

  /** Use the type's `empty()` and {@link add}. */
  constructor(counts: Counts = noCounts, pending?: PendingCount) {
    this.counts = counts
    this.pending = pending
    let value = (pending?.added ?? 0) - (pending?.subtracted ?? 0)
    for (const count of counts.values()) if (isLive(count)) value += count.added - count.subtracted
    this.value = value
  }

  /**
   * This counter with so much more, or less: a whole number. With a time to live, what this store has counted expires
   * that long after the last time it counted. Throws VALUE_INVALID.
   */
  add(amount: number, { ttlMs }: WriteOptions = {}): Counter {
    if (!isAmount(Math.abs(amount)))
      throw new KvError('VALUE_INVALID', `a counter counts whole numbers up to 2^53 − 1, not ${amount}`)
    if (amount === 0 && ttlMs === undefined) return this
    const { added = 0, subtracted = 0, ttlMs: before } = this.pending ?? {}
    return new Counter(this.counts, {
      added: added + Math.max(0, amount),
      subtracted: subtracted + Math.max(0, -amount),
      ttlMs: ttlMs === undefined ? before : Math.max(before ?? 0, lifetime(ttlMs)),
    })
  }

  /** This counter at 0. What others counted meanwhile, and this store has not heard of, is lost with what it has. */
  clear(): Counter {
    return this.counts.size === 0 && !this.pending ? this : empty
  }
}

/** The JSON form of a {@link Counter}. `{ "add": 2 }` is an edit. */
export interface CounterJson {
  readonly value?: number
  readonly counts?: { readonly [writer: string]: CountJson }
  /** Of an edit: how much more or less, and for how long what the store has counted is to live. */
  readonly add?: number
  readonly ttlMs?: number
}

const empty = new Counter()

/** What `incoming` says that `state` does not know. */
function news(state: Counter, incoming: Counter, wallNow: UnixMs, writer: string): Map<string, Count> {
  const all = new Map<string, Count>()
  for (const [name, theirs] of incoming.counts) {
    const ours = state.counts.get(name)
    if (ours === theirs) continue
    const seen = seenAt(theirs, wallNow)
    const joined = ours === undefined ? seen : joinCounts(ours, seen, wallNow)
    if (joined !== ours) all.set(name, joined)
  }
  const { pending } = incoming
  if (pending) all.set(writer, countMore(all.get(writer) ?? state.counts.get(writer), pending, wallNow))
  return all
}

const applied = (state: Counter, all: Counts): Merged<Counter> =>
  all.size === 0
    ? { state, change: undefined }
    : { state: new Counter(new Map([...state.counts, ...all])), change: new Counter(all) }

function replace(state: Counter, next: Counter, wallNow: UnixMs, writer = ''): Merged<Counter> {
  const kept = new Map<string, Count>()
  for (const [name, count] of state.counts)
    if (isLive(count) && !next.counts.has(name)) kept.set(name, reset(count, wallNow))
  const cleared = applied(state, kept)
  const { state: merged, change } = applied(cleared.state, news(cleared.state, next, wallNow, writer))
  if (cleared.change === undefined || change === undefined) return { state: merged, change: change ?? cleared.change }
  return { state: merged, change: new Counter(new Map([...cleared.change.counts, ...change.counts])) }
}

function dropTombstones(state: Counter, olderThan: UnixMs | undefined): Trimmed<Counter> {
  const limit = olderThan ?? Number.POSITIVE_INFINITY
  let remainingCount = 0
  const kept = [...state.counts].filter(([, count]) => {
    if (isLive(count)) return true
    if (buriedAtMs(count) >= limit) remainingCount++
    return buriedAtMs(count) >= limit
  })
  const removedCount = state.counts.size - kept.length
  if (removedCount === 0) return { state, removedCount, remainingCount }
  return {
    state: kept.length === 0 && !state.pending ? empty : new Counter(new Map(kept), state.pending),
    removedCount,
    remainingCount,
  }
}

function expire(state: Counter, wallNow: UnixMs): Merged<Counter> {
  const gone = [...state.counts].flatMap(([name, count]): [string, Count][] => {
    const seen = seenAt(count, wallNow)
    return seen === count ? [] : [[name, seen]]
  })
  return applied(state, new Map(gone))
}

function nextExpiry({ counts }: Counter): UnixMs | undefined {
  let next: number | undefined
  for (const count of counts.values())
    if (isLive(count) && count.expiresAtMs > 0) next = Math.min(next ?? Number.POSITIVE_INFINITY, count.expiresAtMs)
  return next === undefined ? undefined : asUnixMs(next)
}

function encode({ counts, pending }: Counter): Uint8Array {
  if (pending) throw new KvError('VALUE_INVALID', 'an edit cannot be encoded before the store has stamped it')
  return encodeValue(Array.from(counts, ([writer, count]) => encodeCount(writer, count)))
}

function decode(bytes: Uint8Array): Counter {
  const rows = decodeValue(bytes)
  if (!Array.isArray(rows)) throw new KvError('VALUE_INVALID', 'not a counter')
  const counts = new Map((rows as readonly PlainValue[]).map(decodeCount))
  if (counts.size < rows.length) throw new KvError('VALUE_INVALID', 'a counter with a writer twice')
  return counts.size === 0 ? empty : new Counter(counts)
}

function fromJson(json: unknown): Counter {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformedJson('$', 'not an object')
  const { counts, add, ttlMs } = json as CounterJson
  if (counts !== undefined && (typeof counts !== 'object' || counts === null || Array.isArray(counts)))
    throw malformedJson('$.counts', 'not an object')
  if (counts === undefined && add === undefined) throw malformedJson('$', 'neither counts nor add')
  if (add !== undefined && !isAmount(Math.abs(add))) throw malformedJson('$.add', 'not a whole number')
  if (ttlMs !== undefined && !(add !== undefined && isTimestamp(ttlMs)))
    throw malformedJson('$.ttlMs', 'not a number of milliseconds, or without add')
  const entries = Object.entries(counts ?? {}).map(
    ([writer, count]) => [writer, countFromJson(count, `$.counts[${JSON.stringify(writer)}]`)] as const,
  )
  const state = entries.length === 0 ? empty : new Counter(new Map(entries))
  return add === undefined ? state : state.add(add, ttlMs === undefined ? {} : { ttlMs })
}

const type: ValueType<Counter, CounterJson> = {
  codecId: 'hearsay.counter',
  empty: () => empty,
  encode,
  decode,
  merge: (state, incoming, wallNow, writer = '') => applied(state, news(state, incoming, wallNow, writer)),
  replace,
  names: ({ counts }) => [...counts.keys()],
  dropTombstones,
  nextExpiry,
  expire,
  toJson: ({ value, counts }) => ({
    value,
    counts: Object.fromEntries(Array.from(counts, ([writer, count]) => [writer, countToJson(count)])),
  }),
  fromJson,
}

/**
 * The value type of a number that everybody counts up and down (a PN-counter: Shapiro and others, 2011). Codec id
 * `hearsay.counter`. Each store counts under its own name, which no other and no later process may have, or counts are
 * lost. It keeps one line for each store that ever counted; with a time to live those of the gone disappear.
 */
export const counter = callable<ValueType<Counter, CounterJson>, () => ValueType<Counter, CounterJson>>(type)
