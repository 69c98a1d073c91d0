import type { Merged, Trimmed, UnixMs, ValueType } from '../contract.ts'
import { KvError } from '../errors.ts'
import { isPlausible } from '../plausibility.ts'
import { asUnixMs } from '../time.ts'
import { callable } from './callable.ts'
import { ChunkedMap } from './chunked-map.ts'
import { decodeValue, encodeValue, type PlainValue } from './msgpack.ts'
import {
  bury,
  compareWritten,
  decodeWritten,
  edit,
  encodeWritten,
  expired,
  sameValue,
  stamp,
  type WriteOptions,
  type Written,
  type WrittenJson,
  writtenFromJson,
  writtenToJson,
} from './written.ts'

type Writings<T> = ChunkedMap<Written<T>>

/** Named values; of each the last writer wins. Immutable: `set` and `delete` return another, which shares the rest. */
export class LastWriterMap<T> {
  /** Every name with its value, time and writer; tombstones included. */
  readonly written: Writings<T>
  /** Number of tombstones among them. */
  readonly tombstoneCount: number
  /** Nothing among them is older. */
  readonly oldestTombstoneMs: number
  /** No value expires earlier. */
  readonly earliestExpiryMs: number

  /** Use the type's `empty()` and {@link set}. */
  constructor(
    written: Writings<T>,
    tombstoneCount = 0,
    oldestTombstoneMs = Number.POSITIVE_INFINITY,
    earliestExpiryMs = Number.POSITIVE_INFINITY,
  ) {
    this.written = written
    this.tombstoneCount = tombstoneCount
    this.oldestTombstoneMs = oldestTombstoneMs
    this.earliestExpiryMs = earliestExpiryMs
  }

  /** The value of a name, frozen; `undefined` if there is none. */
  get(name: string): T | undefined {
    return this.written.get(name)?.value
  }

  /** Whether a name has a value. */
  has(name: string): boolean {
    const written = this.written.get(name)
    return written !== undefined && !written.isTombstone
  }

  /** Number of names that have a value. */
  get size(): number {
    return this.written.size - this.tombstoneCount
  }

  /** Names and values, in order of first insertion. */
  *entries(): IterableIterator<[string, T]> {
    for (const [name, written] of this.written.entries()) if (!written.isTombstone) yield [name, written.value as T]
  }

  /** The same as {@link entries}. */
  [Symbol.iterator](): IterableIterator<[string, T]> {
    return this.entries()
  }

  /** This map with another value, plain data only; itself when that is the value already and does not expire. Throws VALUE_INVALID. */
  set(name: string, value: T, options: WriteOptions = {}): LastWriterMap<T> {
    const next = edit(value, options)
    return sameValue(this.written.get(name), next) ? this : withWritings(this, [[name, next]])
  }

  /** This map without a name. */
  delete(name: string): LastWriterMap<T> {
    return this.has(name) ? withWritings(this, [[name, undefined]]) : this
  }
}

/** The JSON form of a {@link LastWriterMap}. */
export interface LastWriterMapJson {
  readonly entries: { readonly [name: string]: WrittenJson }
}

/** The type of {@link lastWriterMap}. */
export type LastWriterMapType<T> = ValueType<LastWriterMap<T>, LastWriterMapJson>

type Any = LastWriterMap<PlainValue>
type Entry = [string, Written<PlainValue>]

const empty: Any = new LastWriterMap(ChunkedMap.empty())

/** What of `incoming` beats what is there. */
function winners(state: Any, incoming: Any, writer: string, wallNow: UnixMs): Entry[] {
  const won: Entry[] = []
  for (const [name, theirs] of incoming.written.entries()) {
    const ours = state.written.get(name)
    if (ours === theirs) continue
    const next = stamp(theirs, ours, writer, wallNow)
    if (ours === undefined || compareWritten(next, ours, wallNow) > 0) won.push([name, next])
  }
  return won
}

/** Tombstones over what `state` has and `next` lacks. */
function buried(state: Any, next: Any, writer: string, wallNow: UnixMs): Entry[] {
  const tombstones: Entry[] = []
  for (const [name, ours] of state.written.entries())
    if (!ours.isTombstone && next.written.get(name) === undefined) tombstones.push([name, bury(ours, writer, wallNow)])
  return tombstones
}

function dropTombstones(state: Any, olderThan: UnixMs | undefined): Trimmed<Any> {
  const limit = olderThan ?? Number.POSITIVE_INFINITY
  const remainingCount = state.tombstoneCount
  if (remainingCount === 0 || state.oldestTombstoneMs >= limit) return { state, removedCount: 0, remainingCount }
  const old: [string, undefined][] = []
  for (const [name, written] of state.written.entries())
    if (written.isTombstone && written.buriedAtMs < limit) old.push([name, undefined])
  return {
    state: old.length === 0 ? state : withWritings(state, old),
    removedCount: old.length,
    remainingCount: remainingCount - old.length,
  }
}

