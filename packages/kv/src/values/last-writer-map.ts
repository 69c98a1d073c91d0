import type { Merged, Trimmed, UnixMs, ValueType } from '../contract.ts'
import { KvError } from '../errors.ts'
import { ChunkedMap } from './chunked-map.ts'
import { decodeValue, encodeValue } from './msgpack.ts'
import type { LastWriterOptions } from './register.ts'
import {
  bury,
  compareWritten,
  decodeWritten,
  edit,
  encodeWritten,
  sameValue,
  stamp,
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

  /** Use the type's `empty()` and {@link set}. */
  constructor(written: Writings<T>, tombstoneCount = 0, oldestTombstoneMs = Number.POSITIVE_INFINITY) {
    this.written = written
    this.tombstoneCount = tombstoneCount
    this.oldestTombstoneMs = oldestTombstoneMs
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

  /** This map with another value, plain data only; itself when that is the value already. Throws VALUE_INVALID. */
  set(name: string, value: T): LastWriterMap<T> {
    const next = edit(value)
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

/**
 * The value type of named values, of each of which the last writer wins, as in {@link register}. Codec id
 * `hearsay.lastWriterMap`. `T` is plain data (see `encodeValue`).
 */
export function lastWriterMap<T>(options: LastWriterOptions = {}): ValueType<LastWriterMap<T>, LastWriterMapJson> {
  const writer = options.writer ?? ''
  const empty = new LastWriterMap<T>(ChunkedMap.empty())
  const changed = (state: LastWriterMap<T>, winners: [string, Written<T>][]): Merged<LastWriterMap<T>> =>
    winners.length === 0
      ? { state, change: undefined }
      : { state: withWritings(state, winners), change: withWritings(empty, winners) }
  return {
    codecId: 'hearsay.lastWriterMap',
    empty: () => empty,
    encode: (state) =>
      encodeValue(Array.from(state.written.entries(), ([name, written]) => [name, ...encodeWritten(written)])),
    decode: (bytes) => decodeEntries(empty, bytes),
    merge: (state, incoming, wallNow) => changed(state, winners(state, incoming, writer, wallNow)),
    replace: (state, next, wallNow) =>
      changed(state, [...winners(state, next, writer, wallNow), ...buried(state, next, writer, wallNow)]),
    names: (state) => Array.from(state.written.entries(), ([name]) => name),
    dropTombstones,
    toJson: (state) => ({
      entries: Object.fromEntries(
        Array.from(state.written.entries(), ([name, written]) => [name, writtenToJson(written)]),
      ),
    }),
    fromJson: (json) => fromJson(empty, json),
  }
}

/** What of `incoming` beats what is there. */
function winners<T>(
  state: LastWriterMap<T>,
  incoming: LastWriterMap<T>,
  writer: string,
  wallNow: UnixMs,
): [string, Written<T>][] {
  const won: [string, Written<T>][] = []
  for (const [name, theirs] of incoming.written.entries()) {
    const ours = state.written.get(name)
    if (ours === theirs) continue
    const next = stamp(theirs, ours, writer, wallNow)
    if (ours === undefined || compareWritten(next, ours) > 0) won.push([name, next])
  }
  return won
}

/** Tombstones over what `state` has and `next` lacks. */
function buried<T>(
  state: LastWriterMap<T>,
  next: LastWriterMap<T>,
  writer: string,
  wallNow: UnixMs,
): [string, Written<T>][] {
  const tombstones: [string, Written<T>][] = []
  for (const [name, ours] of state.written.entries())
    if (!ours.isTombstone && next.written.get(name) === undefined) tombstones.push([name, bury(ours, writer, wallNow)])
  return tombstones
}

function dropTombstones<T>(state: LastWriterMap<T>, olderThan: UnixMs | undefined): Trimmed<LastWriterMap<T>> {
  const limit = olderThan ?? Number.POSITIVE_INFINITY
  const remainingCount = state.tombstoneCount
  if (remainingCount === 0 || state.oldestTombstoneMs >= limit) return { state, removedCount: 0, remainingCount }
  const old: [string, undefined][] = []
  for (const [name, written] of state.written.entries())
    if (written.isTombstone && written.timestampMs < limit) old.push([name, undefined])
  return {
    state: old.length === 0 ? state : withWritings(state, old),
    removedCount: old.length,
    remainingCount: remainingCount - old.length,
  }
}

/** The one place that makes new versions, so that the tombstone figures always fit. */
function withWritings<T>(
  state: LastWriterMap<T>,
  changes: readonly [string, Written<T> | undefined][],
): LastWriterMap<T> {
  let { tombstoneCount, oldestTombstoneMs } = state
  for (const [name, next] of changes) {
    if (state.written.get(name)?.isTombstone) tombstoneCount--
    if (next?.isTombstone) {
      tombstoneCount++
      oldestTombstoneMs = Math.min(oldestTombstoneMs, next.timestampMs)
    }
  }
  const oldest = tombstoneCount === 0 ? Number.POSITIVE_INFINITY : oldestTombstoneMs
  return new LastWriterMap(state.written.with(changes), tombstoneCount, oldest)
}

function decodeEntries<T>(empty: LastWriterMap<T>, bytes: Uint8Array): LastWriterMap<T> {
  const rows = decodeValue(bytes)
  if (!Array.isArray(rows)) throw new KvError('VALUE_INVALID', 'not a last-writer map')
  const entries = new Map<string, Written<T>>()
  for (const row of rows) {
    const [name, ...fields] = Array.isArray(row) ? row : []
    if (typeof name !== 'string') throw new KvError('VALUE_INVALID', 'a last-writer map entry without a name')
    if (entries.has(name)) throw new KvError('VALUE_INVALID', 'a last-writer map with a name twice')
    entries.set(name, decodeWritten<T>(fields))
  }
  return entries.size === 0 ? empty : withWritings(empty, [...entries])
}

function fromJson<T>(empty: LastWriterMap<T>, json: unknown): LastWriterMap<T> {
  const entries = typeof json === 'object' && json !== null ? (json as { entries?: unknown }).entries : undefined
  if (typeof entries !== 'object' || entries === null || Array.isArray(entries))
    throw new KvError('VALUE_INVALID', '$.entries: not an object')
  const written = Object.entries(entries).map(([name, entry]): [string, Written<T>] => [
    name,
    writtenFromJson<T>(entry, `$.entries[${JSON.stringify(name)}]`),
  ])
  return withWritings(empty, written)
}
