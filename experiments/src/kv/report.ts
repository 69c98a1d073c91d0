/** What runs of stores came to, as tables. */
import type { FaultLabel, Violation } from '@hearsay/simulator'
import { grouped } from '../swarm/report.ts'
import { happeningLabels, limitLabels, mostLabels } from './happenings.ts'
import { kvLaws } from './laws/index.ts'
import type { KvResult } from './trial.ts'

/** A seed that broke a law, and the first that it broke. */
export interface KvBreak {
  readonly seed: number
  readonly violation: Violation
}

/** Runs, added up. */
export interface KvTotal {
  readonly seeds: number
  readonly nodeHours: number
  readonly events: number
  readonly faults: Readonly<Record<string, number>>
  readonly happenings: Readonly<Record<string, number>>
  readonly most: Readonly<Record<string, number>>
  readonly evaluations: Readonly<Record<string, number>>
  readonly breaks: readonly KvBreak[]
}

/** What can happen to members that has to do with stores. */
const faultRows: readonly FaultLabel[] = [
  'packet lost',
  'packet duplicated',
  'packet overtaken',
  'packet late by 100 ms or more',
  'packet cut',
  'stream cut',
  'stream refused',
  'stream stalled',
  'stream failed',
  'event loop stalled',
  'clock off',
  'crash',
  'restart, lower incarnation',
  'restart, same incarnation',
  'restart, higher incarnation',
  'restart, other address',
  'newcomer',
  'left',
  'stopped after leaving',
  'rejoined after leaving',
  'broadcast queued',
  'declared dead',
  'message of the application',
]

const lawNames: readonly string[] = [...kvLaws.map(({ about }) => about.name), 'determinism']

/** Nothing yet. */
export const nothing: KvTotal = {
  seeds: 0,
  nodeHours: 0,
  events: 0,
  faults: {},
  happenings: {},
  most: {},
  evaluations: {},
  breaks: [],
}

/** One run more. */
export function plusRun(total: KvTotal, seed: number, run: KvResult): KvTotal {
  const [violation] = run.violations
  return {
    seeds: total.seeds + 1,
    nodeHours: total.nodeHours + run.nodeHours,
    events: total.events + run.events,
    faults: joined(total.faults, run.faults, (a, b) => a + b),
    happenings: joined(total.happenings, run.happenings, (a, b) => a + b),
    most: joined(total.most, run.most, Math.max),
    evaluations: joined(total.evaluations, run.evaluations, (a, b) => a + b),
    breaks: violation ? [...total.breaks, { seed, violation }] : total.breaks,
  }
}

/** What never happened, and laws that were never put to the test. */
export function vacantRows({ faults, happenings, evaluations }: KvTotal): string[] {
  const never = (labels: readonly string[], counts: Readonly<Record<string, number>>): string[] =>
    labels.filter((label) => (counts[label] ?? 0) === 0)
  return [
    ...never([...faultRows, ...happeningLabels], { ...faults, ...happenings }).map(
      (each) => `"${each}" never occurred`,
    ),
    ...never(lawNames, evaluations).map((each) => `law "${each}" was never put to the test`),
  ]
}

/** Three tables and the sums. */
export function kvReport({ seeds, nodeHours, events, faults, happenings, most, evaluations, breaks }: KvTotal): string {
  const lines = ['', 'What happened to members and packets:']
  for (const label of faultRows) lines.push(row(label, faults[label] ?? 0))
  lines.push('', 'What happened to stores:')
  for (const label of [...happeningLabels, ...limitLabels]) lines.push(row(label, happenings[label] ?? 0))
  lines.push('', 'The most in any one store at once:')
  for (const label of mostLabels) lines.push(row(label, most[label] ?? 0))
  lines.push('', 'How often each law was put to the test, and broken:')
  for (const name of lawNames) {
    const broken = breaks.filter(({ violation }) => violation.checker === name).length
    lines.push(row(name, evaluations[name] ?? 0) + (broken > 0 ? `   broken by ${broken} seeds` : ''))
  }
  lines.push(
    '',
    `${grouped(seeds)} seeds, ${grouped(nodeHours, 1)} node-hours, ${grouped(events)} events`,
    breaks.length === 0
      ? '0 breaks'
      : `${breaks.length} seeds broke a law: ${breaks.map(({ seed }) => seed).join(', ')}`,
  )
  return lines.join('\n')
}

const row = (name: string, count: number): string => `  ${name.padEnd(56)} ${grouped(count).padStart(13)}`

function joined(
  a: Readonly<Record<string, number>>,
  b: Readonly<Record<string, number>>,
  join: (a: number, b: number) => number,
): Record<string, number> {
  const all: Record<string, number> = { ...a }
  for (const [name, value] of Object.entries(b)) all[name] = join(all[name] ?? 0, value)
  return all
}
