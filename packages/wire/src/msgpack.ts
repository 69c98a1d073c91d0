/**
 * Reading MessagePack as memberlist uses it (wire spec 1.2, 1.3): byte fields are raw strings, integers of any family.
 * Every form that old and new peers emit is accepted.
 */
import { type ByteReader, DecodeError, decodeText } from '@hearsay/encoding'
import { MAX_ARRAY_FORM_BYTES, MAX_MSGPACK_DEPTH } from './limits.ts'
import { decodeName } from './names.ts'

const NIL = 0xc0
const FALSE = 0xc2
const TRUE = 0xc3

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
  const start = reader.offset
  const length = readRawHeader(reader)
  if (length === IS_NIL) return ''
  if (length === IS_OTHER) return decodeText(readByteArray(reader, start))
  reader.skip(length)
  // Nearly all text is the name of a member.
  return decodeName(reader.bytes, reader.offset - length, reader.offset)
}

/** An integer of any width and family, within bounds. Nil is zero. */
export function readInteger(reader: ByteReader, min: number, max: number): number {
  const start = reader.offset
  const value = readAnyInteger(reader, start)
  if (value < min || value > max) throw new DecodeError('malformed', start, `${value} is outside ${min} … ${max}`)
  return value
}

/**
 * Go's int: every 64-bit integer, an unsigned one above 2^63 wrapped around as Go does it. Above 53 bits it is near the
 * value, which is enough to find it out of bounds.
 */
export function readInt(reader: ByteReader): number {
  const start = reader.offset
  if (reader.peek() !== 0xcf) return readAnyInteger(reader, start)
  reader.u8()
  return Number(BigInt.asIntN(64, reader.u64()))
}

/** True, false, 0, 1 or nil. */
export function readBool(reader: ByteReader): boolean {
  const start = reader.offset
  const tag = reader.u8()
  if (tag === TRUE || tag === 1) return true
  if (tag === FALSE || tag === 0 || tag === NIL) return false
  throw new DecodeError('malformed', start, `a boolean was expected, not 0x${tag.toString(16)}`)
}

/**
 * Passes one value by, whatever it is. Without recursion: only a count of what is left stays in memory, for each open
 * container, in `open`. When the value is cut short, the reader stands before what could not be read, and the same `open`
 * goes on from there.
 */
export function skipValue(reader: ByteReader, open: number[] = [1]): void {
  let start = reader.offset
  try {
    while (open.length > 0) {
      const top = open.length - 1
      if (open[top] === 0) {
        open.pop()
        continue
      }
      start = reader.offset
      const children = skipOne(reader, open.length)
      open[top]!--
      if (children > 0) open.push(children)
    }
  } catch (error) {
    reader.offset = start
    throw error
  }
}

/** Passes one value by, without those inside it; returns how many these are. */
function skipOne(reader: ByteReader, depth: number): number {
  // An empty one counts too, as in Go.
  if (depth >= MAX_MSGPACK_DEPTH && isContainer(reader.peek()))
    throw new DecodeError('too-deep', reader.offset, `containers nested more than ${MAX_MSGPACK_DEPTH} deep`)
  return skipHead(reader)
}

/** Arrays and maps, by their first byte. */
const isContainer = (tag: number): boolean => (tag >= 0x80 && tag < 0xa0) || (tag >= 0xdc && tag <= 0xdf)

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
  const length = readRawHeader(reader)
  if (length >= 0) return reader.take(length)
  return length === IS_NIL ? null : undefined
}

const IS_NIL = -1
const IS_OTHER = -2

/** The length of what is raw, str8 or bin; {@link IS_NIL}; or {@link IS_OTHER}, with nothing consumed. */
function readRawHeader(reader: ByteReader): number {
  const tag = reader.peek()
  if (tag >= 0xa0 && tag <= 0xbf) {
    reader.offset++
    return tag & 0x1f
  }
  switch (tag) {
    case NIL:
      reader.offset++
      return IS_NIL
    case 0xc4:
    case 0xd9:
      reader.offset++
      return reader.u8()
    case 0xc5:
    case 0xda:
      reader.offset++
      return reader.u16()
    case 0xc6:
    case 0xdb:
      reader.offset++
      return reader.u32()
    default:
      return IS_OTHER
  }
}

function readByteArray(reader: ByteReader, start: number): Uint8Array {
  const tag = reader.u8()
  const count = tag >= 0x90 && tag <= 0x9f ? tag & 0x0f : tag === 0xdc ? reader.u16() : tag === 0xdd ? reader.u32() : -1
  if (count < 0) throw new DecodeError('malformed', start, `bytes were expected, not 0x${tag.toString(16)}`)
  // Each element takes at least one byte, so the bytes at hand bound what is allocated.
  if (count > reader.remaining) throw reader.truncated(count)
  if (count > MAX_ARRAY_FORM_BYTES)
    throw new DecodeError(
      'too-large',
      reader.offset,
      `bytes as an array of ${count}; at most ${MAX_ARRAY_FORM_BYTES} are read`,
    )
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
