/** Tables for people. */

/** A column: its heading, and whether its cells line up on the right. */
export interface Column {
  readonly title: string
  readonly right?: boolean
}

/** Lines of a table with headings, two spaces between columns. Cells are made harmless to a terminal first. */
export function formatTable(columns: readonly Column[], rows: readonly (readonly unknown[])[]): string {
  const cells = [columns.map((column) => column.title), ...rows.map((row) => row.map((cell) => printable(cell)))]
  const widths = columns.map((_, index) => Math.max(...cells.map((row) => width(row[index] ?? ''))))
  return cells
    .map((row) => {
      const padded = columns.map(({ right }, index) => {
        const cell = row[index] ?? ''
        const padding = ' '.repeat(widths[index]! - width(cell))
        return right ? padding + cell : cell + padding
      })
      return `${padded.join('  ').trimEnd()}\n`
    })
    .join('')
}

/** Text from elsewhere without what drives a terminal or ends a line. */
export const printable = (value: unknown): string =>
  String(value ?? '').replace(
    /[\p{Cc}\p{Cf}\u2028\u2029]/gu,
    (c) => `\\u${c.charCodeAt(0).toString(16).padStart(4, '0')}`,
  )

const width = (text: string): number => [...text].length
