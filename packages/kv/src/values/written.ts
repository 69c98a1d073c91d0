import { compareBytes } from '@hearsay/encoding'
import type { UnixMs } from '../contract.ts'
import { KvError } from '../errors.ts'
import { isPlausible } from '../plausibility.ts'
import { asUnixMs } from '../time.ts'
import { decodeValue, encodeValue, encodeValueAt, type PlainValue } from './msgpack.ts'

/** The time of an edit that no store has seen yet; the store stamps it. */
const UNSTAMPED = asUnixMs(0)

/** The last time that a date can have; nothing later is accepted. */
export const MAX_TIMESTAMP_MS = 8.64e15

/** Names of writers are short. */
export const MAX_WRITER_LENGTH = 512

/**
 * One value as somebody wrote it: when, who, and the bytes. Immutable. It is forwarded as the bytes received, and
 * decoded only when somebody looks.
 */
export class Written<T> {
  /** Wall clock of the writer. 0 until the store has stamped it. */
  readonly timestampMs: UnixMs
  /** Who wrote it: the last resort among equal values. */
  readonly writer: string
  /** The encoded value; `undefined` is a tombstone. */
  readonly bytes: Uint8Array | undefined
  /** From then on it is a tombstone for everybody; `undefined`: it does not expire. Before the store has stamped it: for how long it lives, in milliseconds. */
  readonly expiresAtMs: UnixMs | undefined
  #value: { readonly value: T } | undefined

  constructor(timestampMs: UnixMs, writer: string, bytes: Uint8Array | undefined, expiresAtMs?: UnixMs) {
    this.timestampMs = timestampMs
    this.writer = writer
    this.bytes = bytes
    this.expiresAtMs = expiresAtMs
  }

  /** The value, frozen; `undefined` for a tombstone. The same object each time. */
  get value(): T | undefined {
    if (this.bytes === undefined) return undefined
    this.#value ??= { value: freeze(decodeValue(this.bytes)) as T }
    return this.#value.value
  }

  /** Whether it says that the value was removed. */
  get isTombstone(): boolean {
    return this.bytes === undefined
  }

  /** Since when it is a tombstone, if it is one: when it was removed, or when it expired. */
  get buriedAtMs(): UnixMs {
    return this.expiresAtMs ?? this.timestampMs
  }

  /** Whether a store has given it its time. */
  get isStamped(): boolean {
    return this.timestampMs !== UNSTAMPED
  }
}

/** How a single value is written. */
export interface WriteOptions {
  /** It disappears everywhere so long after it was written, unless it is written again. Default: it stays. */
  readonly ttlMs?: number
}

/** A value that still waits for its stamp. Throws VALUE_INVALID for what cannot be encoded. */
export function edit<T>(value: T, { ttlMs }: WriteOptions = {}): Written<T> {
  return new Written<T>(
    UNSTAMPED,
    '',
    encodeValue(value as PlainValue),
    ttlMs === undefined ? undefined : lifetime(ttlMs),
  )
}

/** A time to live, checked: whole milliseconds of at least 1. Throws VALUE_INVALID. */
export function lifetime(ttlMs: number): UnixMs {
  if (!(ttlMs >= 1 && ttlMs <= MAX_TIMESTAMP_MS))
    throw new KvError('VALUE_INVALID', `ttlMs: at least 1 millisecond is needed, not ${ttlMs}`)
  return asUnixMs(Math.floor(ttlMs))
}

/** Whether writing `next` over `current` would change nothing that anybody can see. What expires is renewed by writing it again. */
export function sameValue(current: Written<unknown> | undefined, next: Written<unknown>): boolean {
  if (current?.bytes === undefined || next.bytes === undefined) return false
  if (current.expiresAtMs !== undefined || next.expiresAtMs !== undefined) return false
  return compareBytes(current.bytes, next.bytes) === 0
}

/** A tombstone over `current`. */
export function bury<T>(current: Written<T>, writer: string, wallNow: UnixMs): Written<T> {
  return new Written<T>(after(current, wallNow), writer, undefined)
}

