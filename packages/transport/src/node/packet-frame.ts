/**
 * dskit's packet connection (kv spec 5.2), one packet each:
 *
 * ```
 * 01 | addrLen (1) | addr (addrLen) | payload | MD5(payload) (16)      and FIN
 * ```
 *
 * `addr` is the sender's advertised `ip:port`. The payload has no length: it ends 16 bytes before the stream does.
 */

import type { Address } from '../transport.ts'
import { formatAddress, parseAddress } from './address.ts'
import { md5, md5Bytes } from './md5.ts'

/** First byte of a connection that carries one packet. */
export const packetConnection = 1
/** First byte of a connection that carries a stream (kv spec 5.3). */
export const streamConnection = 2

/** What a packet connection said. */
export type PacketFrame =
  | { readonly ok: true; readonly from: Address; readonly payload: Uint8Array }
  | {
      readonly ok: false
      readonly reason: 'frame-malformed' | 'digest-mismatch'
      readonly detail: string
      readonly from: Address | undefined
      readonly payloadBytes: number
    }

/** The bytes of a packet connection. `advertised` is at most 255 bytes of ASCII, else a RangeError. */
export function encodePacketFrame(advertised: Address, payload: Uint8Array): Uint8Array {
  if (advertised.length > 255)
    throw new RangeError(`an address of ${advertised.length} bytes does not fit into a frame`)
  const frame = new Uint8Array(2 + advertised.length + payload.length + md5Bytes)
  frame[0] = packetConnection
  frame[1] = advertised.length
  for (let i = 0; i < advertised.length; i++) frame[2 + i] = advertised.charCodeAt(i)
  frame.set(payload, 2 + advertised.length)
  frame.set(md5(payload), frame.length - md5Bytes)
  return frame
}

/** Reads a whole packet connection, first byte included. `payload` is a view of `frame`. Never throws. */
export function decodePacketFrame(frame: Uint8Array): PacketFrame {
  const addressEnd = 2 + (frame[1] ?? 0)
  if (frame[0] !== packetConnection || frame.length < addressEnd)
    return malformed('the address is missing or cut short')
  const from = decodeAddress(frame.subarray(2, addressEnd))
  const payloadEnd = frame.length - md5Bytes
  if (payloadEnd < addressEnd) return malformed('fewer than 16 bytes follow the address', from)
  const payload = frame.subarray(addressEnd, payloadEnd)
  if (from === undefined) return malformed('the address is no ip:port', undefined, payload.length)
  if (!sameBytes(md5(payload), frame.subarray(payloadEnd)))
    return {
      ok: false,
      reason: 'digest-mismatch',
      detail: `the digest of ${payload.length} bytes does not match`,
      from,
      payloadBytes: payload.length,
    }
  return { ok: true, from, payload }
}

function malformed(detail: string, from?: Address, payloadBytes = 0): PacketFrame {
  return { ok: false, reason: 'frame-malformed', detail, from, payloadBytes }
}

/** The address in canonical form: it is where answers go, and what peers are told apart by. */
function decodeAddress(bytes: Uint8Array): Address | undefined {
  const parts = parseAddress(String.fromCharCode(...bytes))
  return parts === undefined ? undefined : formatAddress(parts.ip, parts.port)
}

function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  return a.length === b.length && a.every((byte, i) => byte === b[i])
}
