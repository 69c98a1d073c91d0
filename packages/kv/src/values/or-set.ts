import type { Merged, Trimmed, UnixMs, ValueType } from '../contract.ts'
import { KvError } from '../errors.ts'
import { asUnixMs } from '../time.ts'
import { type Addition, additionFromJson, additionToJson, decodeAddition, encodeAddition } from './addition.ts'
import { callable } from './callable.ts'
import { ChunkedMap } from './chunked-map.ts'
import { Element, elementName, elementOf } from './element.ts'
import { decodeValue, encodeValue, encodeValueAt, type PlainValue } from './msgpack.ts'
import { isTimestamp, lifetime, malformedJson, toJsonValue, type WriteOptions } from './written.ts'

/**
 * A set in which an addition wins over a removal by somebody who did not know of it (an observed-remove set: Shapiro and
 * others, 2011). Immutable: `add` and `delete` return another, which shares the rest.
 */
export class OrSet<T> {
  /** Every element by its name, removed ones included. */
  readonly elements: ChunkedMap<Element>
  /** Number of elements that are there. */
  readonly size: number
  /** Removed additions among all. */
  readonly tombstoneCount: number
  /** Nothing among them was removed earlier. */
  readonly oldestTombstoneMs: number
  /** No addition expires earlier. */
  readonly earliestExpiryMs: number

  /** Use the type's `empty()` and {@link add}. */
  constructor(
    elements: ChunkedMap<Element>,
    size = 0,
    tombstoneCount = 0,
    oldestTombstoneMs = Number.POSITIVE_INFINITY,
    earliestExpiryMs = Number.POSITIVE_INFINITY,
  ) {
    this.elements = elements
    this.size = size
    this.tombstoneCount = tombstoneCount
    this.oldestTombstoneMs = oldestTombstoneMs
    this.earliestExpiryMs = earliestExpiryMs
  }

  /** Whether a value is in the set. */
  has(value: T): boolean {
    return this.elements.get(nameOf(value))?.isLive ?? false
  }

  /** The values, frozen, in the order in which this replica first heard of them. */
  *values(): IterableIterator<T> {
    for (const [, element] of this.elements.entries()) if (element.isLive) yield element.value as T
  }

  /** The same as {@link values}. */
  [Symbol.iterator](): IterableIterator<T> {
    return this.values()
  }

  /**
   * This set with a value, plain data only. Adding what is there says so again, which is news: it then outlives a removal
   * by somebody who did not hear of it. Ask {@link has} first where that is not wanted. Throws VALUE_INVALID.
   */
  add(value: T, { ttlMs }: WriteOptions = {}): OrSet<T> {
    const pending = { ttlMs: ttlMs === undefined ? undefined : lifetime(ttlMs) }
    const fresh = elementOf(value as PlainValue)
    const name = elementName(value as PlainValue, fresh.bytes)
    return withElements(this, [[name, (this.elements.get(name) ?? fresh).add(pending)]])
  }

  /** This set without a value. */
  delete(value: T): OrSet<T> {
    return this.has(value) ? withElements(this, [[nameOf(value), undefined]]) : this
  }
}

/** The JSON form of an {@link OrSet}: by name, which is the value itself where that is text. Without `additions` it is an edit: add it. */
export interface OrSetJson {
  readonly elements: {
    readonly [name: string]: {
      readonly value?: unknown
      readonly additions?: { readonly [writer: string]: Partial<Addition> }
      /** Of an edit: how long it is to live. */
      readonly ttlMs?: number
    }
  }
}

/** The type of {@link orSet}. */
export type OrSetType<T> = ValueType<OrSet<T>, OrSetJson>

type Any = OrSet<PlainValue>
type Change = [name: string, element: Element | undefined]

const empty: Any = new OrSet(ChunkedMap.empty())

const nameOf = (value: unknown): string =>
  typeof value === 'string' ? value : elementName(value as PlainValue, encodeValue(value as PlainValue))

/** What `incoming` says that `state` does not know. */
function newsOf(state: Any, incoming: Any, wallNow: UnixMs, writer: string): [string, Element][] {
  const all: [string, Element][] = []
  for (const [name, theirs] of incoming.elements.entries()) {
    const ours = state.elements.get(name) ?? new Element(theirs.bytes, new Map())
    const news = ours.news(theirs, wallNow, writer)
    if (news) all.push([name, news])
  }
  return all
}

