/** An encrypted body (wire spec 2.4): version ‖ nonce ‖ ciphertext ‖ tag, by AES in Galois/counter mode. */
import { type CipherGCMTypes, createCipheriv, createDecipheriv } from 'node:crypto'
import { plainBytes } from '../plain-bytes.ts'

/** 0 pads its plaintext to blocks of 16 bytes, 1 does not. Everybody reads both. */
export type EncryptionVersion = 0 | 1

const NONCE_OFFSET = 1
/** Size of a nonce. */
export const NONCE_BYTES = 12
const CIPHERTEXT_OFFSET = NONCE_OFFSET + NONCE_BYTES
const TAG_BYTES = 16
const BLOCK_BYTES = 16

/** What a version adds to its plaintext at most, which is also the size of its smallest body. */
export const ENCRYPTION_OVERHEAD_BYTES: Readonly<Record<EncryptionVersion, number>> = {
  0: CIPHERTEXT_OFFSET + BLOCK_BYTES + TAG_BYTES,
  1: CIPHERTEXT_OFFSET + TAG_BYTES,
}

/** Size of a body around so many bytes of plaintext. */
export const bodySize = (plaintextBytes: number, version: EncryptionVersion): number =>
  CIPHERTEXT_OFFSET + plaintextBytes + (version === 0 ? paddingFor(plaintextBytes) : 0) + TAG_BYTES

/** Encrypts. `aad` is authenticated beside it. A nonce must never be used twice with one key. */
export function sealBody(
  plaintext: Uint8Array,
  key: Uint8Array,
  aad: Uint8Array,
  version: EncryptionVersion,
  nonce: Uint8Array,
): Uint8Array {
  const body = new Uint8Array(bodySize(plaintext.length, version))
  sealInto(body, plaintext, key, aad, version, nonce)
  return body
}

/** As {@link sealBody}, to the end of `target`, which has exactly {@link bodySize} bytes left there. */
export function sealInto(
  target: Uint8Array,
  plaintext: Uint8Array,
  key: Uint8Array,
  aad: Uint8Array,
  version: EncryptionVersion,
  nonce: Uint8Array,
): void {
  const start = target.length - bodySize(plaintext.length, version)
  const cipher = createCipheriv(algorithmFor(key), key, nonce)
  cipher.setAAD(aad)
  target[start] = version
  target.set(nonce, start + NONCE_OFFSET)
  target.set(cipher.update(plaintext), start + CIPHERTEXT_OFFSET)
  if (version === 0) target.set(cipher.update(padding(plaintext.length)), start + CIPHERTEXT_OFFSET + plaintext.length)
  cipher.final()
  target.set(cipher.getAuthTag(), target.length - TAG_BYTES)
}

/**
 * Decrypts with the one of `keys` that authenticates the body. `undefined` when there is none, or when the body is too
 * short, of an unknown version, or padded beyond its own length (where Go crashes).
 */
export function openBody(body: Uint8Array, keys: readonly Uint8Array[], aad: Uint8Array): Uint8Array | undefined {
  const version = body[0]
  if (version !== 0 && version !== 1) return undefined
  if (body.length < ENCRYPTION_OVERHEAD_BYTES[version]) return undefined
  // No body is authenticated by two keys, so the order decides nothing but the time, and a key that does not match costs
  // twice as much as one that does.
  const first = keys.length > 1 && lastMatch && keys.includes(lastMatch) ? lastMatch : undefined
  let plaintext = first && decrypt(body, first, aad)
  for (let index = 0; plaintext === undefined && index < keys.length; index++) {
    const key = keys[index]!
    if (key === first) continue
    plaintext = decrypt(body, key, aad)
    if (plaintext) lastMatch = key
  }
  return plaintext && version === 0 ? unpadded(plaintext) : plaintext
}

/** What opened the last body that more than one key could have opened: members use one key most of the time. */
let lastMatch: Uint8Array | undefined

function decrypt(body: Uint8Array, key: Uint8Array, aad: Uint8Array): Uint8Array | undefined {
  const tagAt = body.length - TAG_BYTES
  const decipher = createDecipheriv(algorithmFor(key), key, body.subarray(NONCE_OFFSET, CIPHERTEXT_OFFSET), {
    authTagLength: TAG_BYTES,
  })
  decipher.setAAD(aad)
  decipher.setAuthTag(body.subarray(tagAt))
  const plaintext = decipher.update(body.subarray(CIPHERTEXT_OFFSET, tagAt))
  try {
    decipher.final()
  } catch {
    // The tag does not match: another key, another label, or not what was sent.
    return undefined
  }
  return plainBytes(plaintext)
}

/** The last byte says how many to take off; like Go, nothing else about the padding is checked. */
function unpadded(plaintext: Uint8Array): Uint8Array | undefined {
  const count = plaintext[plaintext.length - 1] ?? 0
  return count > plaintext.length ? undefined : plaintext.subarray(0, plaintext.length - count)
}

const paddingFor = (sizeBytes: number): number => BLOCK_BYTES - (sizeBytes % BLOCK_BYTES)

function padding(sizeBytes: number): Uint8Array {
  const count = paddingFor(sizeBytes)
  return new Uint8Array(count).fill(count)
}

const algorithmFor = (key: Uint8Array): CipherGCMTypes => `aes-${8 * key.length}-gcm` as CipherGCMTypes
