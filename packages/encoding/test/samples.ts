import {
  ByteWriter,
  DecodeError,
  type DecodeReason,
  readUvarint32,
  readUvarint53,
  readUvarint64,
  readVarint53,
  readVarintLow32,
  skipVarint,
} from '../src/index.ts'

export const utf8 = (text: string): Uint8Array => new TextEncoder().encode(text)

/** The generated input of the wire specification: length and mask. */
export function lcg(length: number, mask: number): Uint8Array {
  let x = 1
  return Uint8Array.from({ length }, () => {
    x = (Math.imul(x, 1103515245) + 12345) & 0x7fffffff
    return (x >> 16) & mask
  })
}

/** Why decoding failed: its reason, `none` if it did not fail. Any other error passes through and fails the test. */
export function reasonOf(work: () => unknown): DecodeReason | 'none' {
  try {
    work()
    return 'none'
  } catch (error) {
    if (error instanceof DecodeError) return error.reason
    throw error
  }
}

/** Bits of an LZW stream, codes given one by one with their widths: for streams that no encoder of ours makes. */
export function lzwStream(codes: Iterable<readonly [code: number, width: number]>): Uint8Array {
  const bytes: number[] = []
  let pending = 0
  let bits = 0
  for (const [code, width] of codes) {
    pending |= code << bits
    bits += width
    for (; bits >= 8; bits -= 8) {
      bytes.push(pending & 0xff)
      pending >>>= 8
    }
  }
  if (bits > 0) bytes.push(pending & 0xff)
  return Uint8Array.from(bytes)
}

/** What somebody writes. */
export const written = (write: (writer: ByteWriter) => void): Uint8Array => {
  const writer = new ByteWriter()
  write(writer)
  return writer.finish()
}

/** Every way to read a varint, by name. */
export const varintReaders = { readUvarint32, readVarintLow32, readUvarint53, readVarint53, readUvarint64, skipVarint }
