/** Flags of encryption and of who may take part. */
import { cidrProblem, KEY_LENGTHS_BYTES, MAX_KEYS, type Profile } from '@hearsay/node'
import type { Flag, FlagProblem } from './flag.ts'
import { bool, integer, type Kind, list, text } from './kinds.ts'

type Of<T> = Flag<T, Profile>

/** Keys as they were given. Whatever shows them shows how many there are. */
const secrets: Kind<readonly string[]> = {
  placeholder: 'key',
  // Items are kept even when empty: an unset variable must not turn encryption off without a word.
  read: (given) => ({ value: given.split(',').map((item) => item.trim()) }),
  fold: (values) => values.flat(),
  show: (value) => (value.length === 0 ? '' : `${value.length} masked`),
}

/** A list of networks; what is wrong is told of each. */
const networks: Kind<readonly string[]> = {
  ...list,
  placeholder: 'network',
  read(given) {
    const reading = list.read(given)
    const problems = 'value' in reading ? reading.value.flatMap((network) => cidrProblem(network) ?? []) : []
    return problems.length > 0 ? { problem: problems.join('; ') } : reading
  },
}

/** To be merged into the table of all flags. */
export const encryption = {
  'memberlist.encryption-key': {
    kind: secrets,
    group: 'Encryption',
    default: [],
    help: 'Key of 16, 24 or 32 bytes in base64 (hearsay keygen makes one); repeatable, the first encrypts, all decrypt. Other users of the machine may see it: better keep it in a file',
    check: (keys) => problemsOf(keys, (index) => (keys.length > 1 ? `key ${index + 1} of ${keys.length}` : 'the key')),
  } as Of<readonly string[]>,
  'memberlist.encryption-key-file': {
    kind: text,
    group: 'Encryption',
    default: '',
    help: 'File of keys in base64, one a line, after those of -memberlist.encryption-key; read again when it changes and on SIGHUP',
    check: (value) => (value === '' ? 'is empty; leave the flag out if there is no file' : undefined),
  } as Of<string>,
  'memberlist.gossip-verify-incoming': {
    kind: bool,
    group: 'Encryption',
    default: true,
    help: 'With keys, refuse what is not encrypted; false only while a running cluster moves to encryption',
  } as Of<boolean>,
  'memberlist.gossip-verify-outgoing': {
    kind: bool,
    group: 'Encryption',
    default: true,
    help: 'With keys, encrypt what is sent; false only while a running cluster moves to encryption',
  } as Of<boolean>,
  'memberlist.protocol-version': {
    kind: integer(1, 5),
    group: 'Identity and addresses',
    default: 2,
    help: "memberlist's protocol version",
  } as Of<number>,
  'memberlist.allowed-cidr': {
    kind: networks,
    group: 'Identity and addresses',
    default: [],
    help: 'Networks, such as 10.0.0.0/8, that members must be in; others are neither heard nor listed; repeatable',
    defaultText: 'any',
    check: (value) => (value.length === 0 ? 'is empty; leave the flag out to allow any' : undefined),
  } as Of<readonly string[]>,
}

/** What is wrong with a key as text, in words that follow its name and never show it; `undefined` when nothing is. */
export function keyProblem(given: string): string | undefined {
  if (given === '') return 'is empty'
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(given) || given.length % 4 !== 0) return 'is not base64'
  const { length } = decodeKey(given)
  return KEY_LENGTHS_BYTES.includes(length) ? undefined : `has ${length} bytes, not 16, 24 or 32`
}

/** A key as text that {@link keyProblem} has nothing against. */
export const decodeKey = (given: string): Uint8Array => Uint8Array.from(Buffer.from(given, 'base64'))

/** All keys, in order, each once; and what is wrong with there being so many. */
export function mergeKeys(...lists: readonly (readonly Uint8Array[])[]): {
  readonly keys: readonly Uint8Array[]
  readonly problem?: string
} {
  const byText = new Map(lists.flat().map((key) => [Buffer.from(key).toString('base64'), key]))
  const keys = [...byText.values()]
  return keys.length > MAX_KEYS ? { keys: [], problem: `${keys.length} keys; at most ${MAX_KEYS} are held` } : { keys }
}

/** A problem of an argument that turns out to be a key, put on the wrong place: without the key. */
export const withoutKey = ({ flag, message }: FlagProblem): FlagProblem =>
  keyProblem(flag) === undefined ? { flag: 'what looks like an encryption key', message } : { flag, message }

function problemsOf(keys: readonly string[], nameOf: (index: number) => string): string | undefined {
  const problems = keys.flatMap((key, index) => {
    const problem = keyProblem(key)
    return problem === undefined ? [] : [`${nameOf(index)} ${problem}`]
  })
  return problems.length > 0
    ? `${problems.join('; ')} (hearsay keygen makes a key; a file of keys goes with -memberlist.encryption-key-file)`
    : undefined
}
