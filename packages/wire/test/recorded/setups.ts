/** What a recorded member was configured with, as options of ours. */
import type { Compression, Encryption } from '../../src/index.ts'
import { Keyring } from '../../src/index.ts'
import type { Vector } from './vectors.ts'

/** The keys of wire spec, Appendix B: 00, 01, 02 and so on. */
export const keyOf = (sizeBytes: number): Uint8Array => Uint8Array.from({ length: sizeBytes }, (_, at) => at)

type Settings = Vector['settings']

/** The keys of a member: one, or none. */
export const keysOf = (settings: Settings): readonly Uint8Array[] =>
  settings.keyBytes ? [keyOf(settings.keyBytes)] : []

/** `undefined` without a key. `nonces` are used in turn. */
export function encryptionOf(settings: Settings, nonces: readonly Uint8Array[] = []): Encryption | undefined {
  if (!settings.keyBytes) return undefined
  let next = 0
  return {
    keyring: new Keyring(keysOf(settings)),
    version: settings.protocol === 1 ? 0 : 1,
    verifyOutgoing: settings.verifyOutgoing ?? true,
    nonce: () => {
      const nonce = nonces[next++]
      if (!nonce) throw new Error('more was encrypted than in the recording')
      return nonce
    },
  }
}

export const compressionOf = (settings: Settings): Compression =>
  settings.compression ? (settings.algorithm ?? 'lzw') : 'none'
