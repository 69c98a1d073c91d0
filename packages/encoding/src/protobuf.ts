/**
 * Protobuf fields without a schema: a reader that walks the fields of one message, and its twin that writes them. The
 * message codecs are written by hand on top, so that unknown fields can be kept as the bytes they came in and long
 * packed fields land in typed arrays.
 */
import { ByteReader } from './byte-reader.ts'
import { ByteWriter } from './byte-writer.ts'
import { EncodingError } from './encoding-error.ts'
import { decodeText, textSize, writeText } from './text.ts'
import {
  readUvarint32,
  readUvarint53,
  readUvarint64,
  readVarint53,
  readVarintLow32,
  skipVarint,
  uvarintSize,
  writeUvarint,
  writeUvarint64,
  writeVarint,
} from './varint.ts'

/** Wire types of protobuf. The two group types are rejected wherever they appear. */
export const WireType = {
  varint: 0,
  fixed64: 1,
  bytes: 2,
  startGroup: 3,
  endGroup: 4,
  fixed32: 5,
} as const

/**
 * Walks the fields of one message in the order they came: `while (fields.next()) switch (fields.number) …`. Each field
 * must be read once, by the method of its type or by `skip`. Every method throws `DecodeError`: 'malformed' for another
 * wire type than the method's, for a group and for field number 0; 'truncated' where the message ends early.
 */
export class FieldReader {
  /** Field number of the current field. */
  number = 0
  /** Wire type of the current field. */
  wireType = 0
  readonly #reader: ByteReader
  #fieldStart = 0

  /**
   * @param bytes holds the message from `start` to `end`; read, never written or copied
   * @param start 0 by default
   * @param end the end of the array by default
   */
  constructor(bytes: Uint8Array, start = 0, end: number = bytes.length) {
    this.#reader = new ByteReader(bytes, start, end)
  }

