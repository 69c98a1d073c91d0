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

/** Whether a packet is what its checksum says. It must have {@link CHECKSUM_BYTES} at least. */
export function isIntact(packet: Uint8Array): boolean {
  const stated = ((packet[1]! << 24) | (packet[2]! << 16) | (packet[3]! << 8) | packet[4]!) >>> 0
  return stated === crc32(packet.subarray(CHECKSUM_BYTES))
}
