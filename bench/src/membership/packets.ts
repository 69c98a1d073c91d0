/** Packets that members are sent. */
import { ByteWriter } from '@hearsay/encoding'
import { encodePacket, Keyring, sealPacket } from '@hearsay/wire'
import { aliveParts } from '../inputs.ts'
import { label } from './member.ts'

/** The key of all encrypted traffic: `benchKey` on the Go side. */
export const key = Uint8Array.from({ length: 32 }, (_, index) => index + 1)
/** Messages in each packet. */
export const PARTS = 16

/** Packets of 16 alives each, as a member sends them. */
export function packetsOf(
  count: number,
  first: number,
  encrypted: boolean,
  compression: 'lzw' | 'none' = 'lzw',
): Uint8Array[] {
  const encryption = { keyring: new Keyring(encrypted ? [key] : []), version: 1 } as const
  return Array.from({ length: count }, (_, index) => {
    const parts = aliveParts(PARTS, first + index * PARTS)
    return sealPacket(encodePacket(parts, { compression, checksum: true }), { label, encryption })
  })
}

/** One after the other, each behind its length. */
export function oneAfterTheOther(packets: readonly Uint8Array[]): Uint8Array {
  const writer = new ByteWriter(1500 * packets.length)
  for (const packet of packets) {
    writer.u16(packet.length)
    writer.bytes(packet)
  }
  return writer.finish()
}
