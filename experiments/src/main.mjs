// Clusters on virtual time, and what they are measured for. A command is built when it is asked for, since what members
// run is built, too.
//
//   npm run simulate -- help
//   npm run simulate -- COMMAND [options]

import { existsSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

const folder = join(import.meta.dirname, '..', '.build')
const made = []
process.on('exit', () => {
  for (const file of made) rmSync(file, { force: true })
})

const { main } = await load('main.ts')
process.exitCode = await main(process.argv.slice(2), (command) => {
  const source = join(command, 'command.ts')
  return existsSync(join(import.meta.dirname, source)) ? load(source) : undefined
})

async function load(source) {
  const outfile = join(folder, `${source.replaceAll(/[^a-z0-9]/g, '-')}-${process.pid}.mjs`)
  made.push(outfile)
  await build({
    entryPoints: [join(import.meta.dirname, source)],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@hearsay/source'],
    sourcemap: 'inline',
    outfile,
    logLevel: 'warning',
  })
  return import(pathToFileURL(outfile).href)
}
