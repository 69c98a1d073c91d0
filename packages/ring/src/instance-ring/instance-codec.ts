import {
  ByteWriter,
  concatBytes,
  delimitedSize,
  equalBytes,
  FieldReader,
  FieldWriter,
  packedUint32Size,
  RepeatedUint32,
  WireType,
} from '@hearsay/encoding'
import { InstanceDesc, type InstanceInit, type Int64, type ReceivedInstance } from './instance-desc.ts'

/** Fields of an instance's entry (ring spec 1.2). 4 and 5 are reserved: skipped, never written. */
const Field = {
  addr: 1,
  timestamp: 2,
  state: 3,
  tokens: 6,
  zone: 7,
  registeredTimestamp: 8,
  id: 9,
  readOnlyUpdatedTimestamp: 10,
  readOnly: 11,
  versions: 12,
} as const

/** Of an entry of `versions`. */
const VersionField = { key: 1, value: 2 } as const

/**
 * An entry as a protobuf `InstanceDesc`, canonically: fields in ascending order, defaults left out, versions by key,
 * fields unknown to us behind the others (ring spec 1.5). Made once and remembered: never write into it.
 */
export function encodeInstance(entry: InstanceDesc): Uint8Array {
  entry.encoded ??= asReceived(entry) ?? encodeAnew(entry)
  entry.received = undefined
  return entry.encoded
}

const encodeAnew = (entry: InstanceDesc): Uint8Array =>
  write(entry, entry.tokens.length, (fields) => {
    writeHead(fields, entry)
    fields.packedUint32(Field.tokens, entry.tokens)
    writeTail(fields, entry)
  })

/** The bytes that an entry came in, if they are what we would write. */
const asReceived = (entry: InstanceDesc): Uint8Array | undefined =>
  entry.received && isCanonical(entry.received, entry) ? entry.received.bytes : undefined

/**
 * Reads a protobuf `InstanceDesc`; the twin of {@link encodeInstance}. Nothing of the result refers to `bytes`. Throws
 * `DecodeError`.
 */
export function decodeInstance(bytes: Uint8Array): InstanceDesc {
  const fields = new FieldReader(bytes)
  const init: { -readonly [K in keyof InstanceInit]: InstanceInit[K] } = {}
  const tokens = new RepeatedUint32()
  let tokenFields = 0
  let tokenField: { readonly start: number; readonly length: number } | undefined
  const versions = new Map<bigint, bigint>()
  const unknown: Uint8Array[] = []
  while (fields.next()) {
    switch (fields.number) {
      case Field.addr:
        init.addr = fields.text()
        break
      case Field.timestamp:
        init.timestamp = fields.int64()
        break
      case Field.state:
        init.state = fields.int32()
        break
      case Field.tokens:
        tokens.read(fields)
        tokenField = placeOf(fields.raw(), bytes)
        tokenFields++
        break
      case Field.zone:
        init.zone = fields.text()
        break
      case Field.registeredTimestamp:
        init.registeredTimestamp = fields.int64()
        break
      case Field.id:
        init.id = fields.text()
        break
      case Field.readOnlyUpdatedTimestamp:
        init.readOnlyUpdatedTimestamp = fields.int64()
        break
      case Field.readOnly:
        init.readOnly = fields.bool()
        break
      case Field.versions:
        readVersion(fields.message(), versions)
        break
      default:
        fields.skip()
        if (fields.number > Field.versions) unknown.push(fields.raw())
    }
  }
  const list = tokens.finish()
  const entry = new InstanceDesc({ ...init, tokens: list, versions, unknown: concatBytes(unknown) })
  const isAsRead = entry.tokens === list || list.length === 0
  // Whether these are the canonical bytes is looked at when they are wanted: mostly a newer entry comes before that.
  if (isAsRead && tokenFields < 2) entry.received = { bytes: bytes.slice(), tokens: tokenField }
  return entry
}

