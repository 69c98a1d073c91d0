/** The command line, read as Go's flag package does. */
import type { Assignment, FlagProblem, FlagTable } from './flag.ts'

/** What a command line says. */
export interface ParsedArguments {
  readonly assignments: readonly Assignment[]
  readonly problems: readonly FlagProblem[]
}

/**
 * One or two dashes; a value after `=` or as the next argument; a boolean without a value is true and takes its value
 * only after `=`. Unlike Go's, this parser goes on after a mistake, so that all of them are reported at once.
 */
// biome-ignore lint/suspicious/noExplicitAny: any context will do
export function parseArguments(table: FlagTable<any>, argv: readonly string[]): ParsedArguments {
  const assignments: Assignment[] = []
  const problems: FlagProblem[] = []
  for (let index = 0; index < argv.length; index++) {
    const argument = argv[index]!
    const match = /^--?([^=-][^=]*)(?:=([\s\S]*))?$/.exec(argument)
    if (!match) {
      problems.push({ flag: argument === '' ? '""' : argument, message: 'unexpected argument: everything is a flag' })
      continue
    }
    const name = match[1]!
    const attached = match[2]
    const flag = Object.hasOwn(table, name) ? table[name] : undefined
    if (!flag) {
      problems.push({ flag: `-${name}`, message: `no such flag${suggestion(table, name)}` })
      // What follows is most likely its value, and not worth a complaint of its own.
      if (attached === undefined && argv[index + 1] !== undefined && !argv[index + 1]!.startsWith('-')) index++
    } else if (attached !== undefined) assignments.push({ name, text: attached })
    else if (flag.kind.isBoolean) assignments.push({ name, text: 'true' })
    else if (index + 1 < argv.length) assignments.push({ name, text: argv[++index]! })
    else problems.push({ flag: `-${name}`, message: `needs a value: -${name}=<${flag.kind.placeholder}>` })
  }
  return { assignments, problems }
}

function suggestion(table: object, name: string): string {
  let best: { name: string; distance: number } | undefined
  for (const candidate of Object.keys(table)) {
    // Somebody who left the group's prefix out, or wrote underscores.
    const distance = candidate.endsWith(`.${name}`) ? 1 : editDistance(candidate, name.replaceAll('_', '-'))
    if (distance <= 3 && (!best || distance < best.distance)) best = { name: candidate, distance }
  }
  return best ? `; did you mean -${best.name}?` : '; -help lists all of them'
}

/** Letters to insert, remove or replace. Names are short: the plain table is enough. */
function editDistance(left: string, right: string): number {
  let row = Array.from({ length: right.length + 1 }, (_, index) => index)
  for (let i = 1; i <= left.length; i++) {
    const next = [i]
    for (let j = 1; j <= right.length; j++)
      next.push(Math.min(row[j]! + 1, next[j - 1]! + 1, row[j - 1]! + (left[i - 1] === right[j - 1] ? 0 : 1)))
    row = next
  }
  return row[right.length]!
}
