/** What a node's options say of encryption. */
import { type Encryption, KEY_LENGTHS_BYTES, Keyring, MAX_KEYS } from '@hearsay/wire'
import type { ConfigProblem } from './errors.ts'
import type { NodeOptions } from './options.ts'

/** Everything wrong with a list of keys; never a key itself. */
export function keyProblems(keys: unknown): readonly ConfigProblem[] {
  if (keys === undefined) return []
  if (!Array.isArray(keys)) return [{ path: 'encryptionKeys', message: 'must be a list of keys, each a Uint8Array' }]
  if (keys.length > MAX_KEYS)
    return [{ path: 'encryptionKeys', message: `must be at most ${MAX_KEYS} keys, not ${keys.length}` }]
  return keys.flatMap((key, index) => {
    const path = `encryptionKeys[${index}]`
    if (!(key instanceof Uint8Array)) return [{ path, message: 'must be a Uint8Array' }]
    if (KEY_LENGTHS_BYTES.includes(key.length)) return []
    return [{ path, message: `must have 16, 24 or 32 bytes, not ${key.length}` }]
  })
}

/** Keys and switches for membership. Unusable keys are left out: {@link keyProblems} tells of them. */
export function encryptionOptions(options: NodeOptions): Omit<Encryption, 'version'> {
  const keys = keyProblems(options.encryptionKeys).length > 0 ? [] : (options.encryptionKeys ?? [])
  return {
    keyring: new Keyring(keys),
    verifyIncoming: options.gossipVerifyIncoming !== false,
    verifyOutgoing: options.gossipVerifyOutgoing !== false,
  }
}
