/** The keys of a cluster (wire spec 6.2): the first seals, all of them open. */
import { createHash } from 'node:crypto'
import { equalBytes } from '@hearsay/encoding'
import { MAX_KEYS } from '../limits.ts'

/** Lengths of keys, in bytes: AES-128, AES-192, AES-256. */
export const KEY_LENGTHS_BYTES: readonly number[] = [16, 24, 32]

/**
 * Misuse of a keyring. `KEY_LENGTH`: not 16, 24 or 32 bytes. `UNKNOWN_KEY`: it is not in the ring. `PRIMARY_KEY`: the
 * primary cannot be removed, use another one first. `TOO_MANY_KEYS`: the ring is full.
 */
export class KeyringError extends Error {
  readonly code: 'KEY_LENGTH' | 'UNKNOWN_KEY' | 'PRIMARY_KEY' | 'TOO_MANY_KEYS'

  constructor(code: KeyringError['code'], message: string) {
    super(message)
    this.name = 'KeyringError'
    this.code = code
  }
}

/**
 * An ordered set of keys, changed while traffic flows: whoever holds the ring sees each change at once, in both
 * directions. An empty ring means that nothing is encrypted.
 *
 * To replace a key: `add` the new one at every member, then `use` it everywhere, then `remove` the old one everywhere.
 */
export class Keyring {
  #keys: readonly Uint8Array[] = []

  /** The first key is the primary; repeated ones are ignored. Throws {@link KeyringError} `KEY_LENGTH`, `TOO_MANY_KEYS`. */
  constructor(keys: readonly Uint8Array[] = []) {
    for (const key of keys) this.add(key)
  }

  get size(): number {
    return this.#keys.length
  }

  /** The key that seals; `undefined` when the ring is empty. Lent: do not change it. */
  get primary(): Uint8Array | undefined {
    return this.#keys[0]
  }

  /** All keys, the primary first, then in the order in which they are tried. Lent: do not change them. */
  keys(): readonly Uint8Array[] {
    return this.#keys
  }

  /** {@link keyFingerprint} of each key, the primary first. */
  fingerprints(): readonly string[] {
    return this.#keys.map(keyFingerprint)
  }

  /** Appends a key; in an empty ring it becomes the primary. A known key is left where it is. Copies. */
  add(key: Uint8Array): void {
    checkKeyLength(key)
    if (this.#has(key)) return
    if (this.#keys.length >= MAX_KEYS)
      throw new KeyringError('TOO_MANY_KEYS', `a keyring holds at most ${MAX_KEYS} keys; remove one first`)
    this.#keys = [...this.#keys, Uint8Array.from(key)]
  }

  /** Makes a known key the primary. Throws `UNKNOWN_KEY`. */
  use(key: Uint8Array): void {
    if (!this.#has(key)) throw new KeyringError('UNKNOWN_KEY', 'the key is not in the keyring; add it first')
    this.#keys = [...this.#keys.filter((each) => equalBytes(each, key)), ...this.#others(key)]
  }

  /** Takes a key away; an unknown one is nothing to do. Throws `PRIMARY_KEY`. */
  remove(key: Uint8Array): void {
    const { primary } = this
    if (primary && equalBytes(primary, key))
      throw new KeyringError('PRIMARY_KEY', 'the primary key cannot be removed; use another key first')
    this.#keys = this.#others(key)
  }

  /** Puts other keys in place of all, the first as primary: at once, so that no message falls between. Throws as the constructor. */
  replace(keys: readonly Uint8Array[]): void {
    this.#keys = new Keyring(keys).#keys
  }

  #has(key: Uint8Array): boolean {
    return this.#keys.some((each) => equalBytes(each, key))
  }

  #others(key: Uint8Array): readonly Uint8Array[] {
    return this.#keys.filter((each) => !equalBytes(each, key))
  }
}

/** Names a key without telling it: the first 16 hex digits of its SHA-256. */
export const keyFingerprint = (key: Uint8Array): string => createHash('sha256').update(key).digest('hex').slice(0, 16)

function checkKeyLength({ length }: Uint8Array): void {
  if (!KEY_LENGTHS_BYTES.includes(length))
    throw new KeyringError('KEY_LENGTH', `a key has ${KEY_LENGTHS_BYTES.join(', ')} bytes, not ${length}`)
}