  /** Goes to the next field. False at the end of the message. */
  next(): boolean {
    const reader = this.#reader
    if (reader.offset >= reader.end) return false
    this.#fieldStart = reader.offset
    const tag = readUvarint32(reader)
    this.number = tag >>> 3
    this.wireType = tag & 7
    if (this.number === 0) reader.fail('malformed', 'field number 0', this.#fieldStart)
    if (this.wireType === WireType.startGroup || this.wireType === WireType.endGroup || this.wireType > 5)
      reader.fail('malformed', `wire type ${this.wireType} of field ${this.number}`, this.#fieldStart)
    return true
  }

  /** A `uint32`: the low 32 bits, as Go takes them. */
  uint32(): number {
    this.#expect(WireType.varint)
    return readVarintLow32(this.#reader)
  }

  /** An `int32` or an enum: the low 32 bits, signed. */
  int32(): number {
    this.#expect(WireType.varint)
    return readVarintLow32(this.#reader) | 0
  }

  /** A `uint64` as a number; 'malformed' above 2^53 − 1. */
  uint53(): number {
    this.#expect(WireType.varint)
    return readUvarint53(this.#reader)
  }

  /** An `int64` as a number; 'malformed' beyond ±(2^53 − 1). */
  int53(): number {
    this.#expect(WireType.varint)
    return readVarint53(this.#reader)
  }

  /** A `uint64`. */
  uint64(): bigint {
    this.#expect(WireType.varint)
    return readUvarint64(this.#reader)
  }

  /** An `int64`. */
  int64(): bigint {
    this.#expect(WireType.varint)
    return BigInt.asIntN(64, readUvarint64(this.#reader))
  }

  /** A `bool`: anything but zero is true. */
  bool(): boolean {
    this.#expect(WireType.varint)
    return readUvarint64(this.#reader) !== 0n
  }

  /** A `fixed32`. */
  fixed32(): number {
    this.#expect(WireType.fixed32)
    return this.#reader.u32le()
  }

  /** A `fixed64`. */
  fixed64(): bigint {
    this.#expect(WireType.fixed64)
    return this.#reader.u64le()
  }

  /** A `double`. */
  double(): number {
    this.#expect(WireType.fixed64)
    return this.#reader.f64le()
  }

  /** A view of a `bytes` field. */
  bytes(): Uint8Array {
    this.#expect(WireType.bytes)
    return this.#reader.take(readUvarint53(this.#reader))
  }

  /** A `string`, without loss: see `decodeText`. */
  text(): string {
    this.#expect(WireType.bytes)
    const size = readUvarint53(this.#reader)
    const start = this.#reader.offset
    this.#reader.skip(size)
    return decodeText(this.#reader.bytes, start, start + size)
  }

  /** The fields of a message inside. */
  message(): FieldReader {
    this.#expect(WireType.bytes)
    const size = readUvarint53(this.#reader)
    const start = this.#reader.offset
    this.#reader.skip(size)
    return new FieldReader(this.#reader.bytes, start, start + size)
  }

  /** The bytes of a length-delimited field, or the varint of one element, as a reader: for repeated scalars. */
  scalars(): ByteReader {
    const reader = this.#reader
    if (this.wireType === WireType.bytes) return reader.window(readUvarint53(reader))
    this.#expect(WireType.varint)
    const start = reader.offset
    skipVarint(reader)
    return new ByteReader(reader.bytes, start, reader.offset)
  }

  /** Passes the current field by, whatever its type. */
  skip(): void {
    const reader = this.#reader
    if (this.wireType === WireType.varint) skipVarint(reader)
    else if (this.wireType === WireType.fixed64) reader.skip(8)
    else if (this.wireType === WireType.fixed32) reader.skip(4)
    else reader.skip(readUvarint53(reader))
  }

  /** A view of the field that was just read or skipped, tag included, exactly as it came. */
  raw(): Uint8Array {
    const { bytes, offset } = this.#reader
    return new Uint8Array(bytes.buffer, bytes.byteOffset + this.#fieldStart, offset - this.#fieldStart)
  }

  /** Throws a `DecodeError` ('malformed') that points at the current field. */
  fail(detail: string): never {
    this.#reader.fail('malformed', detail, this.#fieldStart)
  }

  #expect(wireType: number): void {
    if (this.wireType !== wireType) this.fail(`wire type ${this.wireType} of field ${this.number}, not ${wireType}`)
  }
}

/**
 * Writes the fields of one message. Every method writes what it is told, zero values too: leaving a default out is a
 * rule of the message, not of the field.
 */
export class FieldWriter {
  readonly #out: ByteWriter

  /** @param out where the fields go; a new writer by default */
  constructor(out: ByteWriter = new ByteWriter()) {
    this.#out = out
  }

  /** A `uint32` or `uint64` that a number holds. Throws `EncodingError` OUT_OF_RANGE for a negative or unsafe one. */
  uint(field: number, value: number): void {
    this.#tag(field, WireType.varint)
    writeUvarint(this.#out, value)
  }

  /** An `int32`, `int64` or enum that a number holds; negative ones take ten bytes. Throws OUT_OF_RANGE if unsafe. */
  int(field: number, value: number): void {
    this.#tag(field, WireType.varint)
    writeVarint(this.#out, value)
  }

  /** A `uint64` or `int64`: the 64 low bits. */
  int64(field: number, value: bigint): void {
    this.#tag(field, WireType.varint)
    writeUvarint64(this.#out, value)
  }

  /** A `bool`. */
  bool(field: number, value: boolean): void {
    this.#tag(field, WireType.varint)
    this.#out.u8(value ? 1 : 0)
  }

  /** A `fixed64`. */
  fixed64(field: number, value: bigint): void {
    this.#tag(field, WireType.fixed64)
    this.#out.u64le(value)
  }

  /** A `double`. */
  double(field: number, value: number): void {
    this.#tag(field, WireType.fixed64)
    this.#out.f64le(value)
  }

  /** A `string`, without loss: see `encodeText`. */
  text(field: number, value: string): void {
    this.#tag(field, WireType.bytes)
    const size = textSize(value)
    writeUvarint(this.#out, size)
    this.#out.fill(size, (target, offset) => writeText(target, offset, value))
  }

  /** A `bytes` field. */
  bytes(field: number, value: Uint8Array): void {
    this.#tag(field, WireType.bytes)
    writeUvarint(this.#out, value.length)
    this.#out.bytes(value)
  }

  /** A packed `repeated uint32`; nothing at all for no values, as Go does. */
  packedUint32(field: number, values: Uint32Array | readonly number[]): void {
    if (values.length === 0) return
    this.#tag(field, WireType.bytes)
    const size = packedUint32Size(values)
    writeUvarint(this.#out, size)
    this.#out.fill(size, (target, offset) => writePackedUint32(target, offset, values))
  }

  /** A message inside: `write` puts its fields here, and its length is filled in afterwards. */
  message(field: number, write: (fields: FieldWriter) => void): void {
    this.#tag(field, WireType.bytes)
    const at = this.#out.reserve(1)
    write(this)
    const size = this.#out.size - at - 1
    if (size < 0x80) {
      this.#out.patchU8(at, size)
      return
    }
    const sizeBytes = uvarintSize(size)
    this.#out.insert(at + 1, sizeBytes - 1)
    let rest = size
    for (let i = 0; i < sizeBytes; i++) {
      this.#out.patchU8(at + i, i === sizeBytes - 1 ? rest : (rest % 128) | 0x80)
      rest = Math.floor(rest / 128)
    }
  }

  /** Fields that are bytes already: unknown ones kept from a reader, or an entry that did not change. */
  raw(fields: Uint8Array): void {
    this.#out.bytes(fields)
  }

  /** The message. The writer is then done. */
  finish(): Uint8Array {
    return this.#out.finish()
  }

  #tag(field: number, wireType: number): void {
    writeUvarint(this.#out, tagOf(field, wireType))
  }
}

/** Bytes of a field's tag. */
export function tagSize(field: number): number {
  return uvarintSize(tagOf(field, 0))
}

/** Bytes of a length-delimited field with `size` bytes of content, tag and length included. */
export function delimitedSize(field: number, size: number): number {
  return tagSize(field) + uvarintSize(size) + size
}

/** Bytes of the content of a packed `repeated uint32`. */
export function packedUint32Size(values: Uint32Array | readonly number[]): number {
  let size = 0
  for (let i = 0; i < values.length; i++) {
    const value = values[i]! >>> 0
    size += value < 0x80 ? 1 : value < 0x4000 ? 2 : value < 0x20_0000 ? 3 : value < 0x1000_0000 ? 4 : 5
  }
  return size
}

function writePackedUint32(target: Uint8Array, offset: number, values: Uint32Array | readonly number[]): void {
  let at = offset
  for (let i = 0; i < values.length; i++) {
    let rest = values[i]! >>> 0
    while (rest >= 0x80) {
      target[at++] = (rest & 0x7f) | 0x80
      rest >>>= 7
    }
    target[at++] = rest
  }
}

function tagOf(field: number, wireType: number): number {
  if (!(Number.isInteger(field) && field >= 1 && field < 2 ** 29))
    throw new EncodingError('OUT_OF_RANGE', `field number ${field}`)
  return field * 8 + wireType
}
