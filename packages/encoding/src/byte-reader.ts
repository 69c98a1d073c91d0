import { DecodeError, type DecodeReason } from './decode-error.ts'
import { decodeText } from './text.ts'

/** A bounded cursor over bytes. Every read checks its bound and throws a {@link DecodeError} with its offset. Integers are big-endian. */
export class ByteReader {
  readonly bytes: Uint8Array
  /** Where the next read begins. */
  offset: number
  /** Where reading must stop. */
  readonly end: number

  constructor(bytes: Uint8Array, offset = 0, end = bytes.length) {
    this.bytes = bytes
    this.offset = offset
    this.end = end
  }

  /** Bytes left. */
  get remaining(): number {
    return this.end - this.offset
  }

  /** The next byte, not consumed. */
  peek(): number {
    if (this.offset >= this.end) throw this.truncated(1)
    return this.bytes[this.offset]!
  }

  u8(): number {
    if (this.offset >= this.end) throw this.truncated(1)
    return this.bytes[this.offset++]!
  }

  u16(): number {
    const at = this.#advance(2)
    return (this.bytes[at]! << 8) | this.bytes[at + 1]!
  }

  u32(): number {
    const at = this.#advance(4)
    const b = this.bytes
    return ((b[at]! << 24) | (b[at + 1]! << 16) | (b[at + 2]! << 8) | b[at + 3]!) >>> 0
  }

  u64(): bigint {
    const high = this.u32()
    return (BigInt(high) << 32n) | BigInt(this.u32())
  }

  /** Four bytes, least significant first, as protobuf's fixed32. */
  u32le(): number {
    const at = this.#advance(4)
    const b = this.bytes
    return (b[at]! | (b[at + 1]! << 8) | (b[at + 2]! << 16) | (b[at + 3]! << 24)) >>> 0
  }

  /** Eight bytes, least significant first, as protobuf's fixed64. */
  u64le(): bigint {
    const low = this.u32le()
    return (BigInt(this.u32le()) << 32n) | BigInt(low)
  }

  /** A double, least significant byte first. */
  f64le(): number {
    const at = this.#advance(8)
    return new DataView(this.bytes.buffer, this.bytes.byteOffset + at, 8).getFloat64(0, true)
  }

  /** A view of the next `length` bytes: lent, not copied. */
  take(length: number): Uint8Array {
    const at = this.#advance(length)
    return this.bytes.subarray(at, at + length)
  }

  /** The next `length` bytes as text, see {@link decodeText}. */
  text(length: number): string {
    const at = this.#advance(length)
    return decodeText(this.bytes, at, at + length)
  }

  /** Passes `expected` by if it comes next; else, or when less is left, false and nothing consumed. */
  accept(expected: Uint8Array): boolean {
    const { bytes, offset } = this
    if (expected.length > this.end - offset) return false
    for (let index = 0; index < expected.length; index++) if (bytes[offset + index] !== expected[index]) return false
    this.offset = offset + expected.length
    return true
  }

  skip(length: number): void {
    this.#advance(length)
  }

  /** The next `length` bytes as a reader of their own; offsets stay those of the whole. */
  window(length: number): ByteReader {
    const at = this.#advance(length)
    return new ByteReader(this.bytes, at, at + length)
  }

  /** Everything that is left: lent, not copied. */
  rest(): Uint8Array {
    return this.take(this.remaining)
  }

  /** The error for wanting `wanted` bytes here. */
  truncated(wanted: number): DecodeError {
    return new DecodeError(
      'truncated',
      this.offset,
      `${wanted} more byte(s) wanted at offset ${this.offset}, ${this.remaining} left`,
    )
  }

  /** Throws a {@link DecodeError} at `offset`, by default here. */
  fail(reason: DecodeReason, detail: string, offset = this.offset): never {
    throw new DecodeError(reason, offset, detail)
  }

  #advance(length: number): number {
    const at = this.offset
    if (!(length >= 0) || length > this.end - at) throw this.truncated(length)
    this.offset = at + length
    return at
  }
}
