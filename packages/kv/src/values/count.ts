/** What one writer has counted. Only the writer itself raises it, so two of one writer join to the greater of each number. */
import type { UnixMs } from '../contract.ts'
import { KvError } from '../errors.ts'
import type { PlainValue } from './msgpack.ts'
import { expiryOf, isTimestamp, MAX_TIMESTAMP_MS, MAX_WRITER_LENGTH, malformedJson } from './written.ts'

/** Immutable. Times in Unix milliseconds. */
export interface Count {
  /** When this count began: a later one of the same writer takes its place. */
  readonly epochMs: number
  /** All that was added, and all that was subtracted, since then. */
  readonly added: number
  readonly subtracted: number
  /** When it expires, unless something is counted before; 0: never. */
  readonly expiresAtMs: number
  /** When it was reset; 0: it was not. */
  readonly resetAtMs: number
  /** It has expired by the time it was looked at. Not part of what travels: the times are. */
  readonly isExpired: boolean
}

/** Whether it counts. */
export const isLive = ({ resetAtMs, isExpired }: Count): boolean => resetAtMs === 0 && !isExpired

/** Since when it does not count any more, if so. */
export const buriedAtMs = ({ resetAtMs, expiresAtMs }: Count): number => resetAtMs || expiresAtMs

/** An edit that waits for its stamp. */
export interface PendingCount {
  readonly added: number
  readonly subtracted: number
  /** How long the count is to live after it, in milliseconds; `undefined`: as long as before. */
  readonly ttlMs: number | undefined
}

/** A writer's count with more in it. One that does not count any more is begun anew. */
export function countMore(last: Count | undefined, pending: PendingCount, wallNow: UnixMs): Count {
  const { added, subtracted, ttlMs } = pending
  const seen = last && seenAt(last, wallNow)
  const base =
    seen && isLive(seen)
      ? seen
      : {
          epochMs: Math.min(MAX_TIMESTAMP_MS, Math.max(Math.floor(wallNow), (last?.epochMs ?? 0) + 1)),
          added: 0,
          subtracted: 0,
          expiresAtMs: 0,
        }
  return {
    epochMs: base.epochMs,
    added: sum(base.added, added),
    subtracted: sum(base.subtracted, subtracted),
    // Of a count that expires, each edit moves the end out, never in: who heard of the later edit agrees.
    expiresAtMs: ttlMs === undefined ? base.expiresAtMs : Math.max(base.expiresAtMs, expiryOf(ttlMs, wallNow)),
    resetAtMs: 0,
    isExpired: false,
  }
}

/** The same, counting no more. */
export const reset = (count: Count, wallNow: UnixMs): Count => ({ ...count, resetAtMs: Math.floor(wallNow) })

/** The same as it is at `wallNow`. */
export function seenAt(count: Count, wallNow: UnixMs): Count {
  const isExpired = count.expiresAtMs > 0 && count.expiresAtMs <= wallNow
  return isExpired === count.isExpired ? count : { ...count, isExpired }
}

/** Both together, as they are at `wallNow`. The same object as `a` when `b` says nothing new. */
export function joinCounts(a: Count, b: Count, wallNow: UnixMs): Count {
  if (a.epochMs !== b.epochMs) return a.epochMs > b.epochMs ? a : b
  const joined = {
    epochMs: a.epochMs,
    added: Math.max(a.added, b.added),
    subtracted: Math.max(a.subtracted, b.subtracted),
    expiresAtMs: Math.max(a.expiresAtMs, b.expiresAtMs),
    resetAtMs: Math.max(a.resetAtMs, b.resetAtMs),
  }
  const isSame =
    joined.added === a.added &&
    joined.subtracted === a.subtracted &&
    joined.expiresAtMs === a.expiresAtMs &&
    joined.resetAtMs === a.resetAtMs
  return isSame ? a : seenAt({ ...joined, isExpired: false }, wallNow)
}

/** As it travels: `[writer, epoch, added, subtracted, reset, expires]`, without zeros at the end. */
export function encodeCount(writer: string, count: Count): readonly PlainValue[] {
  const { epochMs, added, subtracted, resetAtMs, expiresAtMs } = count
  const fields = [writer, epochMs, added, subtracted, resetAtMs, expiresAtMs]
  while (fields[fields.length - 1] === 0) fields.pop()
  return fields
}

/** The twin of {@link encodeCount}. Throws VALUE_INVALID on anything else. */
export function decodeCount(fields: PlainValue | undefined): readonly [writer: string, Count] {
  const [writer, ...numbers] = Array.isArray(fields) ? (fields as readonly PlainValue[]) : []
  if (typeof writer !== 'string' || writer.length > MAX_WRITER_LENGTH) throw malformed('writer')
  const [epochMs, added = 0, subtracted = 0, resetAtMs = 0, expiresAtMs = 0] = numbers
  if (numbers.length > 5 || !isTimestamp(epochMs) || !isAmount(added) || !isAmount(subtracted))
    throw malformed('numbers')
  if (!isTime(resetAtMs) || !isTime(expiresAtMs)) throw malformed('times')
  return [writer, { epochMs, added, subtracted, resetAtMs, expiresAtMs, isExpired: false }]
}

/** The JSON form of a count: without what is 0. */
export type CountJson = Partial<Omit<Count, 'isExpired'>>

/** For people. */
export const countToJson = ({ isExpired: _, ...count }: Count): CountJson =>
  Object.fromEntries(Object.entries(count).filter(([, number]) => number !== 0))

/** The inverse. Throws VALUE_INVALID with the path. */
export function countFromJson(json: unknown, path: string): Count {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformedJson(path, 'not an object')
  const { epochMs, added = 0, subtracted = 0, resetAtMs = 0, expiresAtMs = 0 } = json as CountJson
  if (!isTimestamp(epochMs)) throw malformedJson(`${path}.epochMs`, 'not a time')
  if (!isAmount(added)) throw malformedJson(`${path}.added`, 'not a whole number of at least 0')
  if (!isAmount(subtracted)) throw malformedJson(`${path}.subtracted`, 'not a whole number of at least 0')
  if (!isTime(resetAtMs)) throw malformedJson(`${path}.resetAtMs`, 'not a time')
  if (!isTime(expiresAtMs)) throw malformedJson(`${path}.expiresAtMs`, 'not a time')
  return { epochMs, added, subtracted, resetAtMs, expiresAtMs, isExpired: false }
}

/** Whether something can be counted: a whole number from 0 to 2^53 − 1. */
export const isAmount = (value: unknown): value is number => Number.isSafeInteger(value) && (value as number) >= 0

const isTime = (value: unknown): value is number => value === 0 || isTimestamp(value)

function sum(a: number, b: number): number {
  if (isAmount(a + b)) return a + b
  throw new KvError('VALUE_INVALID', 'a counter cannot count beyond 2^53 − 1')
}

const malformed = (what: string): KvError => new KvError('VALUE_INVALID', `malformed count: ${what}`)
