/**
 * LZW as Go's compress/lzw writes it with least-significant-bit order and eight-bit literals (wire spec 2.6): the GIF
 * flavour, without TIFF's early change. Encoder output is byte for byte Go's.
 *
 * Why numbers of the format are constants of each function, and tables stand in a function that makes it: bundlers make
 * variables of a module's constants. Then engines neither know that the loops deal with small integers alone, nor that
 * the tables always stay the same, and both together take half of the speed.
 */
import { concatBytes } from './bytes.ts'
import { DecodeError } from './decode-error.ts'

const DICTIONARY_CODES = 4096
/** Slots of the encoder's dictionary: so many that hardly ever two codes want the same. */
const DICTIONARY_SLOTS = 32_768
/** From this size on, what is finished of the encoder's output is put away. */
const PIECE_BYTES = 8192

/** `input`, compressed. Worst case, for input without repetition: half as large again. */
export function compressLzw(input: Uint8Array): Uint8Array {
  return compressLzwWithin(input, Number.POSITIVE_INFINITY)!
}

/**
 * As {@link compressLzw}, but gives up with `undefined` when the output is longer than `maxBytes`, or when `sampleBytes` of the input, or
 * a few more, have not become shorter.
 */
export const compressLzwWithin = /* @__PURE__ */ makeEncoder()

/**
 * What `input` expands to: a view of an array that may be larger. Reads up to the End code; bytes after it are ignored.
 * Accepts streams that never clear a full dictionary and streams without an initial Clear. Throws `DecodeError`:
 * 'too-large' for more than `maxOutputBytes`, 'truncated' where the End code is missing, 'malformed' for a code that is
 * not yet defined.
 */
export const uncompressLzw = /* @__PURE__ */ makeDecoder()

function makeEncoder(): (input: Uint8Array, maxBytes: number, sampleBytes?: number) => Uint8Array | undefined {
  // Used by every call, and nothing of a call outlives it. (Prefix, next byte) → code by open addressing, 0 for "free"; and
  // the other way round, to see whether it is the wanted one.
  const slots = new Uint16Array(DICTIONARY_SLOTS)
  const keys = new Int32Array(DICTIONARY_CODES).fill(-1)
  const scratch = new Uint8Array(2 * PIECE_BYTES)

  return (input, maxBytes, sampleBytes = Number.POSITIVE_INFINITY) => {
    const CLEAR = 256
    const END = 257
    const MIN_WIDTH = 9
    /** Value of `top` (last code allotted) after a Clear. */
    const FIRST_TOP = 257
    /** The first code that needs a bit more than the least. */
    const FIRST_LIMIT = 512
    /** The dictionary is cleared instead of allotting this code. */
    const LAST_TOP = 4095
    const codeIn = slots
    const keyOf = keys
    const { length } = input
    const mask = slotsFor(length) - 1
    const output = scratch
    const pieces: Uint8Array[] = []
    let piecesBytes = 0
    codeIn.fill(0, 0, mask + 1)
    let out = 0
    let pending = CLEAR
    let bits = MIN_WIDTH
    let width = MIN_WIDTH
    let top = FIRST_TOP
    let limit = FIRST_LIMIT
    let prefix = length > 0 ? input[0]! : END
    let judgesAt = sampleBytes

    for (let at = 1; at < length; at++) {
      const byte = input[at]!
      const key = (prefix << 8) | byte
      let slot = ((prefix << 3) + (byte << 7) + byte) & mask
      let code = codeIn[slot]!
      // Nearly always it is there at once. No key is that of code 0.
      if (keyOf[code] === key) {
        prefix = code
        continue
      }
      while (code !== 0 && keyOf[code] !== key) {
        slot = (slot + 1) & mask
        code = codeIn[slot]!
      }
      if (code !== 0) {
        prefix = code
        continue
      }
      // At most 7 + 12 bits wait. Whole bytes leave at once: a loop with an open end is guessed wrong half of the time.
      pending |= prefix << bits
      bits += width
      output[out] = pending
      output[out + 1] = pending >>> 8
      out += bits >>> 3
      pending >>>= bits & 24
      bits &= 7
      if (at >= judgesAt) {
        if (piecesBytes + out >= at) return undefined
        judgesAt = length
      }
      top++
      if (top === limit) {
        width++
        limit *= 2
      }
      if (top === LAST_TOP) {
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
        codeIn.fill(0, 0, mask + 1)
        // Up to the next Clear there come 5,757 bytes at most: now is the time to make room.
        if (out > PIECE_BYTES) {
          pieces.push(output.slice(0, out))
          piecesBytes += out
          out = 0
          if (piecesBytes > maxBytes) return undefined
        }
      } else {
        codeIn[slot] = top
        keyOf[top] = key
      }
      prefix = byte
    }

    if (length > 0) {
      pending |= prefix << bits
      bits += width
      for (; bits >= 8; bits -= 8) {
        output[out++] = pending
        pending >>>= 8
      }
      // A decoder allots a code here too.
      top++
      if (top === limit) width++
      if (top === LAST_TOP) {
        pending |= CLEAR << bits
        bits += width
        width = MIN_WIDTH
      }
    }
    pending |= END << bits
    bits += width
    for (; bits > 0; bits -= 8) {
      output[out++] = pending
      pending >>>= 8
    }
    if (piecesBytes + out > maxBytes) return undefined
    pieces.push(output.slice(0, out))
    return pieces.length === 1 ? pieces[0] : concatBytes(pieces)
  }
}

/** Slots for so much input: few when it is short, since they are cleared each time. */
function slotsFor(inputBytes: number): number {
  let count = 512
  while (count < inputBytes * 8 && count < DICTIONARY_SLOTS) count *= 2
  return count
}

function makeDecoder(): (input: Uint8Array, maxOutputBytes: number) => Uint8Array {
  // Used by every call. An entry is the previous expansion and the byte after it, which stand side by side in the output:
  // a place and a length say it all, and expanding is one forward copy. Of an earlier stream's entries none is looked at,
  // since a code counts only once it is defined.
  const places = new Int32Array(DICTIONARY_CODES)
  const lengths = new Int32Array(DICTIONARY_CODES)

  return (input, maxOutputBytes) => {
    const CLEAR = 256
    const END = 257
    const MIN_WIDTH = 9
    const MAX_WIDTH = 12
    const FIRST_TOP = 257
    const FIRST_LIMIT = 512
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

      if (code < CLEAR) {
        if (out >= output.length) output = roomier(output, out, out + 1, maxOutputBytes, at)
        output[out] = code
        if (lastPlace >= 0) {
          placeOf[top] = lastPlace
          lengthOf[top] = lastLength + 1
        }
        lastPlace = out++
        lastLength = 1
      } else {
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
  const larger = new Uint8Array(Math.min(maxBytes, Math.max(needed, output.length * 2)))
  larger.set(output.subarray(0, used))
  return larger
}
