/**
 * LZW as Go's compress/lzw writes it with least-significant-bit order and eight-bit literals (wire spec 2.6): the GIF
 * flavour, without TIFF's early change. Encoder output is byte for byte Go's.
 */
import { DecodeError } from './decode-error.ts'

const CLEAR = 256
const END = 257
/** Value of `top` (last code allotted) after a Clear. */
const FIRST_TOP = 257
const MIN_WIDTH = 9
const MAX_WIDTH = 12
/** The encoder clears its dictionary instead of allotting this code. */
const ENCODER_TOP = 4095
const DICTIONARY_CODES = 4096

/** `input`, compressed. Worst case, for input without repetition: half as large again. */
export function compressLzw(input: Uint8Array): Uint8Array {
  return compressLzwWithin(input, Number.POSITIVE_INFINITY)!
}

/** As {@link compressLzw}, but gives up with `undefined` once the output is longer than `maxBytes`. */
export function compressLzwWithin(input: Uint8Array, maxBytes: number): Uint8Array | undefined {
  // At most one code of 12 bits a byte, one Clear for each 3838 codes, and the Clear and End of the frame.
  const worst = Math.ceil((input.length + Math.ceil(input.length / 3838)) * 1.5) + 8
  const output = new Uint8Array(Math.min(worst, maxBytes + 8))
  const dictionary = new EncoderDictionary(input.length)
  let out = 0
  let pending = CLEAR
  let pendingBits = MIN_WIDTH
  let width = MIN_WIDTH
  let top = FIRST_TOP
  let limit = 512
  let current = input.length > 0 ? input[0]! : END

  for (let i = 1; i <= input.length; i++) {
    const last = i === input.length
    const byte = last ? 0 : input[i]!
    if (!last && dictionary.find(current, byte)) {
      current = dictionary.code
      continue
    }
    // At most 7 + 12 bits wait, or 7 + 12 + 12 when a Clear follows: 32 bits hold them.
    pending |= current << pendingBits
    pendingBits += width
    top++
    if (top === limit) {
      width++
      limit *= 2
    }
    if (top === ENCODER_TOP) {
      while (pendingBits >= 8) {
        output[out++] = pending & 0xff
        pending >>>= 8
        pendingBits -= 8
      }
      pending |= CLEAR << pendingBits
      pendingBits += width
      width = MIN_WIDTH
      top = FIRST_TOP
      limit = 512
      dictionary.clear()
    } else if (!last) dictionary.insert(current, byte, top)
    while (pendingBits >= 8) {
      output[out++] = pending & 0xff
      pending >>>= 8
      pendingBits -= 8
    }
    if (out > maxBytes) return undefined
    current = byte
  }

  pending |= END << pendingBits
  pendingBits += width
  for (; pendingBits > 0; pendingBits -= 8) {
    output[out++] = pending & 0xff
    pending >>>= 8
  }
  return out > maxBytes ? undefined : output.slice(0, out)
}

/**
 * What `input` expands to: a view of an array that may be larger. Reads up to the End code; bytes after it are ignored.
 * Accepts streams that never clear a full dictionary and streams without an initial Clear. Throws `DecodeError`:
 * 'too-large' for more than `maxOutputBytes`, 'truncated' where the End code is missing, 'malformed' for a code that is
 * not yet defined.
 */
export function uncompressLzw(input: Uint8Array, maxOutputBytes: number): Uint8Array {
  // An entry is the previous expansion and the byte after it, which stand side by side in the output: a place and a
  // length say it all, and expanding is one forward copy.
  const places = new Uint32Array(DICTIONARY_CODES)
  const lengths = new Uint16Array(DICTIONARY_CODES)
  let output = new Uint8Array(Math.min(maxOutputBytes, Math.max(256, input.length * 4)))
  let out = 0
  let at = 0
  let pending = 0
  let pendingBits = 0
  let width = MIN_WIDTH
  let top = FIRST_TOP
  let limit = 512
  let lastPlace = -1
  let lastLength = 0

  for (;;) {
    while (pendingBits < width) {
      if (at >= input.length) throw new DecodeError('truncated', at, 'LZW stream without an End code')
      pending |= input[at++]! << pendingBits
      pendingBits += 8
    }
    const code = pending & ((1 << width) - 1)
    pending >>>= width
    pendingBits -= width

    if (code === END) return output.subarray(0, out)
    if (code === CLEAR) {
      width = MIN_WIDTH
      top = FIRST_TOP
      limit = 512
      lastPlace = -1
      continue
    }
    if (code > top) throw new DecodeError('malformed', at, `LZW code ${code} is not defined yet`)
    // The entry about to be defined may already be used: the previous expansion and its own first byte.
    const self = code === top && lastPlace >= 0
    const from = self ? lastPlace : places[code]!
    const length = code < CLEAR ? 1 : self ? lastLength + 1 : lengths[code]!
    if (out + length > output.length) output = grow(output, out, out + length, maxOutputBytes, at)
    if (code < CLEAR) output[out] = code
    else for (let i = 0; i < length; i++) output[out + i] = output[from + i]!

    if (lastPlace >= 0) {
      places[top] = lastPlace
      lengths[top] = lastLength + 1
    }
    lastPlace = out
    lastLength = length
    out += length
    top++
    if (top >= limit) {
      if (width === MAX_WIDTH) {
        lastPlace = -1
        top--
      } else {
        width++
        limit *= 2
      }
    }
  }
}

function grow(
  output: Uint8Array<ArrayBuffer>,
  used: number,
  needed: number,
  maxBytes: number,
  offset: number,
): Uint8Array<ArrayBuffer> {
  if (needed > maxBytes) throw new DecodeError('too-large', offset, `LZW output above ${maxBytes} bytes`)
  const grown = new Uint8Array(Math.min(maxBytes, Math.max(needed, output.length * 2)))
  grown.set(output.subarray(0, used))
  return grown
}

/** (prefix code, next byte) → code, by open addressing; at most half full. */
class EncoderDictionary {
  /** The code that the last successful {@link find} found. */
  code = 0
  readonly #slots: Int32Array
  readonly #mask: number

  constructor(inputBytes: number) {
    let size = 256
    while (size < inputBytes * 2 && size < DICTIONARY_CODES * 2) size *= 2
    this.#slots = new Int32Array(size)
    this.#mask = size - 1
  }

  find(prefix: number, byte: number): boolean {
    const key = (prefix << 8) | byte
    for (let slot = this.#home(key); ; slot = (slot + 1) & this.#mask) {
      const entry = this.#slots[slot]!
      // Codes begin at 258, so that no entry is 0.
      if (entry === 0) return false
      if (entry >>> 12 === key) {
        this.code = entry & 0xfff
        return true
      }
    }
  }

  insert(prefix: number, byte: number, code: number): void {
    const key = (prefix << 8) | byte
    let slot = this.#home(key)
    while (this.#slots[slot] !== 0) slot = (slot + 1) & this.#mask
    this.#slots[slot] = (key << 12) | code
  }

  clear(): void {
    this.#slots.fill(0)
  }

  #home(key: number): number {
    return (Math.imul(key, 0x9e3779b1) >>> 15) & this.#mask
  }
}