/** Buries what has expired, and finds out when the next does. */
function expire(state: Any, wallNow: UnixMs): Merged<Any> {
  if (state.earliestExpiryMs > wallNow) return { state, change: undefined }
  const gone: Entry[] = []
  let next = Number.POSITIVE_INFINITY
  for (const [name, written] of state.written.entries()) {
    const left = expired(written, wallNow)
    if (left !== written) gone.push([name, left])
    else if (!written.isTombstone) next = Math.min(next, written.expiresAtMs ?? next)
  }
  const { written, tombstoneCount, oldestTombstoneMs } = withWritings(state, gone)
  return {
    state: new LastWriterMap(written, tombstoneCount, oldestTombstoneMs, next),
    change: gone.length === 0 ? undefined : withWritings(empty, gone),
  }
}

/** The one place that makes new versions, so that the tombstone and expiry figures always fit. */
function withWritings<T>(
  state: LastWriterMap<T>,
  changes: readonly [string, Written<T> | undefined][],
): LastWriterMap<T> {
  let { tombstoneCount, oldestTombstoneMs, earliestExpiryMs } = state
  for (const [name, next] of changes) {
    if (state.written.get(name)?.isTombstone) tombstoneCount--
    if (next?.isTombstone) {
      tombstoneCount++
      oldestTombstoneMs = Math.min(oldestTombstoneMs, next.buriedAtMs)
    } else if (next?.isStamped && next.expiresAtMs !== undefined)
      earliestExpiryMs = Math.min(earliestExpiryMs, next.expiresAtMs)
  }
  const oldest = tombstoneCount === 0 ? Number.POSITIVE_INFINITY : oldestTombstoneMs
  return new LastWriterMap(state.written.with(changes), tombstoneCount, oldest, earliestExpiryMs)
}

function decode(bytes: Uint8Array): Any {
  const rows = decodeValue(bytes)
  if (!Array.isArray(rows)) throw new KvError('VALUE_INVALID', 'not a last-writer map')
  const entries = new Map<string, Written<PlainValue>>()
  for (const row of rows) {
    const [name, ...fields] = Array.isArray(row) ? row : []
    if (typeof name !== 'string') throw new KvError('VALUE_INVALID', 'a last-writer map entry without a name')
    if (entries.has(name)) throw new KvError('VALUE_INVALID', 'a last-writer map with a name twice')
    entries.set(name, decodeWritten(fields))
  }
  return entries.size === 0 ? empty : withWritings(empty, [...entries])
}

function fromJson(json: unknown): Any {
  const entries = typeof json === 'object' && json !== null ? (json as { entries?: unknown }).entries : undefined
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries))
    throw new KvError('VALUE_INVALID', '$.entries: not an object')
  const written = Object.entries(entries).map(
    ([name, entry]): Entry => [name, writtenFromJson(entry, `$.entries[${JSON.stringify(name)}]`)],
  )
  return withWritings(empty, written)
}

const changed = (state: Any, winners: readonly Entry[]): Merged<Any> =>
  winners.length === 0
    ? { state, change: undefined }
    : { state: withWritings(state, winners), change: withWritings(empty, winners) }

const type: LastWriterMapType<PlainValue> = {
  codecId: 'hearsay.lastWriterMap',
  empty: () => empty,
  encode: ({ written }) => encodeValue(Array.from(written.entries(), ([name, each]) => [name, ...encodeWritten(each)])),
  decode,
  merge: (state, incoming, wallNow, writer = '') => changed(state, winners(state, incoming, writer, wallNow)),
  replace: (state, next, wallNow, writer = '') =>
    changed(state, [...winners(state, next, writer, wallNow), ...buried(state, next, writer, wallNow)]),
  names: ({ written }) => Array.from(written.entries(), ([name]) => name),
  dropTombstones,
  nextExpiry: ({ earliestExpiryMs: at }) => (at === Number.POSITIVE_INFINITY ? undefined : asUnixMs(at)),
  expire,
  implausible: ({ written }, wallNow) =>
    Array.from(written.entries())
      .filter(([, { timestampMs }]) => !isPlausible(timestampMs, wallNow))
      .map(([name, { writer, timestampMs }]) => ({ name, writer, timestampMs })),
  toJson: ({ written }) => ({
    entries: Object.fromEntries(Array.from(written.entries(), ([name, each]) => [name, writtenToJson(each)])),
  }),
  fromJson,
}

/**
 * The value type of named values, of each of which the last writer wins, as in {@link register}. Codec id
 * `hearsay.lastWriterMap`. As it stands, or called for a `T` of one's own, which is plain data (see `encodeValue`).
 */
export const lastWriterMap = callable<LastWriterMapType<PlainValue>, <T>() => LastWriterMapType<T>>(type)
