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
/** The first code that needs a bit more than {@link MIN_WIDTH}. */
const FIRST_LIMIT = 512
const MAX_WIDTH = 12
/** The encoder clears its dictionary instead of allotting this code. */
const ENCODER_TOP = 4095
const DICTIONARY_CODES = 4096
/** No byte is. */
const NO_BYTE = 256

// What the encoder works with, made once: nothing of a call outlives it. (Prefix code, next byte) → code by open
// addressing, in so many slots that hardly ever two meet, and the other way round to see whether a code is the wanted one.
const SLOTS = 32_768
const slots = new Uint16Array(SLOTS)
const keys = new Int32Array(DICTIONARY_CODES).fill(-1)
/** Where output is collected; what needs more moves into arrays of its own. */
const scratch = new Uint8Array(16_384)

/** `input`, compressed. Worst case, for input without repetition: half as large again. */
export function compressLzw(input: Uint8Array): Uint8Array {
  return compressLzwWithin(input, Number.POSITIVE_INFINITY)!
}

/** As {@link compressLzw}, but gives up with `undefined` once the output is longer than `maxBytes`. */
export function compressLzwWithin(input: Uint8Array, maxBytes: number): Uint8Array | undefined {
  const { length } = input
  const codeAt = slots
  const keyOf = keys
  const mask = slotsFor(length) - 1
  codeAt.fill(0, 0, mask + 1)
  let output = scratch
  let out = 0
  let pending = CLEAR
  let bits = MIN_WIDTH
  let width = MIN_WIDTH
  let top = FIRST_TOP
  let limit = FIRST_LIMIT
  let prefix = length > 0 ? input[0]! : END

  for (let at = 1; at <= length; at++) {
    // Behind the end comes a byte that nothing was ever followed by.
    const byte = at < length ? input[at]! : NO_BYTE
    const key = (prefix << 9) | byte
    let slot = ((prefix << 3) + (byte << 7) + byte) & mask
    let code = codeAt[slot]!
    if (keyOf[code] === key) {
      prefix = code
      continue
    }
    // Slots hold 0 for "free", and no key is that of code 0.
    while (code !== 0 && keyOf[code] !== key) {
      slot = (slot + 1) & mask
      code = codeAt[slot]!
    }
    if (code !== 0) {
      prefix = code
      continue
    }
    // Two codes at most, each with at most 7 bits before it: whole bytes leave at once, without a loop whose end is open.
    if (out + 8 > output.length) output = grown(output, out, output.length * 2)
    pending |= prefix << bits
    bits += width
    output[out] = pending
    output[out + 1] = pending >>> 8
    out += bits >>> 3
    pending >>>= bits & 24
    bits &= 7
    top++
    if (top === limit) {
      width++
      limit *= 2
    }
    if (top === ENCODER_TOP) {
      pending |= CLEAR << bits
      bits += width
      output[out] = pending
      output[out + 1] = pending >>> 8
      out += bits >>> 3
      pending >>>= bits & 24
      bits &= 7
      width = MIN_WIDTH
      top = FIRST_TOP
      limit = FIRST_LIMIT
      codeAt.fill(0, 0, mask + 1)
    } else {
      codeAt[slot] = top
      keyOf[top] = key
    }
    if (out > maxBytes) return undefined
    prefix = byte
  }

  pending |= END << bits
  bits += width
  if (out + 4 > output.length) output = grown(output, out, out + 4)
  for (; bits > 0; bits -= 8) {
    output[out++] = pending
    pending >>>= 8
  }
  return out > maxBytes ? undefined : output.slice(0, out)
}

/** Few for short input, since they are cleared each time. */
function slotsFor(inputBytes: number): number {
  let count = 512
  while (count < inputBytes * 8 && count < SLOTS) count *= 2
  return count
}

function grown(output: Uint8Array<ArrayBuffer>, used: number, sizeBytes: number): Uint8Array<ArrayBuffer> {
  const larger = new Uint8Array(sizeBytes)
  larger.set(output.subarray(0, used))
  return larger
}

