/** Base-128 varints, least significant group first, as protobuf and snappy write them: at most ten bytes. */
import type { ByteReader } from './byte-reader.ts'
import type { ByteWriter } from './byte-writer.ts'
import { EncodingError } from './encoding-error.ts'

/** The longest varint, in bytes. */
export const MAX_VARINT_BYTES = 10

/** An unsigned integer that fits 32 bits; 'malformed' when it does not. */
export function readUvarint32(reader: ByteReader): number {
  const start = reader.offset
  const value = readUvarint64(reader)
  if (value > 0xffff_ffffn) reader.fail('malformed', `${value} does not fit 32 bits`, start)
  return Number(value)
}

/** The low 32 bits of a varint, as Go takes them for 32-bit fields. */
export function readVarintLow32(reader: ByteReader): number {
  const start = reader.offset
  let value = 0
  for (let index = 0; index < MAX_VARINT_BYTES; index++) {
    const byte = reader.u8()
    if (index < 5) value |= (byte & 0x7f) << (7 * index)
    if (byte < 0x80) return value >>> 0
  }
  return tooLong(reader, start)
}

/** An unsigned integer as a number; 'malformed' above 2^53 − 1. */
export function readUvarint53(reader: ByteReader): number {
  const start = reader.offset
  let value = 0
  let scale = 1
  for (let index = 0; index < MAX_VARINT_BYTES; index++) {
    const byte = reader.u8()
    value += (byte & 0x7f) * scale
    scale *= 128
    if (byte >= 0x80) continue
    if (value > Number.MAX_SAFE_INTEGER) reader.fail('malformed', 'an integer above 2^53 - 1', start)
    return value
  }
  return tooLong(reader, start)
}

/** A signed 64-bit integer as a number; 'malformed' beyond ±(2^53 − 1). */
export function readVarint53(reader: ByteReader): number {
  const start = reader.offset
  const value = BigInt.asIntN(64, readUvarint64(reader))
  const number = Number(value)
  if (!Number.isSafeInteger(number)) reader.fail('malformed', `${value} is beyond 2^53 - 1`, start)
  return number
}

/** An unsigned 64-bit integer. */
export function readUvarint64(reader: ByteReader): bigint {
  const start = reader.offset
  // The first four groups as a number: most varints end there.
  let low = 0
  for (let index = 0; index < 4; index++) {
    const byte = reader.u8()
    low |= (byte & 0x7f) << (7 * index)
    if (byte < 0x80) return BigInt(low)
  }
  let value = BigInt(low)
  for (let index = 4; index < MAX_VARINT_BYTES; index++) {
    const byte = reader.u8()
    value |= BigInt(byte & 0x7f) << BigInt(7 * index)
    if (byte < 0x80) return BigInt.asUintN(64, value)
  }
  return tooLong(reader, start)
}

/** Passes a varint by. */
export function skipVarint(reader: ByteReader): void {
  const start = reader.offset
  for (let index = 0; index < MAX_VARINT_BYTES; index++) if (reader.u8() < 0x80) return
  tooLong(reader, start)
}

/** Writes an unsigned integer. Throws `EncodingError` OUT_OF_RANGE for one that is negative or not safe. */
export function writeUvarint(writer: ByteWriter, value: number): void {
  if (!Number.isSafeInteger(value) || value < 0)
    throw new EncodingError('OUT_OF_RANGE', `${value} is not an unsigned integer below 2^53`)
  let rest = value
  while (rest >= 0x80) {
    writer.u8((rest % 0x80) | 0x80)
    rest = Math.floor(rest / 0x80)
  }
  writer.u8(rest)
}

/** Writes a signed integer as protobuf's int64: negative ones take ten bytes. Throws OUT_OF_RANGE for one that is not safe. */
export function writeVarint(writer: ByteWriter, value: number): void {
  if (!Number.isSafeInteger(value)) throw new EncodingError('OUT_OF_RANGE', `${value} is not a safe integer`)
  if (value >= 0) writeUvarint(writer, value)
  else writeUvarint64(writer, BigInt(value))
}

/** Writes the 64 low bits. */
export function writeUvarint64(writer: ByteWriter, value: bigint): void {
  let rest = BigInt.asUintN(64, value)
  while (rest >= 0x80n) {
    writer.u8(Number(rest & 0x7fn) | 0x80)
    rest >>= 7n
  }
  writer.u8(Number(rest))
}

/** Bytes that {@link writeUvarint} writes. */
export function uvarintSize(value: number): number {
  let size = 1
  for (let rest = value; rest >= 0x80; rest = Math.floor(rest / 0x80)) size++
  return size
}

function tooLong(reader: ByteReader, start: number): never {
  return reader.fail('malformed', `varint of more than ${MAX_VARINT_BYTES} bytes`, start)
}
