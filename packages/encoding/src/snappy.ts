/**
 * Snappy's block format (ring spec 1.6): the uncompressed size as a varint, then literals and copies. Not the framed
 * stream format.
 *
 * The encoder follows the reference algorithm (64 KiB blocks, a hash table of four-byte sequences, skipping faster
 * where nothing matches), so its output is what C++ and Go peers would send, copies included.
 */
import { ByteReader } from './byte-reader.ts'
import { concatBytes } from './bytes.ts'
import { copyLiteral, repeat, viewOf } from './chunk-copies.ts'
import { DecodeError } from './decode-error.ts'
import { readUvarint32, uvarintSize } from './varint.ts'

/** Copies look back no further than this, so that an offset fits two bytes. */
const BLOCK_BYTES = 65_536
/** The last bytes of a block are always a literal: a four-byte look-ahead needs no check there. */
const INPUT_MARGIN_BYTES = 15
const MAX_TABLE_BITS = 14
const MIN_TABLE_BITS = 8

// Used by every call, and nothing of a call outlives it: offsets within a block, by the hash of the four bytes there; and
// where the elements of a block are written.
const offsets = new Uint16Array(1 << MAX_TABLE_BITS)
const elements = new Uint8Array(maxElementsSize(BLOCK_BYTES))
const elementsView = viewOf(elements)

/** A snappy block of `input`. No input becomes the single byte 0. */
export function compressSnappy(input: Uint8Array): Uint8Array {
  const view = viewOf(input)
  const header = new Uint8Array(uvarintSize(input.length))
  writeHeader(header, input.length)
  const pieces = [header]
  for (let start = 0; start < input.length; start += BLOCK_BYTES) {
    const end = Math.min(start + BLOCK_BYTES, input.length)
    pieces.push(elements.slice(0, compressBlock(input, view, start, end, elements, elementsView)))
  }
  return concatBytes(pieces)
}

/** The size a block says it expands to. Throws `DecodeError` when it does not say. */
export function snappyUncompressedSize(block: Uint8Array): number {
  return readUvarint32(new ByteReader(block))
}

/**
 * The bytes behind a block, in an array of their own. Throws `DecodeError`: 'too-large' when the announced size is above
 * `maxOutputBytes`, before anything is allocated; 'malformed' or 'truncated' for a damaged block.
 */
export function uncompressSnappy(block: Uint8Array, maxOutputBytes: number): Uint8Array {
  const reader = new ByteReader(block)
  const size = readUvarint32(reader)
  if (size > maxOutputBytes) reader.fail('too-large', `${size} bytes announced, ${maxOutputBytes} allowed`, 0)
  // An element of three bytes yields at most 64: a longer promise cannot be kept, so it allocates nothing.
  if (size > Math.ceil(reader.remaining / 2) * 64)
    reader.fail('malformed', `${size} bytes cannot come out of ${reader.remaining}`, 0)
  const output = new Uint8Array(size)
  uncompressBody(block, reader.offset, output)
  return output
}

function uncompressBody(block: Uint8Array, start: number, output: Uint8Array): void {
  const from = viewOf(block)
  const to = viewOf(output)
  let at = start
  let out = 0
  while (at < block.length) {
    const tagAt = at
    const tag = block[at++]!
    if ((tag & 3) === 0) {
      let length = (tag >> 2) + 1
      if (length > 60) {
        const extra = length - 60
        length = littleEndian(block, at, extra) + 1
        at += extra
      }
      if (length > block.length - at) throw new DecodeError('truncated', tagAt, 'literal beyond the end of the block')
      if (length > output.length - out) throw new DecodeError('malformed', tagAt, 'more bytes than announced')
      copyLiteral(block, from, at, output, to, out, length)
      at += length
      out += length
      continue
    }
    let length = 1 + (tag >> 2)
    let offset: number
    if ((tag & 3) === 2) {
      if (block.length - at < 2) throw new DecodeError('truncated', at, 'element cut short')
      offset = block[at]! | (block[at + 1]! << 8)
      at += 2
    } else if ((tag & 3) === 1) {
      length = 4 + ((tag >> 2) & 7)
      if (at >= block.length) throw new DecodeError('truncated', at, 'element cut short')
      offset = ((tag >> 5) << 8) | block[at++]!
    } else {
      offset = littleEndian(block, at, 4)
      at += 4
    }
    if (offset === 0 || offset > out) throw new DecodeError('malformed', tagAt, 'copy from before the output')
    if (length > output.length - out) throw new DecodeError('malformed', tagAt, 'more bytes than announced')
    repeat(output, to, out - offset, out, length)
    out += length
  }
  if (out !== output.length) throw new DecodeError('truncated', at, 'fewer bytes than announced')
}

function littleEndian(block: Uint8Array, at: number, width: number): number {
  if (width > block.length - at) throw new DecodeError('truncated', at, 'element cut short')
  let value = 0
  for (let i = width - 1; i >= 0; i--) value = value * 256 + block[at + i]!
  return value
}

