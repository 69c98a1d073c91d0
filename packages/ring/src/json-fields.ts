/** Reading and writing dskit's JSON, field by field. Readers throw {@link RingError} JSON_INVALID with the path of the problem. */
import { RingError } from './errors.ts'
import { asInt64, type Int64 } from './instance-ring/instance-desc.ts'

/** Tokens in any order; none when they are missing or null. */
export function tokens(json: unknown, path: string): Uint32Array {
  if (json === undefined || json === null) return new Uint32Array(0)
  if (!Array.isArray(json)) fail(path, `not an array: ${show(json)}`)
  return Uint32Array.from(json, (token: unknown, index) =>
    typeof token === 'number' && Number.isInteger(token) && token >= 0 && token < 2 ** 32
      ? token
      : fail(`${path}[${index}]`, `not a whole number from 0 to 4294967295: ${show(token)}`),
  )
}

/** A number where it is exact, else decimal text. */
export function int64ToJson(value: Int64): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}

/** Unix seconds, or milliseconds, from 0 on; 0 when missing. */
export function timestamp(json: unknown, path: string): Int64 {
  const value = json === undefined ? 0n : wholeNumber(json, path)
  if (value < 0n) fail(path, `negative: ${show(json)}`)
  return value < 2n ** 63n ? asInt64(value) : fail(path, `beyond 64 bits: ${show(json)}`)
}

/** A whole number of 64 bits without sign. */
export function unsigned64(json: unknown, path: string): bigint {
  const value = wholeNumber(json, path)
  return value >= 0n && value < 2n ** 64n ? value : fail(path, `not within 0 to 2^64 - 1: ${show(json)}`)
}

function wholeNumber(json: unknown, path: string): bigint {
  if (typeof json === 'number' && Number.isSafeInteger(json)) return BigInt(json)
  if (typeof json === 'string' && /^-?\d{1,20}$/.test(json)) return BigInt(json)
  return fail(path, `not a whole number: ${show(json)}`)
}

/** Text; empty when missing. */
export function text(json: unknown, path: string): string {
  if (json === undefined) return ''
  return typeof json === 'string' ? json : fail(path, `not a string: ${show(json)}`)
}

/** A truth value; false when missing. */
export function boolean(json: unknown, path: string): boolean {
  if (json === undefined) return false
  return typeof json === 'boolean' ? json : fail(path, `not true or false: ${show(json)}`)
}

/** An object. */
export function object(json: unknown, path: string): { readonly [name: string]: unknown } {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) fail(path, `not an object: ${show(json)}`)
  return json as { readonly [name: string]: unknown }
}

const MAX_SHOWN_CHARACTERS = 40

/** A piece of JSON in an error message. */
export function show(json: unknown): string {
  const shown = JSON.stringify(json) ?? 'missing'
  return shown.length > MAX_SHOWN_CHARACTERS ? `${shown.slice(0, MAX_SHOWN_CHARACTERS)}…` : shown
}

/** Throws. */
export function fail(path: string, problem: string): never {
  throw new RingError('JSON_INVALID', `${path}: ${problem}`)
}

/** A whole number of 32 bits with sign; 0 when missing. */
export function int32(json: unknown, path: string): number {
  if (json === undefined) return 0
  return typeof json === 'number' && (json | 0) === json
    ? json
    : fail(path, `not a whole number of 32 bits: ${show(json)}`)
}
