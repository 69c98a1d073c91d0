// Hostile bytes for everything that reads the network. Built first, since what members run is built, too.
//
//   npm run fuzz [-- --packets N] [--chunks M] [--deep SHARE] [--seed S] [--minutes T] [--only LIST]
//   npm run fuzz -- --replay HEX
//   npm run fuzz -- --planted

import { rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const folder = join(import.meta.dirname, '..', '.build')
const outfile = join(folder, `fuzz-${process.pid}.mjs`)
await build({
  entryPoints: [join(import.meta.dirname, 'main.ts')],
  bundle: true,
  platform: 'node',
  format: 'esm',
  target: 'node20',
  conditions: ['@hearsay/source'],
  sourcemap: 'inline',
  outfile,
  logLevel: 'silent',
})
process.on('exit', () => rmSync(outfile, { force: true }))
const { main } = await import(pathToFileURL(outfile).href)
process.exitCode = await main(process.argv.slice(2), join(folder, 'findings'))
