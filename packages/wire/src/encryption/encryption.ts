/** How a member encrypts, and what it takes from others (wire spec 2.4, 3.3, 6.2). */
import { ENCRYPTION_OVERHEAD_BYTES, type EncryptionVersion } from './body.ts'
import type { Keyring } from './keyring.ts'
import { freshNonce } from './system.ts'

/**
 * Encryption of a member. To encrypt a cluster that runs without: install the keys with both switches off, then let
 * everybody seal (`verifyOutgoing`), then let everybody insist (`verifyIncoming`).
 */
export interface Encryption {
  /** Looked at for each message, so that changes take effect at once. While it is empty nothing is encrypted. */
  readonly keyring: Keyring
  /** Of what is sent. Default 1; a member of protocol version 1 sends 0. */
  readonly version?: EncryptionVersion
  /** Refuse what no key opens, instead of taking it for plaintext. Default true. */
  readonly verifyIncoming?: boolean
  /** Encrypt what is sent. Default true. */
  readonly verifyOutgoing?: boolean
  /** 12 bytes, never the same twice. Default: random ones. Only tests that repeat a recording have another. */
  readonly nonce?: () => Uint8Array
}

/** What seals a message. */
export interface Sealing {
  readonly key: Uint8Array
  readonly version: EncryptionVersion
  readonly nonce: Uint8Array
}

/** What to seal the next message with; `undefined` when it goes in the clear. Each has a nonce of its own. */
export function sealing(encryption: Encryption | undefined): Sealing | undefined {
  const key = encryption?.keyring.primary
  if (!encryption || !key || encryption.verifyOutgoing === false) return undefined
  const { version = 1, nonce = freshNonce } = encryption
  return { key, version, nonce: nonce() }
}

/** Keys that may open a message; none when nothing is encrypted here. */
export const openingKeys = (encryption: Encryption | undefined): readonly Uint8Array[] =>
  encryption?.keyring.keys() ?? []

/** Whether plaintext is refused. */
export const insists = (encryption: Encryption | undefined): boolean =>
  encryption !== undefined && encryption.keyring.size > 0 && encryption.verifyIncoming !== false

/** Bytes that encryption will add to a packet at most: nothing while packets go in the clear. */
export function encryptionOverheadBytes(encryption: Encryption | undefined): number {
  if (!encryption || encryption.keyring.size === 0 || encryption.verifyOutgoing === false) return 0
  return ENCRYPTION_OVERHEAD_BYTES[encryption.version ?? 1]
}
