/** Dumps as text for a terminal or a failing test. */
import type { Dump, DumpEntry, DumpProblem } from './dump.ts'

/** How a dump is printed. */
export interface FormatOptions {
  /** With the escape codes of a terminal. Default false. */
  readonly colour?: boolean
  /** With the problems behind the entries. Default true. */
  readonly problems?: boolean
}

const BYTES_A_ROW = 8
const ROW_WIDTH = 3 * BYTES_A_ROW - 1
/** Rows of one entry; what is beyond is counted. */
const MAX_ROWS = 4

const styles = { offset: '2', name: '1', layer: '36', problem: '31' } as const

/**
 * Lines such as `0000  f4 04 70 72 6f 64        label "prod"`: offset, own bytes, and what they are, indented by depth.
 * Where another layer begins, or goes on, a line says so. Each line ends with a newline.
 */
export function formatDump(dump: Dump, { colour = false, problems = true }: FormatOptions = {}): string {
  const paint = painter(colour)
  const lines: string[] = []
  let layer: string | undefined
  for (const entry of dump.entries) {
    const isHeading = entry.bytes === undefined && entry.layer !== layer && entry.name === entry.layer
    if (!isHeading && entry.layer !== layer)
      lines.push(paint('layer', heading(`${entry.layer ?? dump.kind}, continued`)))
    layer = entry.layer
    lines.push(...(isHeading ? [paint('layer', heading(titled(entry)))] : formatEntry(entry, paint)))
  }
  if (dump.omittedEntries > 0) lines.push(heading(`${dump.omittedEntries} more entries are not shown`))
  if (problems) {
    for (const problem of dump.problems) lines.push(paint('problem', formatProblem(problem)))
    if (dump.omittedProblems > 0) lines.push(paint('problem', `${dump.omittedProblems} more problems are not shown`))
  }
  return lines.map((line) => `${line}\n`).join('')
}

/** One sentence: where, in decimal and in hex, and why. */
export function formatProblem({ reason, offset, layer, detail }: DumpProblem): string {
  const place = layer === undefined ? '' : ` of what is ${layer}`
  return `offset ${offset} (0x${hexOffset(offset)})${place}: ${detail} (${reason})`
}

/** Lines of one entry, without their newlines. */
export function formatEntry(entry: DumpEntry, paint: Painter = painter(false)): string[] {
  const { bytes, offset, depth, name } = entry
  const rows = bytes === undefined ? [''] : hexRows(bytes)
  const indent = ' '.repeat(2 * depth)
  return rows.map((row, index) => {
    const place = row.startsWith('…') ? '    ' : hexOffset(offset + BYTES_A_ROW * index)
    const isBad = name === 'unreadable'
    const text = index > 0 ? '' : `${indent}${isBad ? paint('problem', titled(entry)) : titled(entry, paint)}`
    return `${paint('offset', place)}  ${row.padEnd(ROW_WIDTH)}  ${text}`.trimEnd()
  })
}

type Painter = (style: keyof typeof styles, text: string) => string

const painter =
  (colour: boolean): Painter =>
  (style, text) =>
    colour ? `\u001b[${styles[style]}m${text}\u001b[0m` : text

const titled = ({ name, value }: DumpEntry, paint: Painter = painter(false)): string =>
  value === '' ? paint('name', name) : `${paint('name', name)} ${value}`

const heading = (text: string): string => `      -- ${text}`

const hexOffset = (offset: number): string => offset.toString(16).padStart(4, '0')

function hexRows(bytes: Uint8Array): string[] {
  const rows: string[] = []
  for (let at = 0; at < bytes.length; at += BYTES_A_ROW) {
    if (rows.length === MAX_ROWS - 1 && bytes.length > MAX_ROWS * BYTES_A_ROW) {
      rows.push(`… ${bytes.length - at} more`)
      break
    }
    rows.push([...bytes.subarray(at, at + BYTES_A_ROW)].map((byte) => byte.toString(16).padStart(2, '0')).join(' '))
  }
  return rows
}
