// Rows as text: for a terminal, and for a page.

const cellsOf = ({ group, item, unit, goNs, hearsayNs, ratio, low, high, target, met }) => [
  group,
  item,
  amount(goNs, unit),
  amount(hearsayNs, unit),
  ratio.toFixed(3),
  `${low.toFixed(3)} – ${high.toFixed(3)}`,
  target === undefined ? '–' : `${Number(target.toFixed(2))}`,
  met === undefined ? '–' : met ? 'yes' : 'MISSED',
]
const headings = (interval) => ['', 'item', 'Go', 'hearsay', 'ratio', interval, 'target', 'met?']

/** Three digits and a unit. */
function amount(ns, of) {
  if (of !== 'ns') return `${ns.toFixed(0)} ${of}`
  const [value, unit] = ns < 1000 ? [ns, 'ns'] : ns < 1e6 ? [ns / 1e3, 'µs'] : [ns / 1e6, 'ms']
  return `${value < 10 ? value.toFixed(2) : value < 100 ? value.toFixed(1) : value.toFixed(0)} ${unit}`
}

/** Lines with aligned columns; text to the left, the rest to the right. */
export function terminalTable(rows, interval) {
  const lines = [headings(interval), ...rows.map(cellsOf)]
  const widths = widthsOf(lines)
  return lines.map((line) =>
    line.map((cell, column) => (column < 2 ? cell.padEnd(widths[column]) : cell.padStart(widths[column]))).join('  '),
  )
}

/** Lines of a Markdown table of the same. */
export const markdownTable = (rows, interval) =>
  markdown([headings(interval), ...rows.map(cellsOf)], (column) => column > 1)

/** Lines of a Markdown table; the first of `lines` is its heading. */
export function markdown(lines, isNumber) {
  const widths = widthsOf(lines)
  const row = (cells) =>
    `| ${cells.map((cell, column) => (isNumber(column) ? cell.padStart(widths[column]) : cell.padEnd(widths[column]))).join(' | ')} |`
  const rule = widths.map((width, column) => `${'-'.repeat(width - 1)}${isNumber(column) ? ':' : '-'}`)
  return [row(lines[0]), row(rule), ...lines.slice(1).map(row)]
}

const widthsOf = (lines) => lines[0].map((_, column) => Math.max(3, ...lines.map((line) => line[column].length)))
