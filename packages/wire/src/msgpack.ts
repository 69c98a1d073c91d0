/**
 * MessagePack as memberlist uses it (wire spec 1.2, 1.3): byte fields are raw strings, integers take the smallest form
 * of their Go type's family. Reading accepts every form that old and new peers emit.
 */
import { type ByteReader, type ByteWriter, DecodeError, decodeText, textSize, writeText } from '@hearsay/encoding'
import { MAX_MSGPACK_DEPTH } from './limits.ts'

const NIL = 0xc0
const FALSE = 0xc2
const TRUE = 0xc3

/** Bytes of an unsigned integer of up to 32 bits. */
export const uintSize = (value: number): number => (value < 0x80 ? 1 : value < 0x100 ? 2 : value < 0x10000 ? 3 : 5)

/** Writes a Go `uint8`, `uint16` or `uint32`. */
export function writeUint(writer: ByteWriter, value: number): void {
  if (value < 0x80) writer.u8(value)
  else if (value < 0x100) {
    writer.u8(0xcc)
    writer.u8(value)
  } else if (value < 0x10000) {
    writer.u8(0xcd)
    writer.u16(value)
  } else {
    writer.u8(0xce)
    writer.u32(value)
  }
}

/** Bytes of a Go `int` that is not negative: above 127 the signed families are used (wire spec 1.4). */
export const intSize = (value: number): number => (value < 0x80 ? 1 : value < 0x8000 ? 3 : value < 0x8000_0000 ? 5 : 9)

/** Writes a Go `int` that is not negative, as codec 2 does. */
export function writeInt(writer: ByteWriter, value: number): void {
  if (value < 0x80) writer.u8(value)
  else if (value < 0x8000) {
    writer.u8(0xd1)
    writer.u16(value)
  } else if (value < 0x8000_0000) {
    writer.u8(0xd2)
    writer.u32(value)
  } else {
    writer.u8(0xd3)
    writer.u32(Math.floor(value / 2 ** 32))
    writer.u32(value % 2 ** 32)
  }
}

export function writeBool(writer: ByteWriter, value: boolean): void {
  writer.u8(value ? TRUE : FALSE)
}

/** Bytes of a raw string with its header. */
export const rawSize = (length: number): number => length + (length < 32 ? 1 : length < 0x10000 ? 3 : 5)

/** Writes the header of a raw string. */
export function writeRawHeader(writer: ByteWriter, length: number): void {
  if (length < 32) writer.u8(0xa0 | length)
  else if (length < 0x10000) {
    writer.u8(0xda)
    writer.u16(length)
  } else {
    writer.u8(0xdb)
    writer.u32(length)
  }
}

/** Bytes of a byte field. */
export const bytesSize = (value: Uint8Array | null): number => (value === null ? 1 : rawSize(value.length))

/** Writes a byte field: raw, or nil. */
export function writeBytes(writer: ByteWriter, value: Uint8Array | null): void {
  if (value === null) return writer.u8(NIL)
  writeRawHeader(writer, value.length)
  writer.bytes(value)
}

/** Bytes of a text field. */
export const textFieldSize = (value: string): number => rawSize(textSize(value))

export function writeTextField(writer: ByteWriter, value: string): void {
  // Nearly all text is ASCII: then its length is its size, and it is gone through once.
  const start = writer.size
  writeRawHeader(writer, value.length)
  if (writer.ascii(value)) return
  writer.rewind(start)
  const size = textSize(value)
  writeRawHeader(writer, size)
  writer.fill(size, (target, offset) => writeText(target, offset, value))
}

/** The number of entries of a map; nil is an empty one. */
export function readMapHeader(reader: ByteReader): number {
  const start = reader.offset
  const tag = reader.u8()
  if (tag >= 0x80 && tag <= 0x8f) return tag & 0x0f
  if (tag === NIL) return 0
  if (tag === 0xde) return reader.u16()
  if (tag === 0xdf) return reader.u32()
  throw new DecodeError('malformed', start, `a map was expected, not 0x${tag.toString(16)}`)
}

/** A field's name: raw, str8 or bin. Lent. */
export function readKey(reader: ByteReader): Uint8Array {
  const start = reader.offset
  const key = readRaw(reader)
  if (key === undefined || key === null) throw new DecodeError('malformed', start, 'a field name was expected')
  if (key.length === 0) throw new DecodeError('malformed', start, 'an empty field name')
  return key
}

/** A byte field: raw, str8, bin, nil, or an array of bytes. Lent, except for the array. */
export function readBytes(reader: ByteReader): Uint8Array | null {
  const start = reader.offset
  const raw = readRaw(reader)
  if (raw !== undefined) return raw
  return readByteArray(reader, start)
}

/** A text field. Nil is empty. */
export function readText(reader: ByteReader): string {
  const tag = reader.peek()
  if (tag >= 0xa0 && tag <= 0xbf) {
    reader.offset++
    return reader.text(tag & 0x1f)
  }
  const bytes = readBytes(reader)
  return bytes === null ? '' : decodeText(bytes)
}

/** An integer of any width and family, within bounds. Nil is zero. */
export function readInteger(reader: ByteReader, min: number, max: number): number {
  const start = reader.offset
  const value = readAnyInteger(reader, start)
  if (value < min || value > max) throw new DecodeError('malformed', start, `${value} is outside ${min} … ${max}`)
  return value
}