/**
 * Whether {@link encodeInstance} would write these very bytes. The tokens, which are nearly all of an entry, are looked
 * at but not encoded again.
 */
function isCanonical({ bytes, tokens }: ReceivedInstance, entry: InstanceDesc): boolean {
  const head = write(entry, 0, (fields) => writeHead(fields, entry))
  const tail = write(entry, 0, (fields) => writeTail(fields, entry))
  if (bytes.length !== head.length + (tokens?.length ?? 0) + tail.length) return false
  if (tokens !== undefined) {
    const field = bytes.subarray(tokens.start, tokens.start + tokens.length)
    if (tokens.start !== head.length || !isCanonicallyPacked(field, entry.tokens)) return false
  }
  return (
    equalBytes(bytes.subarray(0, head.length), head) && equalBytes(bytes.subarray(bytes.length - tail.length), tail)
  )
}

const placeOf = (field: Uint8Array, bytes: Uint8Array) => ({
  start: field.byteOffset - bytes.byteOffset,
  length: field.length,
})

/**
 * Packed, and every number in as few bytes as it takes. The sum of the sizes tells: only bits beyond the 32nd, which
 * reading cut off, hide in the fifth byte of a token.
 */
function isCanonicallyPacked(field: Uint8Array, tokens: Uint32Array): boolean {
  if (tokens.length === 0 || (field[0]! & 7) !== WireType.bytes) return false
  const size = packedUint32Size(tokens)
  if (field.length !== delimitedSize(Field.tokens, size)) return false
  let at = field.length - size
  for (const token of tokens) {
    at += token < 0x80 ? 1 : token < 0x4000 ? 2 : token < 0x20_0000 ? 3 : token < 0x1000_0000 ? 4 : 5
    if (token >= 0x1000_0000 && field[at - 1]! > 0x0f) return false
  }
  return true
}

function writeHead(fields: FieldWriter, entry: InstanceDesc): void {
  writeText(fields, Field.addr, entry.addr)
  writeInt64(fields, Field.timestamp, entry.timestamp)
  writeInt64(fields, Field.state, entry.state)
}

function writeTail(fields: FieldWriter, entry: InstanceDesc): void {
  writeText(fields, Field.zone, entry.zone)
  writeInt64(fields, Field.registeredTimestamp, entry.registeredTimestamp)
  writeText(fields, Field.id, entry.id)
  writeInt64(fields, Field.readOnlyUpdatedTimestamp, entry.readOnlyUpdatedTimestamp)
  if (entry.readOnly) fields.bool(Field.readOnly, true)
  for (const [key, value] of [...entry.versions].sort(([a], [b]) => (a < b ? -1 : 1))) {
    fields.message(Field.versions, (version) => {
      version.int64(VersionField.key, key)
      version.int64(VersionField.value, value)
    })
  }
  fields.raw(entry.unknown)
}

function readVersion(fields: FieldReader, versions: Map<bigint, bigint>): void {
  let key = 0n
  let value = 0n
  while (fields.next()) {
    if (fields.number === VersionField.key) key = fields.uint64()
    else if (fields.number === VersionField.value) value = fields.uint64()
    else fields.skip()
  }
  versions.set(key, value)
}

function writeText(fields: FieldWriter, field: number, text: string): void {
  if (text !== '') fields.text(field, text)
}

function writeInt64(fields: FieldWriter, field: number, value: Int64): void {
  if (value === 0) return
  if (typeof value === 'bigint') fields.int64(field, value)
  else fields.int(field, value)
}

/** Room enough for everything, so that nothing is copied because it grew: at most three bytes a UTF-16 unit. */
function write(entry: InstanceDesc, tokenCount: number, fill: (fields: FieldWriter) => void): Uint8Array {
  const { addr, zone, id, versions, unknown } = entry
  const texts = 3 * (addr.length + zone.length + id.length)
  const fields = new FieldWriter(new ByteWriter(80 + texts + 5 * tokenCount + 26 * versions.size + unknown.length))
  fill(fields)
  return fields.finish()
}
