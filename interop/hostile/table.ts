/** docs/verdicts.md: every row, what each peer does about it, and where they differ. */
import { differences } from './differences.ts'
import { describeGroup, groups } from './group.ts'
import { unplayed } from './rows/index.ts'
import { describeVerdicts, type RowResult } from './run-rows.ts'

/** A verdict longer than this is cut. */
const MAX_CELL = 220

/** The whole page. */
export function verdictsPage(results: readonly RowResult[]): string {
  const listed = Object.entries(differences).filter(([id]) => results.some((each) => each.case.differs === id))
  const same = results.filter(({ go, case: { differs } }) => go && !differs).length
  const spared = results.filter(({ go }) => !go).length
  return `# Verdicts

What memberlist v0.7.0 and hearsay do about the same bytes: malformed packets and streams, and odd ones that are legal.
Both run as real members on loopback, equally configured; compared is all that can be seen: what they send, how they end
a connection, what their application is told, and every record of their member list. This page is made by
\`node interop/src/verdicts.mjs\`, which needs Go; rows and their numbers are those of the wire specification, section 7.

Of ${results.length} inputs, ${same} have the same verdict, ${listed.length === 0 ? 'none differs' : `${results.length - same - spared} differ for a reason below`}, and ${spared} are not sent to Go.

${section('Why some differ', ['reason', 'what we do'], listed)}
${section(
  'Configurations',
  ['name', 'configuration of both'],
  Object.values(groups).map((group) => [group.id, describeGroup(group)]),
)}
${section('Rows', ['row', 'configuration', 'input', 'memberlist v0.7.0', 'hearsay'], results.map(rowCells))}
${Object.entries(unplayed)
  .map(([row, reason]) => `Row ${row} is not played: ${reason}.`)
  .join('\n')}
`
}

function rowCells({ case: { row, group, title, via, differs, oursOnly }, go, ours }: RowResult): string[] {
  const input = via === 'stream' ? `${title} (stream)` : title
  const theirs = go ? cut(describeVerdicts(go)) : `not sent: ${oursOnly?.because}`
  return [
    row,
    group,
    input,
    theirs,
    go && !differs ? 'the same' : `${cut(describeVerdicts(ours))}${differs ? ` (${differs})` : ''}`,
  ]
}

const cut = (text: string): string => (text.length > MAX_CELL ? `${text.slice(0, MAX_CELL)}…` : text)

function section(title: string, head: readonly string[], rows: readonly (readonly string[])[]): string {
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |\n`
  return `## ${title}\n\n${line(head)}${line(head.map(() => '---'))}${rows.map(line).join('')}`
}
