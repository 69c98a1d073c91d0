/** Encrypted bodies (wire spec 2.4): their parts, and what is inside for whoever has a key. */
import { ENCRYPTION_OVERHEAD_BYTES, NONCE_BYTES, openBody } from '../encryption/body.ts'
import { keyFingerprint } from '../encryption/keyring.ts'
import type { Pen } from './sheet.ts'
import { bytesText } from './text.ts'

const TAG_BYTES = 16

/** Dumps version, nonce, ciphertext and tag. What is too short or of an unknown version shows how far it goes. */
export function dumpSealed(pen: Pen, start: number, end: number): void {
  const version = pen.bytes[start]
  if (start >= end) return
  if (version !== 0 && version !== 1) return pen.rest(start, end, 'unreadable', `${bytesText(end - start)}`)
  pen.entry(start, start + 1, 'encrypted', `version ${version}`).sizeBytes = end - start
  const inner = pen.deeper()
  if (end - start < ENCRYPTION_OVERHEAD_BYTES[version])
    return inner.rest(
      start + 1,
      end,
      'unreadable',
      `${bytesText(end - start)} in all, a body of version ${version} has at least ${ENCRYPTION_OVERHEAD_BYTES[version]}`,
    )
  const ciphertext = start + 1 + NONCE_BYTES
  const tag = end - TAG_BYTES
  inner.entry(start + 1, ciphertext, 'nonce')
  inner.rest(ciphertext, tag, 'ciphertext', bytesText(tag - ciphertext))
  inner.entry(tag, end, 'tag')
}

/** The plaintext of a body, and which key opened it; `undefined` when none does. */
export function openWith(
  body: Uint8Array,
  keys: readonly Uint8Array[],
  aad: Uint8Array,
): { readonly plaintext: Uint8Array; readonly by: string } | undefined {
  for (const [index, key] of keys.entries()) {
    const plaintext = openBody(body, [key], aad)
    if (plaintext === undefined) continue
    const ciphertextBytes = body.length - ENCRYPTION_OVERHEAD_BYTES[1]
    const padding = ciphertextBytes - plaintext.length
    const padded = padding > 0 ? `, ${bytesText(padding)} of padding removed` : ''
    return {
      plaintext,
      by: `${bytesText(plaintext.length)} by key ${index + 1} of ${keys.length} (sha256 ${keyFingerprint(key)}…)${padded}`,
    }
  }
  return undefined
}
