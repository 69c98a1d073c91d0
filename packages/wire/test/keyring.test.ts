// Goal: a keyring does what memberlist's does (wire spec 6.2), and says clearly what it refuses.

import { describe, expect, it } from 'vitest'
import { Keyring, KeyringError, keyFingerprint, MAX_KEYS } from '../src/index.ts'

const key = (first: number, bytes = 16): Uint8Array => Uint8Array.from({ length: bytes }, (_, index) => first + index)
const [a, b, c] = [key(1), key(2, 24), key(3, 32)] as const
const firsts = (ring: Keyring): number[] => ring.keys().map((each) => each[0]!)
const codeOf = (run: () => unknown): string | undefined => {
  try {
    run()
  } catch (error) {
    if (error instanceof KeyringError) return error.code
    throw error
  }
  return undefined
}

describe('a keyring', () => {
  it('has the first key as its primary, and each key once', () => {
    const ring = new Keyring([a, b, a, c, b])
    expect(firsts(ring)).toEqual([1, 2, 3])
    expect(ring.primary).toEqual(a)
    expect(ring.size).toBe(3)
  })

  it('without keys has no primary, and the first added one becomes it', () => {
    const ring = new Keyring()
    expect(ring.primary).toBeUndefined()
    ring.add(b)
    expect(ring.primary).toEqual(b)
  })

  it('moves the used key to the front and keeps the order of the others', () => {
    const ring = new Keyring([a, b, c])
    ring.use(c)
    expect(firsts(ring)).toEqual([3, 1, 2])
    ring.add(a)
    expect(firsts(ring)).toEqual([3, 1, 2])
  })

  it('removes any key but the primary, and takes the removal of a stranger for done', () => {
    const ring = new Keyring([a, b, c])
    expect(codeOf(() => ring.remove(a))).toBe('PRIMARY_KEY')
    ring.remove(b)
    ring.remove(b)
    expect(firsts(ring)).toEqual([1, 3])
    expect(codeOf(() => new Keyring().remove(a))).toBeUndefined()
  })

  it.each([0, 1, 15, 17, 31, 33, 64])('refuses a key of %i bytes', (bytes) => {
    expect(codeOf(() => new Keyring([key(1, bytes)]))).toBe('KEY_LENGTH')
    expect(codeOf(() => new Keyring([a]).add(key(1, bytes)))).toBe('KEY_LENGTH')
  })

  it('does not use a key that it does not have', () => {
    expect(codeOf(() => new Keyring([a]).use(b))).toBe('UNKNOWN_KEY')
  })

  it('is bounded', () => {
    const ring = new Keyring(Array.from({ length: MAX_KEYS }, (_, index) => key(index)))
    expect(codeOf(() => ring.add(key(100, 32)))).toBe('TOO_MANY_KEYS')
  })

  it('is replaced as a whole or not at all', () => {
    const ring = new Keyring([a, b])
    expect(codeOf(() => ring.replace([c, key(1, 5)]))).toBe('KEY_LENGTH')
    expect(firsts(ring)).toEqual([1, 2])
    ring.replace([c, a])
    expect(firsts(ring)).toEqual([3, 1])
  })

  it('keeps copies, and names keys without telling them', () => {
    const mine = key(7)
    const ring = new Keyring([mine])
    mine.fill(0)
    expect(ring.primary?.[0]).toBe(7)
    expect(ring.fingerprints()).toEqual([keyFingerprint(key(7))])
    // The start of the SHA-256 of the bytes 7 to 22, by another program.
    expect(keyFingerprint(key(7))).toBe('2f4ff75e744865f2')
  })
})
