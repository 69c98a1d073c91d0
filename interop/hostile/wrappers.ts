/** What surrounds messages (wire spec 2, 3.3), by hand, with every lie that a caller wants to tell. */
import { createCipheriv, createDecipheriv } from 'node:crypto'
import { compressLzw } from '@hearsay/encoding'
import { cat, type Encoded, message, raw, text, u16, u32, uint } from './bytes.ts'

/** Under a label; none for an empty one. */
export const labelled = (label: string, bytes: Uint8Array): Uint8Array =>
  label === '' ? bytes : cat([0xf4, text(label).length], text(label), bytes)

/** Several messages in one; `lengths` and `count` may lie. */
export function compound(
  parts: readonly Uint8Array[],
  {
    lengths = parts.map(({ length }) => length),
    count = parts.length,
  }: { lengths?: readonly number[]; count?: number } = {},
): Uint8Array {
  return cat([7, count], ...lengths.map(u16), ...parts)
}

/** A message, compressed. */
export const compressed = (bytes: Uint8Array, algorithm: Encoded = uint(0)): Uint8Array =>
  wrapCompressed(raw(compressLzw(bytes)), algorithm)

/** The wrapper of compressed data around any value. */
export const wrapCompressed = (data: Encoded, algorithm: Encoded = uint(0)): Uint8Array =>
  message(9, { Algo: algorithm, Buf: data })

const crcTable = Uint32Array.from({ length: 256 }, (_, index) => {
  let value = index
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1
  return value
})

/** CRC-32 as in IEEE 802.3. */
export function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff
  for (const byte of bytes) value = (value >>> 8) ^ crcTable[(value ^ byte) & 0xff]!
  return (value ^ 0xffffffff) >>> 0
}

/** A message behind its checksum. */
export const checked = (bytes: Uint8Array, checksum = crc32(bytes)): Uint8Array => cat([0x0c], u32(checksum), bytes)

let nonces = 0

/** Counted, not random: a corpus must be the same bytes each time. */
function nextNonce(): Uint8Array {
  return cat(text('hostile '), u32(++nonces))
}

/** How an encrypted body is made. */
export interface SealOptions {
  readonly key: Uint8Array
  readonly aad?: Uint8Array
  readonly version?: number
  /** The plaintext is padded already. */
  readonly padded?: boolean
}

/** An encrypted body: version, nonce, ciphertext, tag. */
export function sealed(
  plaintext: Uint8Array,
  { key, aad = new Uint8Array(0), version = 1, padded = false }: SealOptions,
): Uint8Array {
  const nonce = nextNonce()
  const cipher = createCipheriv(`aes-${key.length * 8}-gcm` as 'aes-128-gcm', key, nonce)
  cipher.setAAD(aad)
  const pad = 16 - (plaintext.length % 16)
  const padding = version === 0 && !padded ? new Uint8Array(pad).fill(pad) : new Uint8Array(0)
  const ciphertext = cat(cipher.update(cat(plaintext, padding)), cipher.final())
  return cat([version], nonce, ciphertext, cipher.getAuthTag())
}

/** An encrypted stream message; `length` may lie about the body, `label` is what it is authenticated with. */
export function frame(
  plaintext: Uint8Array,
  { label = '', length, ...options }: Omit<SealOptions, 'aad'> & { label?: string; length?: number },
): Uint8Array {
  const { version = 1, padded = false } = options
  const padding = version === 0 && !padded ? 16 - (plaintext.length % 16) : 0
  const header = cat([0x0a], u32(length ?? 29 + plaintext.length + padding))
  return cat(header, sealed(plaintext, { ...options, aad: cat(header, text(label)) }))
}

/** The plaintext of an encrypted body, or `undefined`. Padding is taken off as Go does. */
export function unsealed(body: Uint8Array, key: Uint8Array, aad: Uint8Array): Uint8Array | undefined {
  if (body.length < (body[0] === 0 ? 45 : 29) || body[0]! > 1) return undefined
  const decipher = createDecipheriv(`aes-${key.length * 8}-gcm` as 'aes-128-gcm', key, body.subarray(1, 13))
  decipher.setAAD(aad)
  decipher.setAuthTag(body.subarray(body.length - 16))
  try {
    const plaintext = cat(decipher.update(body.subarray(13, body.length - 16)), decipher.final())
    return body[0] === 1 ? plaintext : plaintext.subarray(0, Math.max(0, plaintext.length - (plaintext.at(-1) ?? 0)))
  } catch {
    return undefined
  }
}
