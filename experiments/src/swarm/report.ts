/** What a swarm came to, as tables. */
import { allLaws, faultLabels } from '@hearsay/simulator'
import type { LedgerEntry } from './ledger.ts'

/** Things that never happened, and laws that were never put to the test. */
export function vacant({ faults, evaluations }: LedgerEntry): string[] {
  return [
    ...faultLabels.filter((label) => (faults[label] ?? 0) === 0).map((label) => `fault "${label}" never occurred`),
    ...[...allLaws.map(({ about }) => about.name), 'determinism']
      .filter((name) => (evaluations[name] ?? 0) === 0)
      .map((name) => `law "${name}" was never put to the test`),
  ]
}

/** Faults and laws side by side with how often each was seen, then the sums. */
export function report(entry: LedgerEntry): string {
  const { faults, evaluations, breaks, nodeHours, events, seeds, commit, profile } = entry
  const lines = ['', 'What happened, as members and packets went through it:']
  for (const label of faultLabels) lines.push(row(label, faults[label] ?? 0))
  lines.push('', 'How often each law was put to the test, and broken:')
  for (const name of [...allLaws.map(({ about }) => about.name), 'determinism']) {
    const broken = breaks.filter(({ violation }) => violation.checker === name).length
    lines.push(row(name, evaluations[name] ?? 0) + (broken > 0 ? `   broken by ${broken} seeds` : ''))
  }
  lines.push(
    '',
    `${grouped(nodeHours, 1)} node-hours, ${grouped(events)} events, seeds ${seeds[0]} to ${seeds[1]}, profile ${profile}, commit ${commit}`,
    breaks.length === 0
      ? '0 breaks'
      : `${breaks.length} seeds broke a law: ${breaks.map(({ seed }) => seed).join(', ')}`,
  )
  return lines.join('\n')
}

const row = (name: string, count: number): string => `  ${name.padEnd(34)} ${grouped(count).padStart(15)}`

/** With commas. */
export const grouped = (value: number, digits = 0): string =>
  value.toLocaleString('en-US', { minimumFractionDigits: digits, maximumFractionDigits: digits })
