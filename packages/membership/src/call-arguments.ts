/** Arguments of calls, as far as types cannot keep them right: some callers have no types. */
import { MemberlistError } from './errors.ts'
import { shown } from './problems.ts'

/** Milliseconds, 0 or more; `Infinity` waits for ever. Throws `INVALID_ARGUMENT`. */
export function duration(value: unknown, name: string): number {
  if (typeof value === 'number' && value >= 0) return value
  throw new MemberlistError('INVALID_ARGUMENT', `${name} must be a number of milliseconds, not ${shown(value)}`)
}

/** Bytes. Throws `INVALID_ARGUMENT`. */
export function bytes(value: unknown, name: string): Uint8Array {
  if (value instanceof Uint8Array) return value
  throw new MemberlistError('INVALID_ARGUMENT', `${name} must be a Uint8Array, not ${shown(value)}`)
}

/** Seeds. Throws `INVALID_ARGUMENT`. */
export function seedList(value: unknown): readonly string[] {
  if (Array.isArray(value) && value.every((seed) => typeof seed === 'string')) return value
  throw new MemberlistError('INVALID_ARGUMENT', `seeds must be a list of texts, not ${shown(value)}`)
}
