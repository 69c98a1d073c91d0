/** Chance, by name: one generator for each list of labels, so that a draw in one place changes nothing elsewhere. */

/** Rounds after which the state no longer shows its seed. */
const WARM_UP_ROUNDS = 12

/** Numbers from 0 to below 1 in steps of 2^-32, the same for the same labels (sfc32 of PractRand, seeded by a hash). */
export function labelled(...labels: readonly (string | number)[]): () => number {
  const [a, b, c, d] = hash128(labels.map((label) => `${typeof label === 'number' ? '#' : '$'}${label}`).join('\u0000'))
  const random = sfc32(a, b, c, d)
  for (let round = 0; round < WARM_UP_ROUNDS; round++) random()
  return random
}

/** The state is kept in 31-bit integers that the engine needs no memory for. */
function sfc32(a: number, b: number, c: number, d: number): () => number {
  return () => {
    const sum = (((a + b) | 0) + d) | 0
    d = (d + 1) | 0
    a = b ^ (b >>> 9)
    b = (c + (c << 3)) | 0
    c = (c << 21) | (c >>> 11)
    c = (c + sum) | 0
    return (sum >>> 0) / 2 ** 32
  }
}

/** Four words that depend on every letter: multiply and fold, each lane stirred by its neighbour. */
function hash128(text: string): [number, number, number, number] {
  let a = 0x243f6a88
  let b = 0x85a308d3 | 0
  let c = 0x13198a2e
  let d = 0x03707344
  for (let at = 0; at < text.length; at++) {
    const letter = text.charCodeAt(at)
    a = b ^ Math.imul(a ^ letter, 0x239b961b)
    b = c ^ Math.imul(b ^ letter, 0xab0e9789)
    c = d ^ Math.imul(c ^ letter, 0x38b34ae5)
    d = a ^ Math.imul(d ^ letter, 0xa1e38b93)
  }
  return [fold(a ^ (c >>> 18)), fold(b ^ (d >>> 22)), fold(c ^ (a >>> 17)), fold(d ^ (b >>> 19))]
}

/** The finalizer of MurmurHash3. */
function fold(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b)
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35)
  return mixed ^ (mixed >>> 16)
}