/** Gives an edit its time: now, but never before what it replaces, or a slow clock would lose its own edits. */
export function stamp<T>(
  next: Written<T>,
  current: Written<T> | undefined,
  writer: string,
  wallNow: UnixMs,
): Written<T> {
  if (next.isStamped) return expired(next, wallNow)
  const { bytes, expiresAtMs: ttlMs } = next
  return new Written<T>(after(current, wallNow), writer, bytes, ttlMs && expiryOf(ttlMs, wallNow))
}

/** When something that is written now with a time to live expires. */
export const expiryOf = (ttlMs: number, wallNow: UnixMs): UnixMs =>
  asUnixMs(Math.min(MAX_TIMESTAMP_MS, Math.floor(wallNow) + ttlMs))

/**
 * What is left of a value at `wallNow`: itself, or the tombstone of the same write once it has expired. The same on
 * every replica, so nobody needs to be told; a later write of somebody who did not know this one still wins.
 */
export function expired<T>(written: Written<T>, wallNow: UnixMs): Written<T> {
  const { timestampMs, writer, bytes, expiresAtMs } = written
  if (bytes === undefined || expiresAtMs === undefined || expiresAtMs > wallNow) return written
  return new Written<T>(timestampMs, writer, undefined, expiresAtMs)
}

/**
 * Which of two wins: one that is not from the far future; the later; among equals a tombstone; then the greater bytes, the greater writer, the later expiry. A total
 * order over all that travels, so that replicas agree whatever reaches them first. Positive: `a` wins.
 */
export function compareWritten(a: Written<unknown>, b: Written<unknown>, wallNow: UnixMs): number {
  const plausible = Number(isPlausible(a.timestampMs, wallNow)) - Number(isPlausible(b.timestampMs, wallNow))
  if (plausible !== 0) return plausible
  if (a.timestampMs !== b.timestampMs) return a.timestampMs - b.timestampMs
  if (a.bytes === undefined || b.bytes === undefined) {
    if (a.bytes !== b.bytes) return a.bytes === undefined ? 1 : -1
  } else {
    const order = compareBytes(a.bytes, b.bytes)
    if (order !== 0) return order
  }
  if (a.writer !== b.writer) return a.writer < b.writer ? -1 : 1
  const [ours, theirs] = [a.expiresAtMs ?? Number.POSITIVE_INFINITY, b.expiresAtMs ?? Number.POSITIVE_INFINITY]
  return ours === theirs ? 0 : ours - theirs
}

/** As it travels: `[timestamp, writer, bytes of the value or nil]`, and behind it the time of its expiry if it has one. */
export function encodeWritten(written: Written<unknown>): readonly PlainValue[] {
  if (!written.isStamped)
    throw new KvError('VALUE_INVALID', 'an edit cannot be encoded before the store has stamped it')
  const fields = [written.timestampMs, written.writer, written.bytes ?? null]
  return written.expiresAtMs === undefined ? fields : [...fields, written.expiresAtMs]
}

/** The twin of {@link encodeWritten}. Throws VALUE_INVALID on anything else, an undecodable value included. */
export function decodeWritten<T>(fields: readonly (PlainValue | undefined)[]): Written<T> {
  const [timestampMs, writer, bytes, expiresAtMs] = fields
  if (fields.length !== 3 && fields.length !== 4) throw malformed('not a timestamp, a writer and a value')
  if (typeof writer !== 'string' || writer.length > MAX_WRITER_LENGTH) throw malformed('writer')
  if (bytes !== null && !(bytes instanceof Uint8Array)) throw malformed('value')
  const expiry = fields.length === 3 ? undefined : asTimestamp(expiresAtMs)
  const written = new Written<T>(asTimestamp(timestampMs), writer, bytes ?? undefined, expiry)
  // Looked at once, here, so that a damaged value is refused before it is stored and spread.
  void written.value
  return written
}

