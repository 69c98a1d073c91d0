/**
 * MD5 (RFC 1321), the digest at the end of dskit's packets. It guards against truncation, not against an enemy.
 */

import { createHash } from 'node:crypto'

/** Length of a digest. */
export const md5Bytes = 16

/** The 16-byte digest of `bytes`. Uses the system's where it has one; OpenSSL in FIPS mode has none. */
export function md5(bytes: Uint8Array): Uint8Array {
  return systemHasMd5() ? createHash('md5').update(bytes).digest() : portableMd5(bytes)
}

let probed: boolean | undefined

function systemHasMd5(): boolean {
  if (probed === undefined) {
    try {
      createHash('md5')
      probed = true
    } catch {
      probed = false
    }
  }
  return probed
}

/** The same digest without help from the system. */
export function portableMd5(bytes: Uint8Array): Uint8Array {
  const state = new Int32Array([0x67452301, 0xefcdab89, 0x98badcfe, 0x10325476])
  const whole = bytes.length - (bytes.length % 64)
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  for (let offset = 0; offset < whole; offset += 64) mixBlock(state, view, offset)
  const tail = paddedTail(bytes, whole)
  for (let offset = 0; offset < tail.byteLength; offset += 64) mixBlock(state, tail, offset)
  const digest = new DataView(new ArrayBuffer(md5Bytes))
  for (let word = 0; word < 4; word++) digest.setInt32(word * 4, state[word] ?? 0, true)
  return new Uint8Array(digest.buffer)
}

/** What does not fill a block, then a one bit, zeros, and the length in bits (RFC 1321 3.1, 3.2). */
function paddedTail(bytes: Uint8Array, whole: number): DataView {
  const rest = bytes.length - whole
  const padded = new Uint8Array(rest < 56 ? 64 : 128)
  padded.set(bytes.subarray(whole))
  padded[rest] = 0x80
  const view = new DataView(padded.buffer)
  view.setUint32(padded.length - 8, (bytes.length << 3) >>> 0, true)
  view.setUint32(padded.length - 4, Math.floor(bytes.length / 2 ** 29), true)
  return view
}

/** Step constants: the integer part of 2^32 · |sin(i + 1)| (RFC 1321 3.4). */
const sines = Int32Array.from({ length: 64 }, (_, i) => Math.floor(Math.abs(Math.sin(i + 1)) * 2 ** 32) | 0)

/** Rotations of the four rounds. */
const shifts = [
  [7, 12, 17, 22],
  [5, 9, 14, 20],
  [4, 11, 16, 23],
  [6, 10, 15, 21],
] as const

function mixBlock(state: Int32Array, block: DataView, offset: number): void {
  let [a = 0, b = 0, c = 0, d = 0] = state
  for (let step = 0; step < 64; step++) {
    const round = step >> 4
    const [mixed, word] =
      round === 0
        ? [(b & c) | (~b & d), step]
        : round === 1
          ? [(b & d) | (c & ~d), (5 * step + 1) & 15]
          : round === 2
            ? [b ^ c ^ d, (3 * step + 5) & 15]
            : [c ^ (b | ~d), (7 * step) & 15]
    const sum = (a + mixed + (sines[step] ?? 0) + block.getInt32(offset + word * 4, true)) | 0
    const shift = shifts[round]?.[step & 3] ?? 0
    a = d
    d = c
    c = b
    b = (b + ((sum << shift) | (sum >>> (32 - shift)))) | 0
  }
  state[0] = (state[0] ?? 0) + a
  state[1] = (state[1] ?? 0) + b
  state[2] = (state[2] ?? 0) + c
  state[3] = (state[3] ?? 0) + d
}
