/** What dskit's TCP transport puts around packets and streams (wire spec, Appendix C; kv spec 5). */
import { createHash } from 'node:crypto'
import { decodeText, equalBytes, toHex } from '@hearsay/encoding'
import { parseAddress } from '../address.ts'
import type { Pen } from './sheet.ts'
import { quotedBytes } from './text.ts'

const PACKET_CONNECTION = 1
const STREAM_CONNECTION = 2
const DIGEST_BYTES = 16

/** Dumps a packet connection; `inside` dumps the packet itself, from start to end. */
export function dumpPacketFrame(pen: Pen, inside: (start: number, end: number) => void): void {
  const { bytes } = pen
  if (!isConnection(pen, PACKET_CONNECTION, 'packet')) return
  const addressEnd = 2 + (bytes[1] ?? 0)
  if (bytes.length < addressEnd) return malformed(pen, 1, 'the address is missing or cut short')
  const from = bytes.subarray(2, addressEnd)
  pen.entry(1, addressEnd, 'from', quotedBytes(from))
  if (parseAddress(decodeText(from)) === undefined) pen.problem('frame-malformed', 1, 'the address is no ip:port')
  const payloadEnd = bytes.length - DIGEST_BYTES
  if (payloadEnd < addressEnd) return malformed(pen, addressEnd, `fewer than ${DIGEST_BYTES} bytes follow the address`)
  inside(addressEnd, payloadEnd)
  const stated = bytes.subarray(payloadEnd)
  const computed = md5(bytes.subarray(addressEnd, payloadEnd))
  if (computed === undefined) pen.entry(payloadEnd, bytes.length, 'MD5', `${toHex(stated)}, not checked`)
  else if (equalBytes(stated, computed)) pen.entry(payloadEnd, bytes.length, 'MD5', `${toHex(stated)}, correct`)
  else {
    pen.entry(payloadEnd, bytes.length, 'MD5', `${toHex(stated)}, computed ${toHex(computed)}`)
    pen.problem('digest-mismatch', payloadEnd, `the digest of ${payloadEnd - addressEnd} bytes does not match`)
  }
}

/** Dumps the first byte of a stream connection. False when it is another. */
export const dumpStreamFrame = (pen: Pen): boolean => isConnection(pen, STREAM_CONNECTION, 'stream')

function isConnection(pen: Pen, wanted: number, name: string): boolean {
  const type = pen.bytes[0]
  if (type === wanted) {
    pen.entry(0, 1, 'connection', name)
    return true
  }
  malformed(
    pen,
    0,
    type === undefined ? 'an empty connection' : `a ${name} connection begins with ${wanted}, not ${type}`,
  )
  return false
}

function malformed(pen: Pen, offset: number, detail: string): void {
  pen.problem('frame-malformed', offset, detail)
  pen.rest(offset, pen.bytes.length, 'unreadable', detail)
}

/** `undefined` where the system has no MD5, as with OpenSSL in FIPS mode. */
function md5(bytes: Uint8Array): Uint8Array | undefined {
  try {
    return createHash('md5').update(bytes).digest()
  } catch {
    return undefined
  }
}
