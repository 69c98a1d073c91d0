/** Tables in Markdown. */

/** What may stand in a cell. A missing figure is a dash. */
export type Cell = string | number | undefined

/** A heading and how its column is aligned. Default: right, as figures are. */
export type Column = string | { readonly heading: string; readonly align: 'left' | 'right' }

/** A table; every row has as many cells as there are columns. */
export function table(columns: readonly Column[], rows: readonly (readonly Cell[])[]): string {
  const headings = columns.map((column) => (typeof column === 'string' ? column : column.heading))
  const left = columns.map((column) => typeof column !== 'string' && column.align === 'left')
  const texts = [headings, ...rows.map((row) => row.map(cellText))]
  const widths = headings.map((_, index) => Math.max(3, ...texts.map((row) => (row[index] ?? '').length)))
  const line = (cells: readonly string[]): string =>
    `| ${cells.map((cell, index) => (left[index] ? cell.padEnd(widths[index]!) : cell.padStart(widths[index]!))).join(' | ')} |`
  const rule = widths.map((width, index) => (left[index] ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`))
  return [line(texts[0]!), line(rule), ...texts.slice(1).map(line)].join('\n')
}

/** A figure with so many significant digits, never in powers of ten where that can be helped. */
export function figure(value: number, digits = 3): string {
  if (!Number.isFinite(value)) return '–'
  if (value === 0) return '0'
  const size = Math.abs(value)
  if (size < 1e-4) return value.toExponential(digits - 1)
  const decimals = Math.max(0, digits - 1 - Math.floor(Math.log10(size)))
  return value.toFixed(Math.min(decimals, 8))
}

/** Counts with thousands set apart. */
export const grouped = (value: number): string => Math.round(value).toLocaleString('en-US')

function cellText(cell: Cell): string {
  if (cell === undefined) return '–'
  return (typeof cell === 'number' ? figure(cell) : cell).replaceAll('|', '\\|')
}
