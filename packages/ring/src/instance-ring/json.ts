/** A ring as JSON, for people and for the HTTP API: the names are those of dskit's own JSON. */
import { boolean, fail, int64ToJson, object, show, text, timestamp, tokens, unsigned64 } from '../json-fields.ts'
import { InstanceDesc, type InstanceInit } from './instance-desc.ts'
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
 * `RingError` JSON_INVALID, whose message begins with the path of the first problem.
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
  if (typeof json === 'number' && (json | 0) === json) return json
  const number = typeof json === 'string' ? stateNumber(json) : undefined
  return (
    number ?? fail(path, `not a state: ${show(json)}; one of ${Object.keys(InstanceState).join(', ')}, or a number`)
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