/** Removals of what `state` has and `next` lacks. */
function removals(state: Any, next: Any, wallNow: UnixMs): [string, Element][] {
  const all: [string, Element][] = []
  for (const [name, element] of state.elements.entries()) {
    const removal = element.isLive && !next.elements.get(name)?.isLive ? element.removal(wallNow) : undefined
    if (removal) all.push([name, removal])
  }
  return all
}

/** The state with the news in it, and the news as a state. */
function applied<T>(state: OrSet<T>, news: readonly [string, Element][]): Merged<OrSet<T>> {
  if (news.length === 0) return { state, change: undefined }
  const merged = news.map(([name, each]): Change => [name, state.elements.get(name)?.with(each) ?? each])
  return { state: withElements(state, merged), change: withElements(empty as OrSet<T>, news) }
}

function replace(state: Any, next: Any, wallNow: UnixMs, writer = ''): Merged<Any> {
  // A removal is of what was seen; what `next` adds comes after it.
  const removed = applied(state, removals(state, next, wallNow))
  const added = applied(removed.state, newsOf(removed.state, next, wallNow, writer))
  if (removed.change === undefined || added.change === undefined)
    return { state: added.state, change: added.change ?? removed.change }
  return { state: added.state, change: applied(removed.change, [...added.change.elements.entries()]).state }
}

function dropTombstones(state: Any, olderThan: UnixMs | undefined): Trimmed<Any> {
  const limit = olderThan ?? Number.POSITIVE_INFINITY
  const { tombstoneCount, oldestTombstoneMs } = state
  if (tombstoneCount === 0 || oldestTombstoneMs >= limit)
    return { state, removedCount: 0, remainingCount: tombstoneCount }
  const changes: Change[] = []
  for (const [name, element] of state.elements.entries()) {
    const kept = element.withoutTombstones(limit)
    if (kept !== element) changes.push([name, kept])
  }
  const trimmed = changes.length === 0 ? state : withElements(state, changes)
  const remainingCount = trimmed.tombstoneCount
  return { state: trimmed, removedCount: tombstoneCount - remainingCount, remainingCount }
}

function expire(state: Any, wallNow: UnixMs): Merged<Any> {
  if (state.earliestExpiryMs > wallNow) return { state, change: undefined }
  const gone: [string, Element][] = []
  for (const [name, element] of state.elements.entries()) {
    const expiry = element.expiry(wallNow)
    if (expiry) gone.push([name, expiry])
  }
  const { state: left, change } = applied(state, gone)
  let next = Number.POSITIVE_INFINITY
  for (const [, element] of left.elements.entries()) next = Math.min(next, element.earliestExpiryMs)
  const { elements, size, tombstoneCount, oldestTombstoneMs } = left
  return { state: new OrSet(elements, size, tombstoneCount, oldestTombstoneMs, next), change }
}

/** The one place that makes new versions, so that the figures always fit. */
function withElements<T>(state: OrSet<T>, changes: readonly Change[]): OrSet<T> {
  let { size, tombstoneCount, oldestTombstoneMs, earliestExpiryMs } = state
  for (const [name, next] of changes) {
    const before = state.elements.get(name)
    size += Number(next?.isLive ?? false) - Number(before?.isLive ?? false)
    tombstoneCount += (next?.tombstoneCount ?? 0) - (before?.tombstoneCount ?? 0)
    oldestTombstoneMs = Math.min(oldestTombstoneMs, next?.oldestTombstoneMs ?? Number.POSITIVE_INFINITY)
    earliestExpiryMs = Math.min(earliestExpiryMs, next?.earliestExpiryMs ?? Number.POSITIVE_INFINITY)
  }
  if (tombstoneCount === 0) oldestTombstoneMs = Number.POSITIVE_INFINITY
  return new OrSet(state.elements.with(changes), size, tombstoneCount, oldestTombstoneMs, earliestExpiryMs)
}

