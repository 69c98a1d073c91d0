/** A ring as JSON, for people and for the HTTP API: the names are those of dskit's own JSON. */
import { RingError } from '../errors.ts'
import { InstanceDesc, type InstanceInit, type Int64 } from './instance-desc.ts'
import { RingDesc } from './model.ts'
import { InstanceState, stateName, stateNumber } from './state.ts'

/** One instance. Whole numbers beyond 2^53 are decimal strings. */
export interface InstanceJson {
  readonly addr: string
  /** Unix seconds. */
  readonly timestamp: number | string
  /** Written as a name, or as the number of a state unknown to us; read as either. */
  readonly state: string | number
  readonly tokens: readonly number[]
  readonly zone: string
  /** Unix seconds. */
  readonly registered_timestamp: number | string
  readonly id?: string
  /** Unix seconds. */
  readonly read_only_updated_timestamp?: number | string
  readonly read_only?: boolean
  readonly versions?: { readonly [component: string]: number | string }
}

/** The JSON form of a ring. */
export interface RingDescJson {
  readonly ingesters: { readonly [name: string]: InstanceJson }
}

/** A ring as JSON. Fields unknown to us are not shown. */
export function ringToJson(ring: RingDesc): RingDescJson {
  return { ingesters: Object.fromEntries(Array.from(ring, ([name, entry]) => [name, instanceToJson(entry)])) }
}

/**
 * Reads a ring from JSON. Tokens may be in any order and repeat; properties unknown to us are ignored. Throws
 * {@link RingError} JSON_INVALID, whose message begins with the path of the first problem.
 */
export function ringFromJson(json: unknown): RingDesc {
  const ingesters = object(object(json, '$').ingesters, '$.ingesters')
  return RingDesc.of(
    Object.entries(ingesters).map(([name, value]) => [
      name,
      instanceFromJson(value, `$.ingesters[${JSON.stringify(name)}]`),
    ]),
  )
}

function instanceToJson(entry: InstanceDesc): InstanceJson {
  return {
    addr: entry.addr,
    timestamp: int64ToJson(entry.timestamp),
    state: stateNumber(stateName(entry.state)) === undefined ? entry.state : stateName(entry.state),
    tokens: Array.from(entry.tokens),
    zone: entry.zone,
    registered_timestamp: int64ToJson(entry.registeredTimestamp),
    ...(entry.id === '' ? {} : { id: entry.id }),
    ...(entry.readOnlyUpdatedTimestamp === 0
      ? {}
      : { read_only_updated_timestamp: int64ToJson(entry.readOnlyUpdatedTimestamp) }),
    ...(entry.readOnly ? { read_only: true } : {}),
    ...(entry.versions.size === 0 ? {} : { versions: versionsToJson(entry.versions) }),
  }
}

function instanceFromJson(json: unknown, path: string): InstanceDesc {
  const fields = object(json, path)
  const state = stateFromJson(fields.state, `${path}.state`)
  const init: InstanceInit = {
    addr: text(fields.addr, `${path}.addr`),
    timestamp: timestamp(fields.timestamp, `${path}.timestamp`),
    state,
    tokens: tokens(fields.tokens, `${path}.tokens`),
    zone: text(fields.zone, `${path}.zone`),
    registeredTimestamp: timestamp(fields.registered_timestamp, `${path}.registered_timestamp`),
    id: text(fields.id, `${path}.id`),
    readOnlyUpdatedTimestamp: timestamp(fields.read_only_updated_timestamp, `${path}.read_only_updated_timestamp`),
    readOnly: boolean(fields.read_only, `${path}.read_only`),
    versions: versionsFromJson(fields.versions, `${path}.versions`),
  }
  const entry = new InstanceDesc(init)
  // An entry dated 0 is one that no store accepts: it would vanish without a word.
  if (entry.isVoid) fail(`${path}.timestamp`, 'has to be above 0')
  return entry
}

function stateFromJson(json: unknown, path: string): number {
  if (json === undefined) return InstanceState.ACTIVE
  if (typeof json === 'number' && Number.isInteger(json) && Math.abs(json) < 2 ** 31) return json
  const number = typeof json === 'string' ? stateNumber(json) : undefined
  return (
    number ?? fail(path, `not a state: ${show(json)}; one of ${Object.keys(InstanceState).join(', ')}, or a number`)
  )
}

function tokens(json: unknown, path: string): Uint32Array {
  if (json === undefined || json === null) return new Uint32Array(0)
  if (!Array.isArray(json)) fail(path, `not an array: ${show(json)}`)
  return Uint32Array.from(json, (token: unknown, index) =>
    typeof token === 'number' && Number.isInteger(token) && token >= 0 && token < 2 ** 32
      ? token
      : fail(`${path}[${index}]`, `not a whole number from 0 to 4294967295: ${show(token)}`),
  )
}

function versionsToJson(versions: ReadonlyMap<bigint, bigint>): Record<string, number | string> {
  return Object.fromEntries(Array.from(versions, ([key, value]) => [String(key), int64ToJson(value)]))
}

function versionsFromJson(json: unknown, path: string): ReadonlyMap<bigint, bigint> {
  const entries = Object.entries(json === undefined ? {} : object(json, path))
  return new Map(
    entries.map(([key, value]) => [
      unsigned64(key, `${path}: key`),
      unsigned64(value, `${path}[${JSON.stringify(key)}]`),
    ]),
  )
}

function int64ToJson(value: Int64): number | string {
  return Number.isSafeInteger(Number(value)) ? Number(value) : String(value)
}

function timestamp(json: unknown, path: string): Int64 {
  const value = json === undefined ? 0n : wholeNumber(json, path)
  if (value < 0n) fail(path, `negative: ${show(json)}`)
  return value < 2n ** 63n ? value : fail(path, `beyond 64 bits: ${show(json)}`)
}

function unsigned64(json: unknown, path: string): bigint {
  const value = wholeNumber(json, path)
  return value >= 0n && value < 2n ** 64n ? value : fail(path, `not within 0 to 2^64 - 1: ${show(json)}`)
}

function wholeNumber(json: unknown, path: string): bigint {
  if (typeof json === 'number' && Number.isSafeInteger(json)) return BigInt(json)
  if (typeof json === 'string' && /^-?\d{1,20}$/.test(json)) return BigInt(json)
  return fail(path, `not a whole number: ${show(json)}`)
}

function text(json: unknown, path: string): string {
  if (json === undefined) return ''
  return typeof json === 'string' ? json : fail(path, `not a string: ${show(json)}`)
}

function boolean(json: unknown, path: string): boolean {
  if (json === undefined) return false
  return typeof json === 'boolean' ? json : fail(path, `not true or false: ${show(json)}`)
}

function object(json: unknown, path: string): { readonly [name: string]: unknown } {
  if (typeof json !== 'object' || json === null || Array.isArray(json)) fail(path, `not an object: ${show(json)}`)
  return json as { readonly [name: string]: unknown }
}

const MAX_SHOWN_CHARACTERS = 40

function show(json: unknown): string {
  const shown = JSON.stringify(json) ?? 'missing'
  return shown.length > MAX_SHOWN_CHARACTERS ? `${shown.slice(0, MAX_SHOWN_CHARACTERS)}…` : shown
}

function fail(path: string, problem: string): never {
  throw new RingError('JSON_INVALID', `${path}: ${problem}`)
}
