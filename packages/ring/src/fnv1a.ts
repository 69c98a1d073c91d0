const OFFSET_BASIS = 0x811c9dc5
const PRIME = 0x01000193

/**
 * 32-bit FNV-1a over the UTF-8 form of a string: how a key finds its place in a ring, for ever. Mimir hashes alike.
 * A lone surrogate counts as U+FFFD, as in any UTF-8 encoder.
 */
export function fnv1a32(text: string): number {
  let hash = OFFSET_BASIS
  for (let index = 0; index < text.length; index++) {
    const codeUnit = text.charCodeAt(index)
    // Nearly every key is ASCII, and a call into TextEncoder costs more than hashing a short key.
    if (codeUnit >= 0x80) return fnv1a32Bytes(utf8.encode(text))
    hash = Math.imul(hash ^ codeUnit, PRIME)
  }
  return hash >>> 0
}

/** 32-bit FNV-1a of bytes. */
export function fnv1a32Bytes(bytes: Uint8Array): number {
  let hash = OFFSET_BASIS
  for (const byte of bytes) hash = Math.imul(hash ^ byte, PRIME)
  return hash >>> 0
}

const utf8 = new TextEncoder()
