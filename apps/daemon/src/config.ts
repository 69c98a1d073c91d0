/** From arguments to a checked configuration. */
import { readFileSync } from 'node:fs'
import type { Profile } from '@hearsay/node'
import { withoutKey } from './flags/encryption.ts'
import { type Assignment, type FlagProblem, resolveFlags } from './flags/flag.ts'
import { helpText } from './flags/help.ts'
import { parseArguments } from './flags/parse.ts'
import { flags, profileNames, type Values } from './flags/table.ts'
import { tlsProblemsOf } from './flags/tls.ts'
import { type ConfiguredKeys, configuredKeys } from './key-file.ts'

/** A token longer than this is a mistake: most likely the wrong file. */
const MAX_TOKEN_BYTES = 4096

/** Everything the daemon was told, defaults filled in. */
export interface Config {
  readonly profile: Profile
  /** Effective values by flag name. */
  readonly values: Values
  /** Names of the flags that somebody gave. */
  readonly given: ReadonlySet<string>
  /** The bearer token that changes need, if one is set. A secret: never print it. */
  readonly apiToken: string | undefined
  /** The encryption keys. Secrets: never print them. */
  readonly keys: ConfiguredKeys
}

/** What the arguments ask for. */
export type Request =
  | { readonly kind: 'run'; readonly config: Config }
  | { readonly kind: 'help'; readonly text: string }
  | { readonly kind: 'version' }
  /** Every problem there is, not only the first. */
  | { readonly kind: 'invalid'; readonly problems: readonly FlagProblem[] }

/**
 * Reads the arguments of `hearsayd`. Never throws: what is wrong comes back as `invalid`, all of it at once.
 * `-help` and `-version` win over everything else.
 */
export function parseConfig(argv: readonly string[]): Request {
  const parsed = parseArguments({ ...flags, h: flags.help }, argv)
  const asked = (...names: string[]) =>
    parsed.assignments.some(({ name, text }) => names.includes(name) && /^(1|t|true)$/i.test(text))
  if (asked('help', 'h')) return { kind: 'help', text: help() }
  if (asked('version')) return { kind: 'version' }
  // The profile first: defaults depend on it.
  const profile = chosenProfile(parsed.assignments)
  const resolved = resolveFlags(flags, parsed.assignments, profile)
  const token = readToken(resolved.values['server.api-token-file'])
  const { values } = resolved
  const encryption = configuredKeys(values['memberlist.encryption-key'], values['memberlist.encryption-key-file'])
  const problems = [
    ...parsed.problems.map(withoutKey),
    ...resolved.problems,
    ...token.problems,
    ...encryption.problems,
    ...tlsProblemsOf(values, values['memberlist.transport']),
  ]
  if (problems.length > 0) return { kind: 'invalid', problems }
  return {
    kind: 'run',
    config: { profile, values: resolved.values, given: resolved.given, apiToken: token.value, keys: encryption.keys },
  }
}

/** One line a problem, as stderr shows them. */
export const problemLines = (problems: readonly FlagProblem[]): string =>
  problems.map(({ flag, message }) => `${flag}: ${message}\n`).join('')

const help = () =>
  helpText(
    flags,
    profileNames,
    [
      'hearsayd: a member of a gossip cluster, with an HTTP API.',
      '',
      'Usage: hearsayd [-flag=value | -flag value | --flag=value] ...',
      '',
      'Durations are written as 200ms, 30s or 1m30s. Exit status: 0 after leaving, 1 when it cannot start,',
      '2 for wrong flags, 130 when a second signal cuts the leaving short.',
    ].join('\n'),
  )

function chosenProfile(assignments: readonly Assignment[]): Profile {
  const name = assignments.findLast((assignment) => assignment.name === 'profile')?.text
  return profileNames.find((profile) => profile === name) ?? 'lan'
}

function readToken(file: string): { value: string | undefined; problems: FlagProblem[] } {
  const flag = '-server.api-token-file'
  const wrong = (message: string) => ({ value: undefined, problems: [{ flag, message }] })
  if (file === '') return { value: undefined, problems: [] }
  try {
    const value = readFileSync(file, 'utf8').trim()
    if (value === '') return wrong(`${file} is empty; it must hold the token`)
    if (value.length > MAX_TOKEN_BYTES || /[^\x21-\x7e]/.test(value))
      return wrong(`${file} must hold one token of at most ${MAX_TOKEN_BYTES} visible ASCII characters`)
    return { value, problems: [] }
  } catch (error) {
    const code = (error as NodeJS.ErrnoException).code
    return wrong(code === 'ENOENT' ? `there is no file ${file}` : `cannot read ${file} (${code ?? String(error)})`)
  }
}