// What the decoder knows of each code: an entry is the previous expansion and the byte after it, which stand side by side
// in the output, so a place and a length say it all, and expanding is one forward copy. Of an earlier stream's entries
// none is looked at: a code counts only once it is defined.
const places = new Int32Array(DICTIONARY_CODES)
const lengths = new Int32Array(DICTIONARY_CODES)

/**
 * What `input` expands to: a view of an array that may be larger. Reads up to the End code; bytes after it are ignored.
 * Accepts streams that never clear a full dictionary and streams without an initial Clear. Throws `DecodeError`:
 * 'too-large' for more than `maxOutputBytes`, 'truncated' where the End code is missing, 'malformed' for a code that is
 * not yet defined.
 */
export function uncompressLzw(input: Uint8Array, maxOutputBytes: number): Uint8Array {
  const placeOf = places
  const lengthOf = lengths
  let output = new Uint8Array(Math.min(maxOutputBytes, Math.max(256, input.length * 4)))
  let out = 0
  let at = 0
  let pending = 0
  let bits = 0
  let width = MIN_WIDTH
  let top = FIRST_TOP
  let limit = FIRST_LIMIT
  /** The expansion before this one; negative when there is none that an entry could be made of. */
  let lastPlace = -1
  let lastLength = 0

  for (;;) {
    if (bits < width && at + 1 < input.length) {
      pending |= (input[at]! | (input[at + 1]! << 8)) << bits
      at += 2
      bits += 16
    }
    while (bits < width) {
      if (at >= input.length) throw new DecodeError('truncated', at, 'LZW stream without an End code')
      pending |= input[at++]! << bits
      bits += 8
    }
    const code = pending & ((1 << width) - 1)
    pending >>>= width
    bits -= width

    if (code === END) return output.subarray(0, out)
    if (code === CLEAR) {
      width = MIN_WIDTH
      top = FIRST_TOP
      limit = FIRST_LIMIT
      lastPlace = -1
      continue
    }
    if (code > top) throw new DecodeError('malformed', at, `LZW code ${code} is not defined yet`)
    // First the entry that is due: it may be the one that is used.
    if (lastPlace >= 0) {
      placeOf[top] = lastPlace
      lengthOf[top] = lastLength + 1
    }
    lastPlace = out
    if (code < CLEAR) {
      lastLength = 1
      out++
      if (out > output.length) output = roomier(output, lastPlace, out, maxOutputBytes, at)
      output[lastPlace] = code
    } else {
      lastLength = lengthOf[code]!
      out += lastLength
      if (out > output.length) output = roomier(output, lastPlace, out, maxOutputBytes, at)
      repeat(output, placeOf[code]!, lastPlace, out)
    }
    top++
    if (top < limit) continue
    if (width === MAX_WIDTH) {
      lastPlace = -1
      top--
    } else {
      width++
      limit *= 2
    }
  }
}

/** Copies what begins at `from` to `start`, up to `end`, where both may overlap: forwards. */
function repeat(bytes: Uint8Array, from: number, start: number, end: number): void {
  let source = from
  let target = start
  // Four at a time, even if that is more than is wanted: it will be overwritten.
  if (end + 3 <= bytes.length)
    for (; target < end; target += 4) {
      bytes[target] = bytes[source]!
      bytes[target + 1] = bytes[source + 1]!
      bytes[target + 2] = bytes[source + 2]!
      bytes[target + 3] = bytes[source + 3]!
      source += 4
    }
  else for (; target < end; target++) bytes[target] = bytes[source++]!
}

function roomier(
  output: Uint8Array<ArrayBuffer>,
  used: number,
  needed: number,
  maxBytes: number,
  offset: number,
): Uint8Array<ArrayBuffer> {
  if (needed > maxBytes) throw new DecodeError('too-large', offset, `LZW output above ${maxBytes} bytes`)
  return grown(output, used, Math.min(maxBytes, Math.max(needed, output.length * 2)))
}
