/** The command line of the swarm, its replays and its mutants. */
import { parseArgs } from 'node:util'
import type { Profile } from './case.ts'

/** What was asked for. */
export interface SwarmOptions {
  readonly from: number
  readonly seeds: number
  readonly maxNodes: number
  readonly profile: Profile
  readonly workers: number
  /** Lines are added to it, and runs of the same commit that it has are not repeated; `undefined`: none. */
  readonly ledger: string | undefined
  /** Stop beginning new runs after so many minutes. */
  readonly minutes: number | undefined
  /** Trials of shrinking at most; 0: none. */
  readonly shrink: number
}

/** What `--help` says. */
export const swarmUsage = `npm run simulate -- swarm [options]
  --seeds N        runs, one a seed (200)
  --from S         the first seed (1)
  --nodes MAX      members at most (100)
  --profile NAME   improved, faithful or mixed (improved)
  --workers W      processes that run at the same time (2)
  --ledger FILE    add to this ledger, and leave out what it has already
  --minutes T      begin no further runs after so many minutes
  --shrink N       trials to make a failing plan smaller, 0 for none (150)`

const profiles = ['improved', 'faithful', 'mixed'] as const

/** Throws an `Error` that says what is wrong. */
export function readSwarmOptions(args: readonly string[]): SwarmOptions | 'help' {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '200' },
      from: { type: 'string', default: '1' },
      nodes: { type: 'string', default: '100' },
      profile: { type: 'string', default: 'improved' },
      workers: { type: 'string', default: '2' },
      ledger: { type: 'string' },
      minutes: { type: 'string' },
      shrink: { type: 'string', default: '150' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) return 'help'
  return {
    from: wholeNumber('from', values.from, 0),
    seeds: wholeNumber('seeds', values.seeds, 1),
    maxNodes: wholeNumber('nodes', values.nodes, 2),
    profile: readProfile(values.profile),
    workers: wholeNumber('workers', values.workers, 1),
    ledger: values.ledger,
    minutes: values.minutes === undefined ? undefined : wholeNumber('minutes', values.minutes, 1),
    shrink: wholeNumber('shrink', values.shrink, 0),
  }
}

/** One of the profiles, or an `Error`. */
export function readProfile(name: string): Profile {
  const profile = profiles.find((each) => each === name)
  if (!profile) throw new Error(`--profile must be one of ${profiles.join(', ')}, not ${name}`)
  return profile
}

/** A number from the command line, or an `Error`. */
export function wholeNumber(name: string, text: string, least: number): number {
  const value = Number(text.replaceAll('_', ''))
  if (!Number.isInteger(value) || value < least)
    throw new Error(`--${name} must be a whole number from ${least} on, not ${text}`)
  return value
}
