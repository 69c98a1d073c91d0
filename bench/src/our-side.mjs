// Our code as users get it: bundled JavaScript.

import { mkdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { build } from 'esbuild'
import { startChild } from './processes/child.mjs'

const folder = join(import.meta.dirname, '..', '.build')
const entries = {
  items: 'items.ts',
  node: 'processes/node.ts',
  traffic: 'processes/traffic.ts',
  largeState: 'processes/large-state.ts',
}

/** Bundles; the items, and how to time one of ours. */
export async function ourSide() {
  rmSync(folder, { recursive: true, force: true })
  mkdirSync(folder)
  await build({
    entryPoints: Object.entries(entries).map(([out, source]) => ({ in: join(import.meta.dirname, source), out })),
    outdir: folder,
    outExtension: { '.js': '.mjs' },
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@hearsay/source'],
    logLevel: 'silent',
  })
  return import(pathToFileURL(join(folder, 'items.mjs')).href)
}

/** Starts a process of ours, one of the entries, after {@link ourSide} has bundled it. */
export const startOurs = (name, options) => startChild(process.execPath, [join(folder, `${name}.mjs`)], options)
