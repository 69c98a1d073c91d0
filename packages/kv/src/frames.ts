import {
  ByteWriter,
  delimitedSize,
  FieldReader,
  FieldWriter,
  MAX_VARINT_BYTES,
  tagSize,
  textSize,
} from '@hearsay/encoding'
import type { UnixMs } from './contract.ts'
import { asUnixMs } from './time.ts'

/**
 * A key with its value, as it travels: one broadcast, or one element of a full state (kv spec 2.1).
 *
 * | # | field | type | |
 * |---|---|---|---|
 * | 1 | key | string | never empty |
 * | 2 | value | bytes | what the codec made |
 * | 3 | codec | string | its id |
 * | 4 | deleted | bool | marked for deletion |
 * | 5 | update time | int64 | Unix milliseconds of the deletion; 0: not set |
 */
export interface KvPair {
  readonly key: string
  /** The codec's output. Decoded pairs have a view of the bytes they came in. */
  readonly value: Uint8Array
  readonly codecId: string
  readonly deleted: boolean
  /** When the key was deleted; 0 when it was not. A deletion without a time is none (kv spec 2.1). */
  readonly updateTimeMs: UnixMs
}

const KEY = 1
const VALUE = 2
const CODEC = 3
const DELETED = 4
const UPDATE_TIME = 5

const nothing = new Uint8Array(0)

/** One pair as protobuf: fields in ascending order, zero values left out. */
export function encodePair(pair: KvPair): Uint8Array {
  const fields = new FieldWriter(new ByteWriter(sizeBound(pair)))
  if (pair.key !== '') fields.text(KEY, pair.key)
  if (pair.value.length > 0) fields.bytes(VALUE, pair.value)
  if (pair.codecId !== '') fields.text(CODEC, pair.codecId)
  if (pair.deleted) fields.bool(DELETED, true)
  if (pair.updateTimeMs !== 0) fields.int(UPDATE_TIME, pair.updateTimeMs)
  return fields.finish()
}

/**
 * The twin of {@link encodePair}: fields in any order, the last of several counts, unknown ones are passed by.
 * `undefined` when the bytes are no such message. An empty key is not judged here.
 */
export function decodePair(bytes: Uint8Array): KvPair | undefined {
  try {
    return readPair(new FieldReader(bytes))
  } catch {
    return undefined
  }
}

/** Bytes a pair takes at most; exactly, unless it is deleted or something of it is empty. */
function sizeBound({ key, value, codecId, deleted, updateTimeMs }: KvPair): number {
  return (
    delimitedSize(KEY, textSize(key)) +
    delimitedSize(VALUE, value.length) +
    delimitedSize(CODEC, textSize(codecId)) +
    (deleted ? tagSize(DELETED) + 1 : 0) +
    (updateTimeMs === 0 ? 0 : tagSize(UPDATE_TIME) + MAX_VARINT_BYTES)
  )
}

function readPair(fields: FieldReader): KvPair {
  let key = ''
  let value: Uint8Array = nothing
  let codecId = ''
  let deleted = false
  let updateTime = 0n
  while (fields.next()) {
    switch (fields.number) {
      case KEY:
        key = fields.text()
        break
      case VALUE:
        value = fields.bytes()
        break
      case CODEC:
        codecId = fields.text()
        break
      case DELETED:
        deleted = fields.bool()
        break
      case UPDATE_TIME:
        updateTime = fields.int64()
        break
      default:
        fields.skip()
    }
  }
  return { key, value, codecId, deleted, updateTimeMs: asTime(updateTime) }
}

/** No clock shows such a time, and it could not be passed on unchanged: as good as not set. */
function asTime(updateTime: bigint): UnixMs {
  const time = Number(updateTime)
  return asUnixMs(Number.isSafeInteger(time) ? time : 0)
}