/** Writes the elements of one block into an output of their own and returns where they end. */
function compressBlock(
  input: Uint8Array,
  view: DataView,
  start: number,
  end: number,
  output: Uint8Array,
  outputView: DataView,
): number {
  let out = 0
  let literalFrom = start
  if (end - start > INPUT_MARGIN_BYTES + 1) {
    const table = offsets
    const bits = tableBits(end - start)
    const shift = 32 - bits
    // 0 is "none yet": candidates are compared before they are believed.
    table.fill(0, 0, 1 << bits)
    const limit = end - INPUT_MARGIN_BYTES
    let at = start + 1
    let nextHash = hash(view.getUint32(at, true), shift)
    for (;;) {
      // Each 32 misses in a row widen the stride by one, so that incompressible input is passed quickly.
      let misses = 32
      let candidate: number
      let next = at
      do {
        at = next
        const stride = misses >> 5
        next = at + stride
        misses += stride
        if (next > limit) return emitLiteral(input, view, literalFrom, end, output, outputView, out)
        candidate = start + table[nextHash]!
        table[nextHash] = at - start
        nextHash = hash(view.getUint32(next, true), shift)
      } while (view.getUint32(at, true) !== view.getUint32(candidate, true))

      out = emitLiteral(input, view, literalFrom, at, output, outputView, out)
      for (;;) {
        const base = at
        at = matchEnd(input, view, candidate + 4, at + 4, end)
        out = emitCopy(output, out, base - candidate, at - base)
        literalFrom = at
        if (at >= limit)
          return literalFrom < end ? emitLiteral(input, view, literalFrom, end, output, outputView, out) : out
        table[hash(view.getUint32(at - 1, true), shift)] = at - 1 - start
        const current = view.getUint32(at, true)
        const slot = hash(current, shift)
        candidate = start + table[slot]!
        table[slot] = at - start
        if (current !== view.getUint32(candidate, true)) break
      }
      at += 1
      nextHash = hash(view.getUint32(at, true), shift)
    }
  }
  return emitLiteral(input, view, literalFrom, end, output, outputView, out)
}

/** Where what begins at `at` and at an earlier place stops being the same, at `end` at the latest. */
function matchEnd(input: Uint8Array, view: DataView, earlier: number, at: number, end: number): number {
  let from = earlier
  let to = at
  for (; to + 4 <= end; to += 4) {
    const difference = view.getInt32(from, true) ^ view.getInt32(to, true)
    // The lowest bit that differs is in the first byte that does.
    if (difference !== 0) return to + ((31 - Math.clz32(difference & -difference)) >> 3)
    from += 4
  }
  for (; to < end && input[from] === input[to]; to++) from++
  return to
}

function emitLiteral(
  input: Uint8Array,
  view: DataView,
  from: number,
  to: number,
  output: Uint8Array,
  outputView: DataView,
  outputAt: number,
): number {
  let out = outputAt
  const length = to - from
  const count = length - 1
  if (count < 60) output[out++] = count << 2
  else if (count < 0x100) {
    output[out++] = 60 << 2
    output[out++] = count
  } else {
    // A block has at most 65,536 bytes, so two length bytes always do.
    output[out++] = 61 << 2
    output[out++] = count & 0xff
    output[out++] = count >> 8
  }
  copyLiteral(input, view, from, output, outputView, out, length)
  return out + length
}

function emitCopy(output: Uint8Array, outputAt: number, offset: number, copyLength: number): number {
  let out = outputAt
  let length = copyLength
  // Long matches are cut into 64s, the last cut leaving at least 4, the least that a two-byte copy can hold.
  while (length >= 68) {
    out = emitWideCopy(output, out, offset, 64)
    length -= 64
  }
  if (length > 64) {
    out = emitWideCopy(output, out, offset, 60)
    length -= 60
  }
  if (length >= 12 || offset >= 2048) return emitWideCopy(output, out, offset, length)
  output[out++] = ((offset >> 8) << 5) | ((length - 4) << 2) | 1
  output[out++] = offset & 0xff
  return out
}

function emitWideCopy(output: Uint8Array, outputAt: number, offset: number, length: number): number {
  output[outputAt] = ((length - 1) << 2) | 2
  output[outputAt + 1] = offset & 0xff
  output[outputAt + 2] = offset >> 8
  return outputAt + 3
}

function writeHeader(output: Uint8Array, size: number): number {
  let at = 0
  let rest = size
  while (rest >= 0x80) {
    output[at++] = (rest % 128) | 0x80
    rest = Math.floor(rest / 128)
  }
  output[at++] = rest
  return at
}

function hash(word: number, shift: number): number {
  return Math.imul(word, 0x1e35a7bd) >>> shift
}

function tableBits(blockBytes: number): number {
  let bits = MIN_TABLE_BITS
  while (bits < MAX_TABLE_BITS && 1 << bits < blockBytes) bits++
  return bits
}

/** No element sequence that the encoder emits is longer: a copy is never longer than what it replaces, plus a literal's header. */
function maxElementsSize(inputBytes: number): number {
  return 32 + inputBytes + Math.ceil(inputBytes / 6)
}
