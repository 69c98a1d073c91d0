// docs/speed.md: the table of one whole run, and what the packages weigh.

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { markdown, markdownTable } from './table.mjs'

const page = join(import.meta.dirname, '..', '..', 'docs', 'speed.md')

/** Writes the page. */
export function writePage({ rows, environment, packages }) {
  const { node, go, cpu, libraries, pairs } = environment
  const targets = rows.filter(({ target }) => target !== undefined)
  const met = targets.filter((row) => row.met)
  const parts = [
    '# Speed',
    '',
    "Our codec and our membership beside Go's, on the same inputs, in one run. Ratio: our time (or memory) ÷ Go's, the",
    'median of the pairs; ratios count only inside a run, absolute times are for orientation. Made by',
    '`npm run bench -- --write`; how it is measured is told in [bench/README.md](../bench/README.md).',
    '',
    `Node ${node}, ${go}, ${libraries.join(', ')}; ${cpu}; ${pairs} pairs. ${met.length} of ${targets.length} targets met.`,
    '',
    ...markdownTable(rows, '95 % interval'),
    '',
    '## Packages',
    '',
    'Size of the packed tarball, and time of the first `import` in a fresh process, everything it imports included (median',
    'of seven). An empty process that imports nothing takes none of it.',
    '',
    ...markdown(
      [
        ['package', 'packed', 'import'],
        ...packages.map(({ name, packedBytes, importMs }) => [
          name,
          `${(packedBytes / 1000).toFixed(1)} kB`,
          `${importMs.toFixed(1)} ms`,
        ]),
      ],
      (column) => column > 0,
    ),
  ]
  writeFileSync(page, `${parts.join('\n')}\n`)
}
