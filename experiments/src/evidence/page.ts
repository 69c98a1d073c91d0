/** An experiment's page: what was asked, with what, what came out, how it is judged, and how to do it again. */
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { Cell, Column } from './table.ts'
import { figure, table } from './table.ts'
import { allHold, type Check, range, standing } from './verdict.ts'

/** One experiment's result. Nothing in it may depend on the machine, the day or the commit. */
export interface Evidence {
  /** `e7`: the name of the files. */
  readonly id: string
  readonly title: string
  /** What is measured and how, in Markdown. */
  readonly about: string
  /** How to make it again. */
  readonly command: string
  /** What was fixed, and seeds. */
  readonly parameters: readonly (readonly [name: string, value: string])[]
  readonly tables: readonly Table[]
  readonly plots: readonly { readonly name: string; readonly caption: string; readonly svg: string }[]
  /** Bands of faithful profiles. */
  readonly checks: readonly Check[]
  /** Targets of ours: reported as they are. */
  readonly targets: readonly {
    readonly what: string
    readonly found: number
    readonly target: string
    readonly met: boolean
  }[]
  /** Reasoning: what explains a difference. Paragraphs of Markdown. */
  readonly notes: readonly string[]
  /** Digests over the traces of all runs of a cell. */
  readonly traces: readonly (readonly [cell: string, digest: string])[]
  /** What the digests are over, where it is not traces. */
  readonly tracesOf?: string
  /** Cells run again with every message encoded, and what came of it. */
  readonly bytes?: readonly ByteCheck[]
}

/** A table with a heading. */
export interface Table {
  readonly heading: string
  readonly columns: readonly Column[]
  readonly rows: readonly (readonly Cell[])[]
  readonly note?: string
}

/** One run with messages by reference and the same with every message as bytes. */
export interface ByteCheck {
  readonly cell: string
  readonly byReference: string
  readonly asBytes: string
}

/** Whether every band holds and bytes made no difference. */
export const holds = ({ checks, bytes = [] }: Evidence): boolean =>
  allHold(checks) && bytes.every(({ byReference, asBytes }) => byReference === asBytes)

const BANDS =
  'A band holds when the figure lies in it, or when the figure’s 99.9 % interval reaches it (`within its interval`): fewer seeds widen it by no more than that.'

const TRACES_OF = 'SHA-256 over the trace hashes of a cell’s runs, in the order of their seeds.'

/** Writes `<id>.md` and its plots into a folder, and renews the folder's list. */
export function writeEvidence(folder: string, evidence: Evidence): void {
  mkdirSync(folder, { recursive: true })
  for (const { name, svg } of evidence.plots) writeFileSync(join(folder, `${evidence.id}-${name}.svg`), svg)
  writeFileSync(join(folder, `${evidence.id}.md`), page(evidence))
  writeFileSync(join(folder, 'README.md'), list(folder))
}

function page(evidence: Evidence): string {
  const { id, title, about, command, parameters, tables, plots, checks, targets, notes, traces, bytes = [] } = evidence
  return sections([
    `# ${id.toUpperCase()} ${title}`,
    summary(evidence),
    about,
    `Made by \`${command}\`.`,
    table(
      [
        { heading: 'parameter', align: 'left' },
        { heading: 'value', align: 'left' },
      ],
      parameters,
    ),
    ...tables.map(({ heading, columns, rows, note }) => sections([`## ${heading}`, table(columns, rows), note])),
    ...plots.map(({ name, caption }) => `![${caption}](${id}-${name}.svg)`),
    checks.length > 0 ? sections(['## Bands of the faithful profiles', BANDS, checkTable(checks)]) : undefined,
    targets.length > 0 ? sections(['## Targets of ours', targetTable(targets)]) : undefined,
    notes.length > 0 ? sections(['## Reading', ...notes]) : undefined,
    sections(['## Traces', evidence.tracesOf ?? TRACES_OF, traceTable(traces)]),
    bytes.length > 0
      ? sections(['The same run with every message encoded, sealed, opened and decoded:', byteTable(bytes)])
      : undefined,
  ])
}

/** One line, which the list repeats. */
function summary(evidence: Evidence): string {
  const { checks, targets, bytes = [] } = evidence
  const parts: string[] = []
  const missed = checks.filter((check) => standing(check) === 'OUTSIDE').length
  if (checks.length > 0) parts.push(`${checks.length - missed} of ${checks.length} bands hold`)
  const met = targets.filter((target) => target.met).length
  if (targets.length > 0) parts.push(`ours reaches ${met} of ${targets.length} targets`)
  if (bytes.length > 0)
    parts.push(
      bytes.every((each) => each.byReference === each.asBytes)
        ? 'bytes give the same trace'
        : 'BYTES GIVE ANOTHER TRACE',
    )
  return `**${parts.join('; ')}.**`
}

const checkTable = (checks: readonly Check[]): string =>
  table(
    [{ heading: 'figure', align: 'left' }, 'found', '99.9 % interval', 'band', { heading: 'verdict', align: 'left' }],
    checks.map((check) => [
      check.what,
      check.found,
      check.interval && range(check.interval),
      range(check),
      standing(check),
    ]),
  )

const targetTable = (targets: Evidence['targets']): string =>
  table(
    [{ heading: 'figure', align: 'left' }, 'ours', 'target', { heading: '', align: 'left' }],
    targets.map(({ what, found, target, met }) => [what, found, target, met ? 'reached' : 'missed']),
  )

const traceTable = (traces: Evidence['traces']): string =>
  table(
    [
      { heading: 'cell', align: 'left' },
      { heading: 'digest', align: 'left' },
    ],
    traces,
  )

const byteTable = (bytes: readonly ByteCheck[]): string =>
  table(
    [
      { heading: 'cell', align: 'left' },
      { heading: 'by reference', align: 'left' },
      { heading: 'as bytes', align: 'left' },
      { heading: '', align: 'left' },
    ],
    bytes.map(({ cell, byReference, asBytes }) => [
      cell,
      byReference,
      asBytes,
      byReference === asBytes ? 'equal' : 'DIFFERENT',
    ]),
  )

function list(folder: string): string {
  const pages = readdirSync(folder)
    .filter((name) => /^e\d+\.md$/.test(name))
    .sort((a, b) => Number(a.slice(1, -3)) - Number(b.slice(1, -3)))
  const rows = pages.map((name) => {
    const [heading = '', , verdict = ''] = readFileSync(join(folder, name), 'utf8').split('\n')
    return [`[${heading.replace('# ', '')}](${name})`, verdict.replaceAll('**', '')]
  })
  return sections([
    '# Evidence',
    'Published figures beside what our machine does on virtual time, each made by the one command its page names. `faithful` follows memberlist v0.7.0 (and, where a page says so, the papers); `ours` is what hearsay does by default; the limit is what no schedule can beat.',
    table(
      [
        { heading: 'experiment', align: 'left' },
        { heading: 'verdict', align: 'left' },
      ],
      rows,
    ),
  ])
}

const sections = (parts: readonly (string | undefined)[]): string =>
  `${parts
    .filter((part) => part !== undefined && part !== '')
    .map((part) => part!.trimEnd())
    .join('\n\n')}\n`

/** `x (low – high)`: a figure and its interval in one cell. */
export const withInterval = (value: number, interval: { readonly low: number; readonly high: number }): string =>
  `${figure(value)} (${range(interval)})`
