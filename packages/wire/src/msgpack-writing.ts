/**
 * Writing MessagePack as memberlist does (wire spec 1.2, 1.3): byte fields are raw strings, integers take the smallest
 * form of their Go type's family. Each `put` writes at an offset of an array that has the room, and returns the offset
 * behind: nothing is checked twice, and nothing is counted along.
 */
import { textSize, writeText } from '@hearsay/encoding'

const NIL = 0xc0
const FALSE = 0xc2
const TRUE = 0xc3

/** What a header, a number or a boolean takes at most. */
export const SCALAR_ROOM_BYTES = 9

/** Bytes of an unsigned integer of up to 32 bits. */
export const uintSize = (value: number): number => (value < 0x80 ? 1 : value < 0x100 ? 2 : value < 0x10000 ? 3 : 5)

/** Writes a Go `uint8`, `uint16` or `uint32`. */
export function putUint(target: Uint8Array, at: number, value: number): number {
  if (value < 0x80) {
    target[at] = value
    return at + 1
  }
  if (value < 0x100) {
    target[at] = 0xcc
    target[at + 1] = value
    return at + 2
  }
  return value < 0x10000 ? put16(target, at, 0xcd, value) : put32(target, at, 0xce, value)
}

/** Bytes of a Go `int` that is not negative: above 127 the signed families are used (wire spec 1.4). */
export const intSize = (value: number): number => (value < 0x80 ? 1 : value < 0x8000 ? 3 : value < 0x8000_0000 ? 5 : 9)

/** Writes a Go `int` that is not negative, as codec 2 does. */
export function putInt(target: Uint8Array, at: number, value: number): number {
  if (value < 0x80) {
    target[at] = value
    return at + 1
  }
  if (value < 0x8000) return put16(target, at, 0xd1, value)
  if (value < 0x8000_0000) return put32(target, at, 0xd2, value)
  const low = value % 2 ** 32
  put32(target, at, 0xd3, Math.floor(value / 2 ** 32))
  target[at + 5] = low >>> 24
  target[at + 6] = low >>> 16
  target[at + 7] = low >>> 8
  target[at + 8] = low
  return at + 9
}

/** Writes a boolean. */
export function putBool(target: Uint8Array, at: number, value: boolean): number {
  target[at] = value ? TRUE : FALSE
  return at + 1
}

/** Bytes of a raw string with its header. */
export const rawSize = (length: number): number => length + (length < 32 ? 1 : length < 0x10000 ? 3 : 5)

/** Writes the header of a raw string. */
export function putRawHeader(target: Uint8Array, at: number, length: number): number {
  if (length < 32) {
    target[at] = 0xa0 | length
    return at + 1
  }
  return length < 0x10000 ? put16(target, at, 0xda, length) : put32(target, at, 0xdb, length)
}

/** Bytes of a byte field. */
export const bytesSize = (value: Uint8Array | null): number => (value === null ? 1 : rawSize(value.length))

/** Writes a byte field: raw, or nil. */
export function putBytes(target: Uint8Array, at: number, value: Uint8Array | null): number {
  if (value === null) {
    target[at] = NIL
    return at + 1
  }
  const start = putRawHeader(target, at, value.length)
  // A loop beats a call for an address.
  if (value.length > 24) target.set(value, start)
  else for (let index = 0; index < value.length; index++) target[start + index] = value[index]!
  return start + value.length
}

/** Bytes of a text field. */
export const textFieldSize = (value: string): number => rawSize(textSize(value))

/** Bytes of a text field, or more: no text takes more than three for each unit of UTF-16. */
export const textFieldRoom = (value: string): number => SCALAR_ROOM_BYTES + 3 * value.length

/** Writes a text field. */
export function putText(target: Uint8Array, at: number, value: string): number {
  const { length } = value
  // Nearly all text is ASCII: then its length is its size, and it is gone through once.
  const start = putRawHeader(target, at, length)
  let all = 0
  for (let index = 0; index < length; index++) {
    const unit = value.charCodeAt(index)
    all |= unit
    target[start + index] = unit
  }
  return all < 0x80 ? start + length : writeText(target, putRawHeader(target, at, textSize(value)), value)
}

function put16(target: Uint8Array, at: number, tag: number, value: number): number {
  target[at] = tag
  target[at + 1] = value >>> 8
  target[at + 2] = value
  return at + 3
}

function put32(target: Uint8Array, at: number, tag: number, value: number): number {
  target[at] = tag
  target[at + 1] = value >>> 24
  target[at + 2] = value >>> 16
  target[at + 3] = value >>> 8
  target[at + 4] = value
  return at + 5
}