/** The JSON form of one written value. Dates become text, bytes base64, `bigint` decimal text: for people. */
export interface WrittenJson {
  readonly value?: unknown
  readonly deleted?: true
  readonly timestampMs?: number
  readonly writer?: string
  readonly expiresAtMs?: number
  /** Of an edit, which has no `timestampMs`: how long it is to live. */
  readonly ttlMs?: number
}

/** For people and the HTTP API. */
export function writtenToJson(written: Written<unknown>): WrittenJson {
  const { timestampMs, writer, expiresAtMs } = written
  const facts = { timestampMs, writer, ...(expiresAtMs === undefined ? {} : { expiresAtMs }) }
  return written.isTombstone
    ? { deleted: true, ...facts }
    : { value: toJsonValue(written.value as PlainValue), ...facts }
}

/** The inverse. Without `timestampMs` it is an edit, which the store stamps. Throws VALUE_INVALID with the path. */
export function writtenFromJson<T>(json: unknown, path: string): Written<T> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformedJson(path, 'not an object')
  const { value, deleted, timestampMs, writer = '', expiresAtMs, ttlMs } = json as WrittenJson
  if (deleted !== undefined && deleted !== true) throw malformedJson(`${path}.deleted`, 'not true')
  if (deleted === true && value !== undefined) throw malformedJson(path, 'both deleted and a value')
  if (deleted === undefined && value === undefined) throw malformedJson(`${path}.value`, 'missing')
  if (typeof writer !== 'string' || writer.length > MAX_WRITER_LENGTH)
    throw malformedJson(`${path}.writer`, 'not a name')
  if (timestampMs !== undefined && !isTimestamp(timestampMs)) throw malformedJson(`${path}.timestampMs`, 'not a time')
  if (expiresAtMs !== undefined && !(timestampMs !== undefined && isTimestamp(expiresAtMs)))
    throw malformedJson(`${path}.expiresAtMs`, 'not a time, or without timestampMs; an edit has ttlMs')
  if (ttlMs !== undefined && !(timestampMs === undefined && isTimestamp(ttlMs)))
    throw malformedJson(`${path}.ttlMs`, 'not a number of milliseconds of an edit, which has no timestampMs')
  const bytes = deleted === true ? undefined : encodeValueAt(value as PlainValue, `${path}.value`)
  const expiry = expiresAtMs ?? ttlMs
  return new Written<T>(
    asUnixMs(timestampMs ?? UNSTAMPED),
    writer,
    bytes,
    expiry === undefined ? undefined : asUnixMs(expiry),
  )
}

/** The time of an edit: now, and later than what it replaces unless that is from the far future, which loses anyway. */
function after(current: Written<unknown> | undefined, wallNow: UnixMs): UnixMs {
  const before = current && isPlausible(current.timestampMs, wallNow) ? current.timestampMs : 0
  return asUnixMs(Math.min(MAX_TIMESTAMP_MS, Math.max(Math.floor(wallNow), before + 1)))
}

/** Whether something is a time in whole milliseconds, or a duration of them. */
export const isTimestamp = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_TIMESTAMP_MS

function asTimestamp(value: unknown): UnixMs {
  if (!isTimestamp(value)) throw malformed('timestamp')
  return asUnixMs(value)
}

/** Deeply frozen; bytes inside stay writable, since the language cannot freeze them, but nobody else reads them. */
export function freeze(value: PlainValue): PlainValue {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (value instanceof Date) return Object.freeze(value)
  for (const item of Object.values(value)) if (item !== undefined) freeze(item)
  return Object.freeze(value)
}

/** Plain data for people: dates become text, bytes base64, `bigint` decimal text. */
export function toJsonValue(value: PlainValue): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(toJsonValue)
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toJsonValue(item ?? null)]))
}

const malformed = (what: string): KvError => new KvError('VALUE_INVALID', `malformed written value: ${what}`)

/** The error for JSON that is no such value. */
export const malformedJson = (path: string, what: string): KvError => new KvError('VALUE_INVALID', `${path}: ${what}`)
