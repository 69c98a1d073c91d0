/** A partition ring in bytes (ring spec 1.4–1.6): protobuf inside one block of snappy. */
import {
  ByteWriter,
  compressSnappy,
  concatBytes,
  DecodeError,
  FieldReader,
  FieldWriter,
  RepeatedUint32,
  uncompressSnappy,
} from '@hearsay/encoding'
import { MAX_RING_BYTES } from '../instance-ring/codec.ts'
import { asInt64, type Int64, tokenList } from '../instance-ring/instance-desc.ts'
import { type OwnerDesc, owner, type PartitionDesc, PartitionRingDesc, partition } from './model.ts'

/** The most partitions and owners, each, of a ring that is read. */
export const MAX_PARTITIONS = 131_072

const RingField = { partitions: 1, owners: 2 } as const
const MapField = { key: 1, value: 2 } as const
const PartitionField = { tokens: 1, state: 2, stateTimestamp: 3, id: 4, locked: 5, lockedTimestamp: 6 } as const
const OwnerField = { ownedPartition: 1, state: 2, updatedTimestamp: 3 } as const

/** A ring as the store carries it. The empty ring is the single byte 00. */
export function encodePartitionRing(ring: PartitionRingDesc): Uint8Array {
  const fields = new FieldWriter(new ByteWriter(256))
  for (const id of [...ring.partitions.keys()].sort((a, b) => a - b))
    fields.message(RingField.partitions, (pair) => {
      pair.int(MapField.key, id)
      pair.bytes(MapField.value, encodePartition(ring.partitions.get(id)!))
    })
  for (const name of [...ring.owners.keys()].sort())
    fields.message(RingField.owners, (pair) => {
      pair.text(MapField.key, name)
      pair.bytes(MapField.value, encodeOwner(ring.owners.get(name)!))
    })
  return compressSnappy(fields.finish())
}

/** The twin of {@link encodePartitionRing}. Nothing of the result refers to `bytes`. Throws `DecodeError`. */
export function decodePartitionRing(bytes: Uint8Array): PartitionRingDesc {
  const partitions = new Map<number, PartitionDesc>()
  const owners = new Map<string, OwnerDesc>()
  const fields = new FieldReader(uncompressSnappy(bytes, MAX_RING_BYTES))
  while (fields.next()) {
    if (fields.number === RingField.partitions) {
      const { key, value } = mapEntry(fields.message(), (entry) => entry.int32(), 0)
      partitions.set(key, decodePartition(value, key))
    } else if (fields.number === RingField.owners) {
      const { key, value } = mapEntry(fields.message(), (entry) => entry.text(), '')
      owners.set(key, decodeOwner(value))
    } else fields.skip()
    if (partitions.size > MAX_PARTITIONS || owners.size > MAX_PARTITIONS)
      throw new DecodeError('too-large', 0, `a ring of more than ${MAX_PARTITIONS} partitions or owners`)
  }
  return partitions.size + owners.size === 0 ? PartitionRingDesc.empty : new PartitionRingDesc(partitions, owners)
}

/** Canonically: fields in ascending order, defaults left out, unknown ones behind the others. */
export function encodePartition(each: PartitionDesc): Uint8Array {
  const fields = new FieldWriter(new ByteWriter(64 + 5 * each.tokens.length + each.unknown.length))
  if (each.tokens.length > 0) fields.packedUint32(PartitionField.tokens, each.tokens)
  writeInt(fields, PartitionField.state, each.state)
  writeInt(fields, PartitionField.stateTimestamp, each.stateTimestamp)
  writeInt(fields, PartitionField.id, each.id)
  if (each.stateChangeLocked) fields.bool(PartitionField.locked, true)
  writeInt(fields, PartitionField.lockedTimestamp, each.stateChangeLockedTimestamp)
  fields.raw(each.unknown)
  return fields.finish()
}

/** The same of an owner. */
export function encodeOwner(each: OwnerDesc): Uint8Array {
  const fields = new FieldWriter(new ByteWriter(48 + each.unknown.length))
  writeInt(fields, OwnerField.ownedPartition, each.ownedPartition)
  writeInt(fields, OwnerField.state, each.state)
  writeInt(fields, OwnerField.updatedTimestamp, each.updatedTimestamp)
  fields.raw(each.unknown)
  return fields.finish()
}

/** A partition goes by its key, whatever it says of its own id. */
function decodePartition(bytes: Uint8Array, id: number): PartitionDesc {
  const fields = new FieldReader(bytes)
  const found: { -readonly [K in keyof PartitionDesc]?: PartitionDesc[K] } = {}
  const tokens = new RepeatedUint32()
  const unknown: Uint8Array[] = []
  while (fields.next())
    switch (fields.number) {
      case PartitionField.tokens:
        tokens.read(fields)
        break
      case PartitionField.state:
        found.state = fields.int32()
        break
      case PartitionField.stateTimestamp:
        found.stateTimestamp = asInt64(fields.int64())
        break
      case PartitionField.id:
        fields.int32()
        break
      case PartitionField.locked:
        found.stateChangeLocked = fields.bool()
        break
      case PartitionField.lockedTimestamp:
        found.stateChangeLockedTimestamp = asInt64(fields.int64())
        break
      default:
        fields.skip()
        unknown.push(fields.raw())
    }
  return partition({ ...found, id, tokens: tokenList(tokens.finish()), unknown: concatBytes(unknown) })
}

function decodeOwner(bytes: Uint8Array): OwnerDesc {
  const fields = new FieldReader(bytes)
  const found: { -readonly [K in keyof OwnerDesc]?: OwnerDesc[K] } = {}
  const unknown: Uint8Array[] = []
  while (fields.next())
    switch (fields.number) {
      case OwnerField.ownedPartition:
        found.ownedPartition = fields.int32()
        break
      case OwnerField.state:
        found.state = fields.int32()
        break
      case OwnerField.updatedTimestamp:
        found.updatedTimestamp = asInt64(fields.int64())
        break
      default:
        fields.skip()
        unknown.push(fields.raw())
    }
  return owner({ ...found, unknown: concatBytes(unknown) })
}

const noBytes: Uint8Array = new Uint8Array(0)

function mapEntry<Key>(fields: FieldReader, readKey: (fields: FieldReader) => Key, missing: Key) {
  let key = missing
  let value = noBytes
  while (fields.next()) {
    if (fields.number === MapField.key) key = readKey(fields)
    else if (fields.number === MapField.value) value = fields.bytes()
    else fields.skip()
  }
  return { key, value }
}

function writeInt(fields: FieldWriter, field: number, value: Int64): void {
  if (value === 0) return
  if (typeof value === 'bigint') fields.int64(field, value)
  else fields.int(field, value)
}
