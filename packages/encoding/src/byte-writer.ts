/** Up to this many bytes, a loop beats a call of `set`. */
const SHORT_BYTES = 24

/** A growing buffer. Give the exact size where it is known: then nothing is ever copied. Integers are big-endian. */
export class ByteWriter {
  #bytes: Uint8Array
  #size = 0

  constructor(capacityBytes = 64) {
    this.#bytes = new Uint8Array(capacityBytes)
  }

  /** Bytes written so far. */
  get size(): number {
    return this.#size
  }

  u8(value: number): void {
    this.#grow(1)
    this.#bytes[this.#size++] = value
  }

  u16(value: number): void {
    const at = this.reserve(2)
    this.#bytes[at] = value >>> 8
    this.#bytes[at + 1] = value
  }

  u32(value: number): void {
    this.patchU32(this.reserve(4), value)
  }

  /** A double, least significant byte first. */
  f64le(value: number): void {
    const at = this.reserve(8)
    new DataView(this.#bytes.buffer, at, 8).setFloat64(0, value, true)
  }

  /** Eight bytes, least significant first. */
  u64le(value: bigint): void {
    const at = this.reserve(8)
    new DataView(this.#bytes.buffer, at, 8).setBigUint64(0, value, true)
  }

  bytes(bytes: Uint8Array): void {
    // Room first: making it may replace the array.
    const at = this.reserve(bytes.length)
    if (bytes.length > SHORT_BYTES) this.#bytes.set(bytes, at)
    else {
      const target = this.#bytes
      for (let index = 0; index < bytes.length; index++) target[at + index] = bytes[index]!
    }
  }

  /**
   * Makes room for `length` bytes behind {@link size}; returns the array that has it. Whoever writes there says with
   * {@link seek} how far. Another claim may move everything into another array.
   */
  claim(length: number): Uint8Array {
    this.#grow(length)
    return this.#bytes
  }

  /** Goes on from `offset`: behind what was written into claimed room, or back, which forgets what stands from there on. */
  seek(offset: number): void {
    this.#size = offset
  }

  /** Makes room for `length` bytes and lets `write` put exactly so many at the offset it is given. */
  fill(length: number, write: (target: Uint8Array, offset: number) => void): void {
    const at = this.reserve(length)
    write(this.#bytes, at)
  }

  /** Makes room for `length` bytes to be filled in later; returns their offset. */
  reserve(length: number): number {
    this.#grow(length)
    const at = this.#size
    this.#size = at + length
    return at
  }

  patchU8(offset: number, value: number): void {
    this.#bytes[offset] = value
  }

  patchU32(offset: number, value: number): void {
    this.#bytes[offset] = value >>> 24
    this.#bytes[offset + 1] = value >>> 16
    this.#bytes[offset + 2] = value >>> 8
    this.#bytes[offset + 3] = value
  }

  /** Moves what stands from `offset` on back by `length` bytes, to make room there. */
  insert(offset: number, length: number): void {
    const end = this.#size
    this.reserve(length)
    this.#bytes.copyWithin(offset + length, offset, end)
  }

  /** Bytes that can be written before anything is copied. */
  get room(): number {
    return this.#bytes.length - this.#size
  }

  /** A view of what was written from `offset` on. It stays as it is for as long as nobody seeks behind its end. */
  since(offset: number): Uint8Array {
    return this.#bytes.subarray(offset, this.#size)
  }

  /** What was written, in an array of its own. The writer is then done. */
  finish(): Uint8Array {
    return this.#size === this.#bytes.length ? this.#bytes : this.#bytes.slice(0, this.#size)
  }

  #grow(wanted: number): void {
    const needed = this.#size + wanted
    if (needed <= this.#bytes.length) return
    const larger = new Uint8Array(Math.max(needed, this.#bytes.length * 2))
    larger.set(this.#bytes.subarray(0, this.#size))
    this.#bytes = larger
  }
}
