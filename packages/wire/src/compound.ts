/** Compounds: many messages in one packet (wire spec 2.7). */
import { ByteReader } from '@hearsay/encoding'
import { blockWith } from './block.ts'
import { MAX_COMPOUND_PARTS, MAX_PART_BYTES } from './limits.ts'
import { MessageType } from './message.ts'
import type { Part } from './part.ts'

/** Type byte and count of a compound. */
export const COMPOUND_HEADER_BYTES = 2
/** The length of one part of a compound. */
export const COMPOUND_PART_BYTES = 2

/**
 * Puts 1 to 255 parts together. Throws a `RangeError` for any other number, and for a part above 65,535 bytes. What
 * comes out is a view into a block that others share: read only.
 */
export function encodeCompound(parts: readonly Part[]): Uint8Array {
  if (parts.length === 0 || parts.length > MAX_COMPOUND_PARTS)
    throw new RangeError(`a compound has 1 to ${MAX_COMPOUND_PARTS} parts, not ${parts.length}`)
  // First all bytes, since making them writes into the same block.
  let size = COMPOUND_HEADER_BYTES + COMPOUND_PART_BYTES * parts.length
  for (const { bytes } of parts) {
    if (bytes.length > MAX_PART_BYTES) throw new RangeError(`a part of ${bytes.length} bytes must travel alone`)
    size += bytes.length
  }
  const writer = blockWith(size)
  const start = writer.size
  const target = writer.claim(size)
  target[start] = MessageType.compound
  target[start + 1] = parts.length
  let lengthAt = start + COMPOUND_HEADER_BYTES
  let at = lengthAt + COMPOUND_PART_BYTES * parts.length
  for (const { bytes } of parts) {
    target[lengthAt] = bytes.length >>> 8
    target[lengthAt + 1] = bytes.length
    lengthAt += COMPOUND_PART_BYTES
    target.set(bytes, at)
    at += bytes.length
  }
  writer.seek(at)
  return writer.since(start)
}

/** A part that is not all there: it and all later ones are lost. */
export interface MissingPart {
  readonly offset: number
  readonly detail: string
}

/**
 * Takes the compound from `start` to `end` apart: hands where each whole part begins and ends to `visit`, in order, until
 * that says false.
 * Returns what is said of the first part that is not all there. Throws `DecodeError` where the lengths are cut short.
 */
export function splitCompound(
  bytes: Uint8Array,
  start: number,
  end: number,
  visit: (start: number, end: number) => boolean,
): MissingPart | undefined {
  const reader = new ByteReader(bytes, start + 1, end)
  const count = reader.u8()
  let lengthAt = reader.offset
  reader.skip(COMPOUND_PART_BYTES * count)
  let at = reader.offset
  for (let index = 1; index <= count; index++) {
    const length = (bytes[lengthAt]! << 8) | bytes[lengthAt + 1]!
    lengthAt += COMPOUND_PART_BYTES
    if (length > end - at)
      return { offset: at, detail: `part ${index} of ${count} wants ${length} bytes, ${end - at} are left` }
    if (!visit(at, at + length)) return undefined
    at += length
  }
  return undefined
}
