/**
 * Beacons by which members of dskit's clusters measure how long changes take to reach them (kv spec 6.3): one value under one key,
 * codec id `propagationDelayTracker`.
 */
import {
  ByteWriter,
  compressSnappy,
  concatBytes,
  DecodeError,
  FieldReader,
  FieldWriter,
  uncompressSnappy,
} from '@hearsay/encoding'
import type { Merged, Trimmed, UnixMs, ValueType } from '@hearsay/kv/contract'
import { asInt64, type Int64 } from './instance-ring/instance-desc.ts'
import { fail, int64ToJson, object, text, timestamp } from './json-fields.ts'

/** The key of the beacons, without any prefix. */
export const DELAY_TRACKER_KEY = 'memberlist-propagation-delay-tracker'
/** The longest value that is read, in bytes before compression. */
export const MAX_BEACONS_BYTES = 4 * 1024 * 1024

/** One beacon. Times are Unix milliseconds. */
export interface Beacon {
  readonly publishedAt: Int64
  /** 0: it is there. */
  readonly deletedAt: Int64
  readonly publishedBy: string
  /** Fields that this version does not know, as they came: written back. */
  readonly unknown: Uint8Array
}

/** Beacons by their ids, unsigned 64-bit numbers in decimal. Immutable. */
export type Beacons = ReadonlyMap<string, Beacon>

/** The JSON form. */
export interface BeaconsJson {
  readonly beacons: {
    readonly [id: string]: {
      readonly published_at: number | string
      readonly deleted_at?: number | string
      readonly published_by: string
    }
  }
}

const BEACONS = 1
const MapField = { key: 1, value: 2 } as const
const Field = { publishedAt: 1, deletedAt: 2, publishedBy: 3 } as const

const none: Beacons = new Map()
const noBytes = new Uint8Array(0)

/** A beacon of now. */
export const beacon = (publishedAt: UnixMs, publishedBy: string): Beacon => ({
  publishedAt: Math.floor(publishedAt),
  deletedAt: 0,
  publishedBy,
  unknown: noBytes,
})

/** The later wins, and of equals the one that was deleted later; the name decides what the reference leaves open. */
function wins(theirs: Beacon, ours: Beacon): boolean {
  if (theirs.publishedAt !== ours.publishedAt) return theirs.publishedAt > ours.publishedAt
  if (theirs.deletedAt !== ours.deletedAt) return theirs.deletedAt > ours.deletedAt
  return theirs.publishedBy > ours.publishedBy
}

function merge(state: Beacons, incoming: Beacons): Merged<Beacons> {
  return applied(state, winners(state, incoming))
}

function winners(state: Beacons, incoming: Beacons): Map<string, Beacon> {
  const won = new Map<string, Beacon>()
  for (const [id, theirs] of incoming) {
    const ours = state.get(id)
    if (ours === undefined || (ours !== theirs && wins(theirs, ours))) won.set(id, theirs)
  }
  return won
}

const applied = (state: Beacons, changes: Beacons): Merged<Beacons> =>
  changes.size === 0 ? { state, change: undefined } : { state: new Map([...state, ...changes]), change: changes }

function replace(state: Beacons, next: Beacons, wallNow: UnixMs): Merged<Beacons> {
  const changes = winners(state, next)
  for (const [id, each] of state)
    if (each.deletedAt === 0 && !next.has(id)) changes.set(id, { ...each, deletedAt: Math.floor(wallNow) })
  return applied(state, changes)
}

function dropTombstones(state: Beacons, olderThan: UnixMs | undefined): Trimmed<Beacons> {
  const limit = olderThan ?? Number.POSITIVE_INFINITY
  const isGone = ({ deletedAt }: Beacon): boolean => deletedAt !== 0
  const kept = [...state].filter(([, each]) => !isGone(each) || Number(each.deletedAt) >= limit)
  const remainingCount = kept.filter(([, each]) => isGone(each)).length
  const removedCount = state.size - kept.length
  if (removedCount === 0) return { state, removedCount, remainingCount }
  return { state: kept.length === 0 ? none : new Map(kept), removedCount, remainingCount }
}

