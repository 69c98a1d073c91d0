/**
 * Whom Mimir's HA tracker takes samples from (kv spec 9.4): one value for each tenant and Prometheus cluster, codec id `replicaDesc`.
 * There are tens of thousands of them.
 */
import { ByteWriter, compressSnappy, concatBytes, FieldReader, FieldWriter, uncompressSnappy } from '@hearsay/encoding'
import type { Merged, UnixMs, ValueType } from '@hearsay/kv/contract'
import { asInt64, type Int64 } from './instance-ring/instance-desc.ts'
import { int64ToJson, object, text, timestamp } from './json-fields.ts'

/** The longest value that is read, in bytes before compression: a name and a few numbers. */
export const MAX_REPLICA_BYTES = 64 * 1024

/** Immutable. Times are Unix milliseconds; 0: not set. */
export interface ReplicaDesc {
  /** The replica that was elected; empty: none. */
  readonly replica: string
  /** When its samples came last. */
  readonly receivedAt: Int64
  /** When it was marked for deletion, as one does some time before the key is deleted. */
  readonly deletedAt: Int64
  /** When it was elected. */
  readonly electedAt: Int64
  /** How often another was elected. */
  readonly electedChanges: Int64
  /** Fields that this version does not know, as they came: written back. */
  readonly unknown: Uint8Array
}

/** The JSON form. Whole numbers beyond 2^53 are decimal strings. */
export interface ReplicaDescJson {
  readonly replica: string
  readonly received_at: number | string
  readonly deleted_at: number | string
  readonly elected_at: number | string
  readonly elected_changes: number | string
}

const Field = { replica: 1, receivedAt: 2, deletedAt: 3, electedAt: 4, electedChanges: 5 } as const

const empty: ReplicaDesc = {
  replica: '',
  receivedAt: 0,
  deletedAt: 0,
  electedAt: 0,
  electedChanges: 0,
  unknown: new Uint8Array(0),
}

/**
 * The reference's rule: of the same replica the later samples win, and among equals a mark for deletion; of two replicas the later
 * election, then the later samples. Where it finds no winner, the larger name wins, so that members agree.
 */
function wins(theirs: ReplicaDesc, ours: ReplicaDesc): boolean {
  if (theirs.replica === ours.replica) {
    if (theirs.receivedAt !== ours.receivedAt) return theirs.receivedAt > ours.receivedAt
    return theirs.deletedAt !== 0 && ours.deletedAt === 0
  }
  if (theirs.electedAt !== ours.electedAt) return theirs.electedAt > ours.electedAt
  if (theirs.receivedAt !== ours.receivedAt) return theirs.receivedAt > ours.receivedAt
  return theirs.replica > ours.replica
}

const merge = (state: ReplicaDesc, incoming: ReplicaDesc, _wallNow: UnixMs): Merged<ReplicaDesc> =>
  incoming !== state && wins(incoming, state) ? { state: incoming, change: incoming } : { state, change: undefined }

function encode(value: ReplicaDesc): Uint8Array {
  const fields = new FieldWriter(new ByteWriter(64 + 3 * value.replica.length + value.unknown.length))
  if (value.replica !== '') fields.text(Field.replica, value.replica)
  for (const name of ['receivedAt', 'deletedAt', 'electedAt', 'electedChanges'] as const) {
    const number = value[name]
    if (typeof number === 'bigint') fields.int64(Field[name], number)
    else if (number !== 0) fields.int(Field[name], number)
  }
  fields.raw(value.unknown)
  return compressSnappy(fields.finish())
}

function decode(bytes: Uint8Array): ReplicaDesc {
  const fields = new FieldReader(uncompressSnappy(bytes, MAX_REPLICA_BYTES))
  const found: { -readonly [K in keyof ReplicaDesc]?: ReplicaDesc[K] } = {}
  const unknown: Uint8Array[] = []
  while (fields.next())
    switch (fields.number) {
      case Field.replica:
        found.replica = fields.text()
        break
      case Field.receivedAt:
        found.receivedAt = asInt64(fields.int64())
        break
      case Field.deletedAt:
        found.deletedAt = asInt64(fields.int64())
        break
      case Field.electedAt:
        found.electedAt = asInt64(fields.int64())
        break
      case Field.electedChanges:
        found.electedChanges = asInt64(fields.int64())
        break
      default:
        fields.skip()
        unknown.push(fields.raw())
    }
  return { ...empty, ...found, unknown: concatBytes(unknown) }
}

/** Whoever edits must raise a time, as in dskit: what is missing from `next` is not removed. Tombstones it has none; see `deletedAt`. */
export const replicaDesc: ValueType<ReplicaDesc, ReplicaDescJson> = {
  codecId: 'replicaDesc',
  empty: () => empty,
  encode,
  decode,
  merge,
  replace: merge,
  // The whole value, as in dskit: successive updates never take one another's place in the queue.
  names: (value) =>
    value.replica === ''
      ? []
      : [[value.replica, value.receivedAt, value.deletedAt, value.electedAt, value.electedChanges].join(' ')],
  dropTombstones: (state) => ({ state, removedCount: 0, remainingCount: 0 }),
  toJson: (value) => ({
    replica: value.replica,
    received_at: int64ToJson(value.receivedAt),
    deleted_at: int64ToJson(value.deletedAt),
    elected_at: int64ToJson(value.electedAt),
    elected_changes: int64ToJson(value.electedChanges),
  }),
  fromJson: (json) => {
    const fields = object(json, '$')
    return {
      ...empty,
      replica: text(fields.replica, '$.replica'),
      receivedAt: timestamp(fields.received_at, '$.received_at'),
      deletedAt: timestamp(fields.deleted_at, '$.deleted_at'),
      electedAt: timestamp(fields.elected_at, '$.elected_at'),
      electedChanges: timestamp(fields.elected_changes, '$.elected_changes'),
    }
  },
}
