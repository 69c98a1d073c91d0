/**
 * What one writer says of one element of a set. Its additions are numbered by its clock, and whoever removes the element
 * says up to which of them it had seen: an addition that nobody who removed it knew of stays.
 */
import type { UnixMs } from '../contract.ts'
import { KvError } from '../errors.ts'
import type { PlainValue } from './msgpack.ts'
import { expiryOf, isTimestamp, MAX_TIMESTAMP_MS, MAX_WRITER_LENGTH, malformedJson } from './written.ts'

/** Milliseconds throughout. Two of one writer join to the greater of each pair, so that all replicas agree. */
export interface Addition {
  /** When the writer added the element last; always later than before. */
  readonly addedAtMs: number
  /** When that addition expires; 0: never. */
  readonly expiresAtMs: number
  /** The last addition that somebody saw and removed; 0: none. */
  readonly removedUpToMs: number
  /** When it was removed, or expired; 0: it was not. */
  readonly buriedAtMs: number
}

const nothing: Addition = { addedAtMs: 0, expiresAtMs: 0, removedUpToMs: 0, buriedAtMs: 0 }

/** Whether the element is there as far as this writer is concerned. */
export const isLive = (addition: Addition): boolean => addition.addedAtMs > addition.removedUpToMs

/** A new addition of a writer over its last one. */
export function addAgain(last: Addition = nothing, ttlMs: number | undefined, wallNow: UnixMs): Addition {
  const addedAtMs = Math.min(
    MAX_TIMESTAMP_MS,
    Math.max(Math.floor(wallNow), last.addedAtMs + 1, last.removedUpToMs + 1),
  )
  return { ...last, addedAtMs, expiresAtMs: ttlMs === undefined ? 0 : expiryOf(ttlMs, wallNow) }
}

/** The same, removed. */
export const remove = (addition: Addition, wallNow: UnixMs): Addition => ({
  ...addition,
  removedUpToMs: addition.addedAtMs,
  buriedAtMs: Math.floor(wallNow),
})

/** The same at `wallNow`: removed if it has expired, on every replica alike. */
export function aged(addition: Addition, wallNow: UnixMs): Addition {
  const { addedAtMs, expiresAtMs } = addition
  if (expiresAtMs === 0 || expiresAtMs > wallNow || !isLive(addition)) return addition
  return { ...addition, removedUpToMs: addedAtMs, buriedAtMs: expiresAtMs }
}

/** Both together. The same object as `a` when `b` says nothing new. */
export function join(a: Addition, b: Addition): Addition {
  const isLater = b.addedAtMs > a.addedAtMs || (b.addedAtMs === a.addedAtMs && lasts(b) > lasts(a))
  const isBuriedLater =
    b.removedUpToMs > a.removedUpToMs || (b.removedUpToMs === a.removedUpToMs && b.buriedAtMs > a.buriedAtMs)
  if (!isLater && !isBuriedLater) return a
  const { addedAtMs, expiresAtMs } = isLater ? b : a
  const { removedUpToMs, buriedAtMs } = isBuriedLater ? b : a
  return { addedAtMs, expiresAtMs, removedUpToMs, buriedAtMs }
}

const lasts = ({ expiresAtMs }: Addition): number => (expiresAtMs === 0 ? Number.POSITIVE_INFINITY : expiresAtMs)

/** As it travels: `[writer, addedAt, removedUpTo, buriedAt, expiresAt]`, without zeros at the end. */
export function encodeAddition(writer: string, addition: Addition): readonly PlainValue[] {
  const { addedAtMs, expiresAtMs, removedUpToMs, buriedAtMs } = addition
  const fields = [writer, addedAtMs, removedUpToMs, buriedAtMs, expiresAtMs]
  while (fields[fields.length - 1] === 0) fields.pop()
  return fields
}

/** The twin of {@link encodeAddition}. Throws VALUE_INVALID on anything else. */
export function decodeAddition(fields: PlainValue | undefined): readonly [writer: string, Addition] {
  const [writer, ...times] = Array.isArray(fields) ? (fields as readonly PlainValue[]) : []
  if (typeof writer !== 'string' || writer.length > MAX_WRITER_LENGTH) throw malformed('writer')
  if (times.length < 1 || times.length > 4 || !times.every((time) => time === 0 || isTimestamp(time)))
    throw malformed('times')
  const [addedAtMs = 0, removedUpToMs = 0, buriedAtMs = 0, expiresAtMs = 0] = times as readonly number[]
  if (addedAtMs === 0 || removedUpToMs > 0 !== buriedAtMs > 0) throw malformed('times')
  return [writer, { addedAtMs, expiresAtMs, removedUpToMs, buriedAtMs }]
}

/** For people: without what is 0. */
export const additionToJson = (addition: Addition): Partial<Addition> =>
  Object.fromEntries(Object.entries(addition).filter(([, time]) => time !== 0))

/** The inverse. Throws VALUE_INVALID with the path. */
export function additionFromJson(json: unknown, path: string): Addition {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) throw malformedJson(path, 'not an object')
  const addition = { ...nothing, ...(json as Partial<Addition>) }
  for (const name of Object.keys(nothing) as (keyof Addition)[])
    if (addition[name] !== 0 && !isTimestamp(addition[name])) throw malformedJson(`${path}.${name}`, 'not a time')
  if (addition.addedAtMs === 0) throw malformedJson(`${path}.addedAtMs`, 'missing')
  if (addition.removedUpToMs > 0 !== addition.buriedAtMs > 0)
    throw malformedJson(`${path}.buriedAtMs`, 'goes with removedUpToMs')
  const { addedAtMs, expiresAtMs, removedUpToMs, buriedAtMs } = addition
  return { addedAtMs, expiresAtMs, removedUpToMs, buriedAtMs }
}

const malformed = (what: string): KvError => new KvError('VALUE_INVALID', `malformed addition to a set: ${what}`)
