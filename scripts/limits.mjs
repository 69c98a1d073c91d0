// Makes docs/limits.md from the constants in the source: every named bound, what it bounds, and where it is.
// `node scripts/limits.mjs` writes the table; with `--check` it fails when the table is not what the source says.

import { readdirSync, readFileSync, writeFileSync } from 'node:fs'
import { join, relative } from 'node:path'
import { root } from './lock.mjs'

const page = join(root, 'docs', 'limits.md')
const bound = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\n(?:export )?const ([A-Z][A-Z0-9_]+)(?:: number)? = ([\d_*+\-. ]+)\n/g
const isBound = (name) => /MAX_|LIMIT|CEILING|CONCURRENCY|_PER_/.test(name)

const table = render()
if (!process.argv.includes('--check')) writeFileSync(page, table)
else if (readFileSync(page, 'utf8') !== table) {
  console.error('docs/limits.md is not what the source says: run node scripts/limits.mjs')
  process.exit(1)
} else console.log('docs/limits.md is what the source says')

function render() {
  const sections = ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => ({ name, bounds: boundsOf(join(root, parent, name, 'src')) })),
  )
  const parts = [
    '# Limits',
    '',
    'Every length, table and queue that strangers can fill has a bound with a name. What goes beyond is refused, dropped',
    'or pruned, and counted by reason. This page is made from the source by `node scripts/limits.mjs`.',
  ]
  for (const { name, bounds } of sections.filter(({ bounds }) => bounds.length > 0)) {
    const rows = bounds.map((each) => [`\`${each.name}\``, each.value, each.meaning, `\`${each.file}\``])
    parts.push('', `## ${name}`, '', ...aligned([['name', 'value', 'bounds', 'in'], ...rows]))
  }
  return `${parts.join('\n')}\n`
}

function boundsOf(folder) {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter(
    (entry) => entry.isFile() && entry.name.endsWith('.ts'),
  )
  return files
    .map((entry) => join(entry.parentPath, entry.name))
    .sort()
    .flatMap((file) =>
      [...readFileSync(file, 'utf8').matchAll(bound)]
        .filter(([, , name]) => isBound(name))
        .map(([, comment, name, sum]) => ({
          name,
          value: readable(name, evaluate(sum)),
          meaning: comment
            .replace(/\s*\n\s*\*\s*/g, ' ')
            .trim()
            .replaceAll('|', '\\|'),
          file: relative(root, file),
        })),
    )
}

/** Products, sums and powers of plain numbers: what the pattern lets through. */
function evaluate(sum) {
  return Number(Function(`return ${sum}`)())
}

function readable(name, value) {
  const plain = value.toLocaleString('en-US')
  if (!name.endsWith('_BYTES')) return plain
  for (const [unit, size] of [
    ['MiB', 2 ** 20],
    ['KiB', 2 ** 10],
  ])
    if (value >= size && value % size === 0) return `${value / size} ${unit}`
  return `${plain} B`
}

function aligned(rows) {
  const widths = rows[0].map((_, column) => Math.max(...rows.map((row) => row[column].length)))
  const line = (row) => `| ${row.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`
  return [line(rows[0]), `| ${widths.map((width) => '-'.repeat(width)).join(' | ')} |`, ...rows.slice(1).map(line)]
}
