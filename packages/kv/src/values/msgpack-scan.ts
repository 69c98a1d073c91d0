/**
 * A structural look at MessagePack bytes before they are decoded. The decoder behind it knows more than the format: it
 * builds records, regular expressions, errors and sets from extensions in the data, whatever its options. Nothing of
 * the kind passes here; what passes is plain data of bounded depth and number.
 */
import { isUtf8 } from 'node:buffer'
import { KvError } from '../errors.ts'

/** Arrays and maps within each other at most. */
export const MAX_VALUE_DEPTH = 64

/** Values in one message at most, keys included. */
export const MAX_VALUE_ITEMS = 1_048_576

/** The timestamp extension of the MessagePack specification, -1, and the only one accepted. */
const TIMESTAMP_TYPE = 0xff
/** The last second a Date can hold. */
const MAX_DATE_SECONDS = 8_640_000_000_000n

/**
 * Throws {@link KvError} VALUE_INVALID unless `bytes` are exactly one value made of nil, booleans, numbers, text
 * (valid UTF-8), bytes, timestamps, arrays and maps with text keys.
 */
export function scanMsgpack(bytes: Uint8Array): void {
  const scan = new Scan(bytes)
  scan.value(0)
  if (scan.offset !== bytes.length) throw refused(scan.offset, 'bytes follow the value')
}

class Scan {
  offset = 0
  readonly #bytes: Uint8Array
  readonly #view: DataView
  #itemsLeft = MAX_VALUE_ITEMS

  constructor(bytes: Uint8Array) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  }

  /** One value of any kind. The token table of the MessagePack specification, in its order. */
  value(depth: number) {
    const at = this.offset
    if (--this.#itemsLeft < 0) throw refused(at, `more than ${MAX_VALUE_ITEMS} items`)
    const token = this.#uint(1)
    if (token <= 0x7f || token >= 0xe0) return
    if (token <= 0x8f) return this.#map(token & 0x0f, depth)
    if (token <= 0x9f) return this.#array(token & 0x0f, depth)
    if (token <= 0xbf) return this.#text(token & 0x1f)
    switch (token) {
      case 0xc0: // nil
      case 0xc2: // false
      case 0xc3: // true
        return
      case 0xc4:
      case 0xc5:
      case 0xc6:
        return this.#skip(this.#uint(1 << (token - 0xc4))) // bytes
      case 0xc7:
        return this.#extension(this.#uint(1))
      case 0xca:
      case 0xcb:
        return this.#skip(token === 0xca ? 4 : 8) // floats
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf:
        return this.#skip(1 << (token - 0xcc)) // unsigned
      case 0xd0:
      case 0xd1:
      case 0xd2:
      case 0xd3:
        return this.#skip(1 << (token - 0xd0)) // signed
      case 0xd6:
        return this.#extension(4)
      case 0xd7:
        return this.#extension(8)
      case 0xd9:
      case 0xda:
      case 0xdb:
        return this.#text(this.#uint(1 << (token - 0xd9)))
      case 0xdc:
      case 0xdd:
        return this.#array(this.#uint(token === 0xdc ? 2 : 4), depth)
      case 0xde:
      case 0xdf:
        return this.#map(this.#uint(token === 0xde ? 2 : 4), depth)
      default:
        throw refused(at, `token 0x${token.toString(16)} is not plain data`)
    }
  }

  #array(length: number, depth: number): void {
    this.#enter(depth, length)
    for (let i = 0; i < length; i++) this.value(depth + 1)
  }

  #map(length: number, depth: number): void {
    this.#enter(depth, 2 * length)
    for (let i = 0; i < length; i++) {
      this.#key()
      this.value(depth + 1)
    }
  }

  #enter(depth: number, itemCount: number): void {
    if (depth >= MAX_VALUE_DEPTH) throw refused(this.offset, `nested deeper than ${MAX_VALUE_DEPTH}`)
    // Each item takes a byte at least, so a count beyond what is left is a lie and nothing is allocated for it.
    if (itemCount > this.#bytes.length - this.offset) throw refused(this.offset, 'ends too early')
  }

  #key(): void {
    const at = this.offset
    if (--this.#itemsLeft < 0) throw refused(at, `more than ${MAX_VALUE_ITEMS} items`)
    const token = this.#uint(1)
    const isShort = token >= 0xa0 && token <= 0xbf
    if (!isShort && !(token >= 0xd9 && token <= 0xdb)) throw refused(at, 'a map key is not text')
    const length = isShort ? token & 0x1f : this.#uint(1 << (token - 0xd9))
    const start = this.offset
    this.#text(length)
    // The decoder would rename it, so the value would not survive a round trip.
    if (length === PROTO.length && PROTO.every((byte, i) => this.#bytes[start + i] === byte))
      throw refused(at, '__proto__ is not allowed as a key')
  }

  #text(length: number): void {
    const start = this.offset
    this.#skip(length)
    if (!isUtf8(this.#bytes.subarray(start, this.offset))) throw refused(start, 'text is not UTF-8')
  }

  #extension(length: number): void {
    const at = this.offset
    const type = this.#uint(1)
    if (type !== TIMESTAMP_TYPE || (length !== 4 && length !== 8 && length !== 12))
      throw refused(at, `extension ${type} of ${length} bytes is not accepted`)
    const start = this.offset
    this.#skip(length)
    if (length === 12) {
      const seconds = this.#view.getBigInt64(start + 4)
      if (seconds > MAX_DATE_SECONDS || seconds < -MAX_DATE_SECONDS) throw refused(at, 'timestamp out of range')
    }
  }

  #uint(width: number): number {
    const at = this.offset
    this.#skip(width)
    return readUint(this.#view, at, width)
  }

  #skip(length: number): void {
    if (length > this.#bytes.length - this.offset) throw refused(this.offset, 'ends too early')
    this.offset += length
  }
}

const PROTO = Array.from('__proto__', (character) => character.charCodeAt(0))

const readUint = (view: DataView, at: number, width: number): number =>
  width === 1 ? view.getUint8(at) : width === 2 ? view.getUint16(at) : view.getUint32(at)

const refused = (offset: number, why: string): KvError =>
  new KvError('VALUE_INVALID', `not an acceptable MessagePack value: ${why} (at byte ${offset})`)
