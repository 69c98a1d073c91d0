/**
 * Copies of a few bytes, which snappy consists of. Words by way of a view, since a loop over bytes takes four times as long,
 * and a call of `set` or `copyWithin` as long as fifty bytes one by one.
 */

/** What is copied at once, as four words. */
const CHUNK_BYTES = 16
/** Above this a call of `set` costs less than copying chunks. */
const LONG_BYTES = 64

/** The same bytes, to be read and written in words. */
export function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
}

/** Copies from one array to another. Where both arrays go on for long enough, by whole chunks: what they bring too much is overwritten. */
export function copyLiteral(
  source: Uint8Array,
  from: DataView,
  start: number,
  target: Uint8Array,
  to: DataView,
  targetStart: number,
  length: number,
): void {
  const room = Math.min(source.length - start, target.length - targetStart)
  if (length > LONG_BYTES) target.set(source.subarray(start, start + length), targetStart)
  else if (length + CHUNK_BYTES <= room) {
    // The first chunk is all of most of them.
    copyChunk(from, start, to, targetStart)
    for (let index = CHUNK_BYTES; index < length; index += CHUNK_BYTES)
      copyChunk(from, start + index, to, targetStart + index)
  } else for (let index = 0; index < length; index++) target[targetStart + index] = source[start + index]!
}

/** Copies within the output, forwards, since both places may overlap. By whole chunks where no word of one is both. */
export function repeat(bytes: Uint8Array, view: DataView, start: number, targetStart: number, length: number): void {
  if (targetStart - start >= 4 && targetStart + length + CHUNK_BYTES <= bytes.length) {
    copyChunk(view, start, view, targetStart)
    for (let index = CHUNK_BYTES; index < length; index += CHUNK_BYTES)
      copyChunk(view, start + index, view, targetStart + index)
  } else for (let index = 0; index < length; index++) bytes[targetStart + index] = bytes[start + index]!
}

/** Copies {@link CHUNK_BYTES}, a word after the other. */
function copyChunk(from: DataView, start: number, to: DataView, targetStart: number): void {
  to.setInt32(targetStart, from.getInt32(start, true), true)
  to.setInt32(targetStart + 4, from.getInt32(start + 4, true), true)
  to.setInt32(targetStart + 8, from.getInt32(start + 8, true), true)
  to.setInt32(targetStart + 12, from.getInt32(start + 12, true), true)
}
