import { compareBytes } from '@hearsay/encoding'
import type { UnixMs } from '../contract.ts'
import { KvError } from '../errors.ts'
import { asUnixMs } from '../time.ts'
import { decodeValue, encodeValue, encodeValueAt, type PlainValue } from './msgpack.ts'

/** The time of an edit that no store has seen yet; the store stamps it. */
const UNSTAMPED = asUnixMs(0)

/** The last time that a date can have; nothing later is accepted. */
const MAX_TIMESTAMP_MS = 8.64e15

/** Names of writers are short. */
const MAX_WRITER_LENGTH = 512

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
  #value: { readonly value: T } | undefined

  constructor(timestampMs: UnixMs, writer: string, bytes: Uint8Array | undefined) {
    this.timestampMs = timestampMs
    this.writer = writer
    this.bytes = bytes
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

  /** Whether a store has given it its time. */
  get isStamped(): boolean {
    return this.timestampMs !== UNSTAMPED
  }
}

/** A value that still waits for its stamp. Throws VALUE_INVALID for what cannot be encoded. */
export function edit<T>(value: T): Written<T> {
  return new Written<T>(UNSTAMPED, '', encodeValue(value as PlainValue))
}

/** Whether writing `value` over `current` would change nothing that anybody can see. */
export function sameValue(current: Written<unknown> | undefined, next: Written<unknown>): boolean {
  return current?.bytes !== undefined && next.bytes !== undefined && compareBytes(current.bytes, next.bytes) === 0
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
  return next.isStamped ? next : new Written<T>(after(current, wallNow), writer, next.bytes)
}

/**
 * Which of two wins: the later; among equals a tombstone; then the greater bytes, then the greater writer. A total order over all
 * that travels, so that replicas agree whatever reaches them first. Positive: `a` wins.
 */
export function compareWritten(a: Written<unknown>, b: Written<unknown>): number {
  if (a.timestampMs !== b.timestampMs) return a.timestampMs - b.timestampMs
  if (a.bytes === undefined || b.bytes === undefined) {
    if (a.bytes !== b.bytes) return a.bytes === undefined ? 1 : -1
  } else {
    const order = compareBytes(a.bytes, b.bytes)
    if (order !== 0) return order
  }
  return a.writer < b.writer ? -1 : a.writer > b.writer ? 1 : 0
}

/** As it travels: `[timestamp, writer, bytes of the value or nil]`. */
export function encodeWritten(written: Written<unknown>): readonly PlainValue[] {
  if (!written.isStamped)
    throw new KvError('VALUE_INVALID', 'an edit cannot be encoded before the store has stamped it')
  return [written.timestampMs, written.writer, written.bytes ?? null]
}

/** The twin of {@link encodeWritten}. Throws VALUE_INVALID on anything else, an undecodable value included. */
export function decodeWritten<T>(fields: readonly (PlainValue | undefined)[]): Written<T> {
  const [timestampMs, writer, bytes] = fields
  if (fields.length !== 3) throw malformed('not a timestamp, a writer and a value')
  if (typeof writer !== 'string' || writer.length > MAX_WRITER_LENGTH) throw malformed('writer')
  if (bytes !== null && !(bytes instanceof Uint8Array)) throw malformed('value')
  const written = new Written<T>(asTimestamp(timestampMs), writer, bytes ?? undefined)
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
}

/** For people and the HTTP API. */
export function writtenToJson(written: Written<unknown>): WrittenJson {
  const { timestampMs, writer } = written
  return written.isTombstone
    ? { deleted: true, timestampMs, writer }
    : { value: toJsonValue(written.value as PlainValue), timestampMs, writer }
}

/** The inverse. Without `timestampMs` it is an edit, which the store stamps. Throws VALUE_INVALID with the path. */
export function writtenFromJson<T>(json: unknown, path: string): Written<T> {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformedJson(path, 'not an object')
  const { value, deleted, timestampMs, writer = '' } = json as WrittenJson
  if (deleted !== undefined && deleted !== true) throw malformedJson(`${path}.deleted`, 'not true')
  if (deleted === true && value !== undefined) throw malformedJson(path, 'both deleted and a value')
  if (deleted === undefined && value === undefined) throw malformedJson(`${path}.value`, 'missing')
  if (typeof writer !== 'string' || writer.length > MAX_WRITER_LENGTH)
    throw malformedJson(`${path}.writer`, 'not a name')
  if (timestampMs !== undefined && !isTimestamp(timestampMs)) throw malformedJson(`${path}.timestampMs`, 'not a time')
  const bytes = deleted === true ? undefined : encodeValueAt(value as PlainValue, `${path}.value`)
  return new Written<T>(asUnixMs(timestampMs ?? UNSTAMPED), writer, bytes)
}

const after = (current: Written<unknown> | undefined, wallNow: UnixMs): UnixMs =>
  asUnixMs(Math.min(MAX_TIMESTAMP_MS, Math.max(Math.floor(wallNow), (current?.timestampMs ?? 0) + 1)))

const isTimestamp = (value: unknown): value is number =>
  typeof value === 'number' && Number.isInteger(value) && value > 0 && value <= MAX_TIMESTAMP_MS

function asTimestamp(value: unknown): UnixMs {
  if (!isTimestamp(value)) throw malformed('timestamp')
  return asUnixMs(value)
}

/** Deeply frozen; bytes inside stay writable, since the language cannot freeze them, but nobody else reads them. */
function freeze(value: PlainValue): PlainValue {
  if (typeof value !== 'object' || value === null || value instanceof Uint8Array) return value
  if (value instanceof Date) return Object.freeze(value)
  for (const item of Object.values(value)) if (item !== undefined) freeze(item)
  return Object.freeze(value)
}

function toJsonValue(value: PlainValue): unknown {
  if (typeof value === 'bigint') return value.toString()
  if (typeof value !== 'object' || value === null) return value
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof Date) return value.toISOString()
  if (Array.isArray(value)) return value.map(toJsonValue)
  return Object.fromEntries(Object.entries(value).map(([name, item]) => [name, toJsonValue(item ?? null)]))
}

const malformed = (what: string): KvError => new KvError('VALUE_INVALID', `malformed written value: ${what}`)

const malformedJson = (path: string, what: string): KvError => new KvError('VALUE_INVALID', `${path}: ${what}`)