function encode(state: Beacons): Uint8Array {
  const fields = new FieldWriter(new ByteWriter(64 * (state.size + 1)))
  const ids = [...state.keys()].map(BigInt).sort((a, b) => (a < b ? -1 : 1))
  for (const id of ids)
    fields.message(BEACONS, (pair) => {
      pair.int64(MapField.key, id)
      pair.bytes(MapField.value, encodeBeacon(state.get(String(id))!))
    })
  return compressSnappy(fields.finish())
}

function encodeBeacon(each: Beacon): Uint8Array {
  const fields = new FieldWriter(new ByteWriter(48 + 3 * each.publishedBy.length + each.unknown.length))
  for (const name of ['publishedAt', 'deletedAt'] as const) {
    const number = each[name]
    if (typeof number === 'bigint') fields.int64(Field[name], number)
    else if (number !== 0) fields.int(Field[name], number)
  }
  if (each.publishedBy !== '') fields.text(Field.publishedBy, each.publishedBy)
  fields.raw(each.unknown)
  return fields.finish()
}

function decode(bytes: Uint8Array): Beacons {
  const found = new Map<string, Beacon>()
  const fields = new FieldReader(uncompressSnappy(bytes, MAX_BEACONS_BYTES))
  while (fields.next()) {
    if (fields.number !== BEACONS) {
      fields.skip()
      continue
    }
    const entry = fields.message()
    let id = 0n
    let value: Uint8Array = noBytes
    while (entry.next()) {
      if (entry.number === MapField.key) id = entry.uint64()
      else if (entry.number === MapField.value) value = entry.bytes()
      else entry.skip()
    }
    found.set(String(id), decodeBeacon(value))
  }
  return found.size === 0 ? none : found
}

function decodeBeacon(bytes: Uint8Array): Beacon {
  const fields = new FieldReader(bytes)
  const unknown: Uint8Array[] = []
  let publishedAt: Int64 = 0
  let deletedAt: Int64 = 0
  let publishedBy = ''
  while (fields.next()) {
    if (fields.number === Field.publishedAt) publishedAt = asInt64(fields.int64())
    else if (fields.number === Field.deletedAt) deletedAt = asInt64(fields.int64())
    else if (fields.number === Field.publishedBy) publishedBy = fields.text()
    else {
      fields.skip()
      unknown.push(fields.raw())
    }
  }
  if (publishedAt < 0 || deletedAt < 0) throw new DecodeError('malformed', 0, 'a beacon of before 1970')
  return { publishedAt, deletedAt, publishedBy, unknown: concatBytes(unknown) }
}

const toJson = (state: Beacons): BeaconsJson => ({
  beacons: Object.fromEntries(
    Array.from(state, ([id, { publishedAt, deletedAt, publishedBy }]) => [
      id,
      {
        published_at: int64ToJson(publishedAt),
        ...(deletedAt === 0 ? {} : { deleted_at: int64ToJson(deletedAt) }),
        published_by: publishedBy,
      },
    ]),
  ),
})

function fromJson(json: unknown): Beacons {
  const { beacons } = object(json, '$')
  const entries = Object.entries(object(beacons, '$.beacons')).map(([id, value]): [string, Beacon] => {
    const path = `$.beacons[${JSON.stringify(id)}]`
    if (!/^\d{1,20}$/.test(id) || BigInt(id) >= 2n ** 64n) fail(path, 'the id of a beacon is a number of 64 bits')
    const fields = object(value, path)
    return [
      String(BigInt(id)),
      {
        publishedAt: timestamp(fields.published_at, `${path}.published_at`),
        deletedAt: timestamp(fields.deleted_at, `${path}.deleted_at`),
        publishedBy: text(fields.published_by, `${path}.published_by`),
        unknown: noBytes,
      },
    ]
  })
  return entries.length === 0 ? none : new Map(entries)
}

/** Beacons as values of the gossip store. */
export const propagationDelayTracker: ValueType<Beacons, BeaconsJson> = {
  codecId: 'propagationDelayTracker',
  empty: () => none,
  encode,
  decode,
  merge,
  replace,
  names: (state) => [...state.keys()],
  dropTombstones,
  toJson,
  fromJson,
}
