/** The only place of this package that touches chance. */
import { randomFillSync } from 'node:crypto'
import { NONCE_BYTES } from './body.ts'

/** Random bytes are fetched for so many nonces at once: a call for each would cost as much as the encryption. */
const POOLED_NONCES = 256
const pool = new Uint8Array(NONCE_BYTES * POOLED_NONCES)
let offset = pool.length

/** A nonce that was never given out before. */
export function freshNonce(): Uint8Array {
  if (offset === pool.length) {
    randomFillSync(pool)
    offset = 0
  }
  // A copy: the pool is filled again while a message may still hold its nonce.
  const nonce = pool.slice(offset, offset + NONCE_BYTES)
  offset += NONCE_BYTES
  return nonce
}
