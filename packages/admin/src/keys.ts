/** `/api/v1/keys`: the encryption keys by their fingerprints. No key ever leaves here, nor does a part of one. */
import { readJson } from './body.ts'
import { ProblemError } from './problem.ts'
import type { AdminSource } from './source.ts'

/** The keyring as the API shows it. */
export interface KeysJson {
  /** The primary, which encrypts, first; then the others, in the order in which they are tried. */
  readonly keys: readonly {
    /** The first 16 hex digits of the key's SHA-256. */
    readonly fingerprint: string
    readonly primary: boolean
  }[]
  /** What is not encrypted is refused, once there is a key. */
  readonly verifyIncoming: boolean
  /** What is sent is encrypted, once there is a key. */
  readonly verifyOutgoing: boolean
}

/** What can be done with a key. */
export type KeyAction = 'add' | 'use' | 'remove'
const actions: readonly KeyAction[] = ['add', 'use', 'remove']

/** Fingerprints, the primary's first. Empty: nothing is encrypted. */
export function encryptionKeysJson({ keyring, encryption }: AdminSource): KeysJson {
  return {
    keys: keyring.fingerprints().map((fingerprint, index) => ({ fingerprint, primary: index === 0 })),
    verifyIncoming: encryption.verifyIncoming,
    verifyOutgoing: encryption.verifyOutgoing,
  }
}

/**
 * Adds a key, makes a known one the primary, or removes one: a body of exactly one of `add`, `use` and `remove`. The
 * last two take a fingerprint too. It is about this node alone; removing what is not there is nothing to do (wire spec
 * 6.2). Resolves with what was done. Throws a {@link ProblemError} that never shows what was sent.
 */
export async function changeKeys(source: AdminSource, request: Request, maxBodyBytes: number): Promise<KeyAction> {
  const body = await readJson(request, maxBodyBytes).catch(withoutExcerpt)
  const { action, text } = asked(body)
  const key = keyOf(source, action, text)
  if (key) change(source, action, key)
  else if (action === 'use') throw unknownKey('no key of this node has that fingerprint')
  return action
}

function asked(body: unknown): { readonly action: KeyAction; readonly text: string } {
  const entries = typeof body === 'object' && body !== null && !Array.isArray(body) ? Object.entries(body) : []
  const [name, text] = entries[0] ?? []
  const action = actions.find((each) => each === name)
  if (entries.length !== 1 || action === undefined || typeof text !== 'string')
    throw new ProblemError(
      'request-invalid',
      'send an object with exactly one of "add", "use" and "remove", whose value is a text: a key in base64, or, for the last two, a fingerprint',
      { path: '$' },
    )
  return { action, text }
}

/** The key that is meant; `undefined` for a fingerprint that no key here has. */
function keyOf({ keyring }: AdminSource, action: KeyAction, text: string): Uint8Array | undefined {
  // Sixteen hex digits are base64 of twelve bytes, too, and twelve bytes are no key: nothing is both.
  if (/^[0-9a-f]{16}$/.test(text)) {
    if (action === 'add') throw invalidKey(action, 'this is a fingerprint; adding needs the key itself')
    return keyring.keys()[keyring.fingerprints().indexOf(text)]
  }
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(text) || text.length % 4 !== 0)
    throw invalidKey(action, `this is no base64${action === 'add' ? '' : ', and no fingerprint of 16 hex digits'}`)
  const key = Uint8Array.from(Buffer.from(text, 'base64'))
  // As in wire, of which only types may be imported here.
  if (![16, 24, 32].includes(key.length)) throw invalidKey(action, `a key has 16, 24 or 32 bytes, not ${key.length}`)
  return key
}

/** The keyring's own refusals as problems. */
function change({ keyring }: AdminSource, action: KeyAction, key: Uint8Array): void {
  try {
    keyring[action](key)
  } catch (error) {
    const { code, message } = error as { readonly code?: unknown; readonly message: string }
    if (code === 'UNKNOWN_KEY') throw unknownKey(message)
    if (code === 'PRIMARY_KEY') throw new ProblemError('encryption-key-primary', message)
    if (code === 'TOO_MANY_KEYS') throw new ProblemError('keyring-full', message)
    throw error
  }
}

const unknownKey = (detail: string) => new ProblemError('encryption-key-unknown', detail)

const invalidKey = (action: KeyAction, detail: string) =>
  new ProblemError('encryption-key-invalid', detail, { path: `$.${action}` })

/** A parser's complaint quotes what it read, and that may be a key. */
function withoutExcerpt(error: unknown): never {
  if (error instanceof ProblemError && error.kind === 'json-malformed')
    throw new ProblemError('json-malformed', 'the body is no JSON in UTF-8', { path: '$' })
  throw error
}