function encode({ elements }: Any): Uint8Array {
  return encodeValue(
    Array.from(elements.entries(), ([, { bytes, additions, pending }]) => {
      if (pending) throw new KvError('VALUE_INVALID', 'an edit cannot be encoded before the store has stamped it')
      return [bytes, ...Array.from(additions, ([writer, addition]) => encodeAddition(writer, addition))]
    }),
  )
}

function decode(bytes: Uint8Array): Any {
  const rows = decodeValue(bytes)
  if (!Array.isArray(rows)) throw new KvError('VALUE_INVALID', 'not a set')
  const elements = new Map<string, Element>()
  for (const row of rows as readonly PlainValue[]) {
    const [value, ...fields] = Array.isArray(row) ? (row as readonly PlainValue[]) : []
    if (!(value instanceof Uint8Array)) throw new KvError('VALUE_INVALID', 'an element of a set without a value')
    const additions = new Map(fields.map(decodeAddition))
    if (fields.length === 0 || additions.size < fields.length)
      throw new KvError('VALUE_INVALID', 'an element of a set without a writer, or with one twice')
    const element = new Element(value, additions)
    const name = elementName(element.value, value)
    if (elements.has(name)) throw new KvError('VALUE_INVALID', 'a set with an element twice')
    elements.set(name, element)
  }
  return elements.size === 0 ? empty : withElements(empty, [...elements])
}

function toJson({ elements }: Any): OrSetJson {
  const entries = Array.from(elements.entries(), ([name, { value, additions }]) => [
    name,
    {
      ...(value === name ? {} : { value: toJsonValue(value) }),
      additions: Object.fromEntries(Array.from(additions, ([writer, each]) => [writer, additionToJson(each)])),
    },
  ])
  return { elements: Object.fromEntries(entries) }
}

function fromJson(json: unknown): Any {
  const elements = typeof json === 'object' && json !== null ? (json as { elements?: unknown }).elements : undefined
  if (typeof elements !== 'object' || elements === null || Array.isArray(elements))
    throw new KvError('VALUE_INVALID', '$.elements: not an object')
  return withElements(
    empty,
    Object.entries(elements).map(([name, entry]): Change => elementFromJson(name, entry)),
  )
}

function elementFromJson(name: string, json: unknown): [string, Element] {
  const path = `$.elements[${JSON.stringify(name)}]`
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformedJson(path, 'not an object')
  const { value = name, additions, ttlMs } = json as OrSetJson['elements'][string]
  const bytes = encodeValueAt(value as PlainValue, `${path}.value`)
  const own = elementName(value as PlainValue, bytes)
  if (additions === undefined) {
    if (ttlMs !== undefined && !isTimestamp(ttlMs)) throw malformedJson(`${path}.ttlMs`, 'not a number of milliseconds')
    return [own, new Element(bytes, new Map()).add({ ttlMs })]
  }
  if (typeof additions !== 'object' || additions === null || Array.isArray(additions))
    throw malformedJson(`${path}.additions`, 'not an object')
  const entries = Object.entries(additions).map(
    ([writer, addition]) =>
      [writer, additionFromJson(addition, `${path}.additions[${JSON.stringify(writer)}]`)] as const,
  )
  if (entries.length === 0) throw malformedJson(`${path}.additions`, 'empty')
  return [own, new Element(bytes, new Map(entries))]
}

const type: OrSetType<PlainValue> = {
  codecId: 'hearsay.orSet',
  empty: () => empty,
  encode,
  decode,
  merge: (state, incoming, wallNow, writer = '') => applied(state, newsOf(state, incoming, wallNow, writer)),
  replace,
  names: ({ elements }) => Array.from(elements.entries(), ([name]) => name),
  dropTombstones,
  nextExpiry: ({ earliestExpiryMs: at }) => (at === Number.POSITIVE_INFINITY ? undefined : asUnixMs(at)),
  expire,
  toJson,
  fromJson,
}

/**
 * The value type of a set in which additions win: an element is there as long as somebody added it whose addition nobody
 * who removed it had seen. Codec id `hearsay.orSet`. As it stands, or called for a `T` of one's own, which is plain data.
 */
export const orSet = callable<OrSetType<PlainValue>, <T>() => OrSetType<T>>(type)
