/** `hearsay keys …`. */
import { keyProblem } from '../flags/encryption.ts'
import type { Client } from './client.ts'
import { CommandError, exitCodes } from './errors.ts'
import { formatTable } from './table.ts'

/** The keyring as the API shows it. */
export interface KeysJson {
  readonly keys: readonly { readonly fingerprint: string; readonly primary: boolean }[]
  readonly verifyIncoming: boolean
  readonly verifyOutgoing: boolean
}

/** What can be done with keys. */
const actions = ['list', 'add', 'use', 'remove'] as const

/**
 * Lists the keys of a daemon, or changes them and lists what there is then. `given` is a key in base64, a fingerprint to
 * use or remove, or `-` for a key from standard input. Nothing printed shows a key, mistaken arguments included.
 */
export async function keys(
  client: Client,
  action: string,
  given: string | undefined,
  readInput: () => string,
  asJson: boolean,
): Promise<string> {
  const known = actions.find((each) => each === action)
  if (known === undefined) throw usage(`there is add, use and remove, and without any of them the keys are listed`)
  if (known === 'list') {
    if (given !== undefined) throw usage('list takes no key')
    return shown(await client.json<KeysJson>('/api/v1/keys'), asJson)
  }
  if (given === undefined) throw usage(`${known} needs a key, or - to read it from standard input`)
  const key = given === '-' ? readInput().trim() : given
  const isFingerprint = known !== 'add' && /^[0-9a-f]{16}$/.test(key)
  const problem = isFingerprint ? undefined : keyProblem(key)
  if (problem !== undefined)
    throw usage(`the key ${problem}${known === 'add' ? '' : ', and no fingerprint of 16 hex digits'}`)
  const answer = await client.json<KeysJson>('/api/v1/keys', {
    method: 'POST',
    body: JSON.stringify({ [known]: key }),
    headers: { 'content-type': 'application/json' },
  })
  return shown(answer, asJson)
}

const usage = (message: string) => new CommandError(`keys: ${message}`, exitCodes.usage)

function shown(answer: KeysJson, asJson: boolean): string {
  if (asJson) return `${JSON.stringify(answer)}\n`
  if (answer.keys.length === 0) return 'no keys: nothing is encrypted\n'
  const table = formatTable(
    [{ title: 'FINGERPRINT' }, { title: 'PRIMARY' }],
    answer.keys.map(({ fingerprint, primary }) => [fingerprint, primary ? 'yes' : 'no']),
  )
  const relaxed = [
    ...(answer.verifyIncoming
      ? []
      : ['what is not encrypted is accepted, too (-memberlist.gossip-verify-incoming=false)\n']),
    ...(answer.verifyOutgoing ? [] : ['what is sent is not encrypted (-memberlist.gossip-verify-outgoing=false)\n']),
  ]
  return table + relaxed.join('')
}
