/** The checksum around a packet (wire spec 2.5). */
import { crc32 } from 'node:zlib'
import { MessageType } from './message.ts'

/** Type byte and CRC-32. */
export const CHECKSUM_BYTES = 5

/** A packet's plaintext behind its checksum. */
export function withChecksum(message: Uint8Array): Uint8Array {
  const bytes = new Uint8Array(CHECKSUM_BYTES + message.length)
  bytes[0] = MessageType.hasCrc
  new DataView(bytes.buffer).setUint32(1, crc32(message))
  bytes.set(message, CHECKSUM_BYTES)
  return bytes
}

/** The plaintext behind a checksum; `undefined` when it does not match. */
export function checked(bytes: Uint8Array): Uint8Array | undefined {
  const message = bytes.subarray(CHECKSUM_BYTES)
  return new DataView(bytes.buffer, bytes.byteOffset).getUint32(1) === crc32(message) ? message : undefined
}
