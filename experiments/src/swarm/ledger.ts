/** What has been run: one JSON object a line, only ever added to. */
import { execFileSync } from 'node:child_process'
import { appendFileSync, existsSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'
import type { Violation } from '@hearsay/simulator'
import type { TrialResult } from './trial.ts'

/** Counts by name. */
export type Counts = Readonly<Record<string, number>>

/** A seed that broke a law. */
export interface Break {
  readonly seed: number
  /** The first that was broken. */
  readonly violation: Violation
}

/** Runs of some seeds by one commit. */
export interface LedgerEntry {
  /** Of the sources; with `+` when something was not committed. */
  readonly commit: string
  readonly profile: string
  readonly maxNodes: number
  /** First and last. */
  readonly seeds: readonly [number, number]
  readonly nodeHours: number
  readonly events: number
  /** How often each happened. */
  readonly faults: Counts
  /** How often each law was put to the test. */
  readonly evaluations: Counts
  readonly breaks: readonly Break[]
}

/** What distinguishes runs that are the same but for their seeds. */
export type LedgerKey = Pick<LedgerEntry, 'commit' | 'profile' | 'maxNodes'>

/** An entry of nothing yet. */
export const emptyEntry = (key: LedgerKey, seeds: readonly [number, number]): LedgerEntry => ({
  ...key,
  seeds,
  nodeHours: 0,
  events: 0,
  faults: {},
  evaluations: {},
  breaks: [],
})

/** Adds a run. */
export function withTrial(entry: LedgerEntry, seed: number, result: TrialResult): LedgerEntry {
  const [violation] = result.violations
  const { nodeHours, events, faults, evaluations } = result
  const breaks = violation ? [{ seed, violation }] : []
  return plus(entry, { ...entry, seeds: [seed, seed], nodeHours, events, faults, evaluations, breaks })
}

/** All of them as one. */
export function total(entries: readonly LedgerEntry[], key: LedgerKey): LedgerEntry {
  return entries.reduce(plus, emptyEntry(key, [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]))
}

const plus = (a: LedgerEntry, b: LedgerEntry): LedgerEntry => ({
  ...a,
  seeds: [Math.min(a.seeds[0], b.seeds[0]), Math.max(a.seeds[1], b.seeds[1])],
  nodeHours: a.nodeHours + b.nodeHours,
  events: a.events + b.events,
  faults: sum(a.faults, b.faults),
  evaluations: sum(a.evaluations, b.evaluations),
  breaks: a.breaks.concat(b.breaks),
})

/** The entries of a file that are of the same runs. */
export function readLedger(file: string | undefined, key: LedgerKey): LedgerEntry[] {
  if (file === undefined || !existsSync(file)) return []
  const lines = readFileSync(file, 'utf8').split('\n')
  const entries = lines.filter((line) => line !== '').map((line) => JSON.parse(line) as LedgerEntry)
  return entries.filter(
    ({ commit, profile, maxNodes }) => commit === key.commit && profile === key.profile && maxNodes === key.maxNodes,
  )
}

/** Adds one line. */
export function writeLedger(file: string | undefined, entry: LedgerEntry): void {
  if (file === undefined) return
  mkdirSync(dirname(file), { recursive: true })
  appendFileSync(file, `${JSON.stringify({ ...entry, nodeHours: Math.round(entry.nodeHours * 1000) / 1000 })}\n`)
}

/** The commit that runs. */
export function currentCommit(): string {
  const git = (...args: string[]): string => execFileSync('git', args, { encoding: 'utf8' }).trim()
  try {
    const changed = git('status', '--porcelain', '--', 'packages', 'experiments') !== ''
    return git('rev-parse', '--short=12', 'HEAD') + (changed ? '+' : '')
  } catch {
    return 'unknown'
  }
}

function sum(a: Counts, b: Counts): Counts {
  const counts: Record<string, number> = { ...a }
  for (const [name, count] of Object.entries(b)) counts[name] = (counts[name] ?? 0) + count
  return counts
}
