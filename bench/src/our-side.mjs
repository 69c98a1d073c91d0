// Our code as users get it: bundled JavaScript.

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'

/** The items, and how to time one of ours. */
export async function ourSide() {
  const folder = join(import.meta.dirname, '..', '.build')
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  const outfile = join(folder, 'items.mjs')
  await build({
    entryPoints: [join(import.meta.dirname, 'items.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@hearsay/source'],
    outfile,
    logLevel: 'silent',
  })
  return import(pathToFileURL(outfile).href)
}