/** True, false, 0, 1 or nil. */
export function readBool(reader: ByteReader): boolean {
  const start = reader.offset
  const tag = reader.u8()
  if (tag === TRUE || tag === 1) return true
  if (tag === FALSE || tag === 0 || tag === NIL) return false
  throw new DecodeError('malformed', start, `a boolean was expected, not 0x${tag.toString(16)}`)
}

/** Passes one value by, whatever it is. Without recursion: only a count of what is left stays in memory. */
export function skipValue(reader: ByteReader): void {
  const open: number[] = [1]
  while (open.length > 0) {
    const top = open.length - 1
    if (open[top] === 0) {
      open.pop()
      continue
    }
    open[top]!--
    const start = reader.offset
    const children = skipHead(reader)
    if (children === 0) continue
    if (open.length >= MAX_MSGPACK_DEPTH)
      throw new DecodeError('too-deep', start, `containers nested more than ${MAX_MSGPACK_DEPTH} deep`)
    open.push(children)
  }
}

/** Passes a value's own bytes by; returns how many values are inside it. */
function skipHead(reader: ByteReader): number {
  const start = reader.offset
  const tag = reader.u8()
  if (tag < 0x80 || tag >= 0xe0) return 0
  if (tag < 0x90) return 2 * (tag & 0x0f)
  if (tag < 0xa0) return tag & 0x0f
  if (tag < 0xc0) return skipBytes(reader, tag & 0x1f)
  switch (tag) {
    case NIL:
    case FALSE:
    case TRUE:
      return 0
    case 0xc4:
    case 0xd9:
      return skipBytes(reader, reader.u8())
    case 0xc5:
    case 0xda:
      return skipBytes(reader, reader.u16())
    case 0xc6:
    case 0xdb:
      return skipBytes(reader, reader.u32())
    case 0xc7:
      return skipExtension(reader, reader.u8(), start)
    case 0xc8:
      return skipExtension(reader, reader.u16(), start)
    case 0xc9:
      return skipExtension(reader, reader.u32(), start)
    case 0xca:
      return skipBytes(reader, 4)
    case 0xcb:
      return skipBytes(reader, 8)
    case 0xcc:
    case 0xd0:
      return skipBytes(reader, 1)
    case 0xcd:
    case 0xd1:
      return skipBytes(reader, 2)
    case 0xce:
    case 0xd2:
      return skipBytes(reader, 4)
    case 0xcf:
    case 0xd3:
      return skipBytes(reader, 8)
    case 0xd4:
    case 0xd5:
    case 0xd6:
    case 0xd7:
    case 0xd8:
      return skipExtension(reader, 1 << (tag - 0xd4), start)
    case 0xdc:
      return reader.u16()
    case 0xdd:
      return reader.u32()
    case 0xde:
      return 2 * reader.u16()
    case 0xdf:
      return 2 * reader.u32()
    default:
      throw new DecodeError('malformed', start, 'the reserved byte 0xc1')
  }
}

function skipBytes(reader: ByteReader, length: number): 0 {
  reader.skip(length)
  return 0
}

function skipExtension(reader: ByteReader, length: number, start: number): 0 {
  // Go fails a whole message for a time extension of another length (wire spec 1.3).
  if (reader.u8() === 0xff && length !== 4 && length !== 8 && length !== 12)
    throw new DecodeError('malformed', start, `a time of ${length} bytes`)
  return skipBytes(reader, length)
}

/** Raw, str8 or bin; `null` for nil; `undefined`, with nothing consumed, for anything else. */
function readRaw(reader: ByteReader): Uint8Array | null | undefined {
  const tag = reader.peek()
  if (tag >= 0xa0 && tag <= 0xbf) {
    reader.offset++
    return reader.take(tag & 0x1f)
  }
  switch (tag) {
    case NIL:
      reader.offset++
      return null
    case 0xc4:
    case 0xd9:
      reader.offset++
      return reader.take(reader.u8())
    case 0xc5:
    case 0xda:
      reader.offset++
      return reader.take(reader.u16())
    case 0xc6:
    case 0xdb:
      reader.offset++
      return reader.take(reader.u32())
    default:
      return undefined
  }
}

function readByteArray(reader: ByteReader, start: number): Uint8Array {
  const tag = reader.u8()
  const count = tag >= 0x90 && tag <= 0x9f ? tag & 0x0f : tag === 0xdc ? reader.u16() : tag === 0xdd ? reader.u32() : -1
  if (count < 0) throw new DecodeError('malformed', start, `bytes were expected, not 0x${tag.toString(16)}`)
  // Each element takes at least one byte, so the bytes at hand bound what is allocated.
  if (count > reader.remaining) throw reader.truncated(count)
  const bytes = new Uint8Array(count)
  for (let index = 0; index < count; index++) bytes[index] = readInteger(reader, 0, 255)
  return bytes
}

function readAnyInteger(reader: ByteReader, start: number): number {
  const tag = reader.u8()
  if (tag < 0x80) return tag
  if (tag >= 0xe0) return tag - 0x100
  switch (tag) {
    case NIL:
      return 0
    case 0xcc:
      return reader.u8()
    case 0xcd:
      return reader.u16()
    case 0xce:
      return reader.u32()
    case 0xcf:
      return Number(reader.u64())
    case 0xd0:
      return (reader.u8() << 24) >> 24
    case 0xd1:
      return (reader.u16() << 16) >> 16
    case 0xd2:
      return reader.u32() | 0
    case 0xd3:
      return Number(BigInt.asIntN(64, reader.u64()))
    default:
      throw new DecodeError('malformed', start, `an integer was expected, not 0x${tag.toString(16)}`)
  }
}
