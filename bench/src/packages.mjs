// What a user of the published packages loads: packed size and time of import.

import { spawnSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { median } from './statistics.mjs'

const root = join(import.meta.dirname, '..', '..')
const bin = join(root, 'node_modules', '.bin')
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, TURBO_TELEMETRY_DISABLED: '1' }
const PROCESSES = 7

/** Builds and packs each published package, and imports it in fresh processes: name, packed size, median import time. */
export function measurePackages() {
  run('turbo', ['run', 'build', '--output-logs=errors-only'], root)
  const scratch = mkdtempSync(join(tmpdir(), 'hearsay-packed-'))
  try {
    return published().map(({ name, folder }) => ({
      name,
      packedBytes: packedBytes(folder, join(scratch, name.replace('/', '-'))),
      importMs: median(Array.from({ length: PROCESSES }, () => importMs(name, folder))),
    }))
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
}

const published = () =>
  ['packages', 'apps']
    .flatMap((parent) => readdirSync(join(root, parent)).map((name) => join(root, parent, name)))
    .filter((folder) => existsSync(join(folder, 'package.json')))
    .map((folder) => ({ folder, ...JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
    .filter((each) => !each.private)

function packedBytes(folder, destination) {
  run('pnpm', ['pack', '--pack-destination', destination], folder)
  return statSync(join(destination, readdirSync(destination)[0])).size
}

/** From the first line of a fresh process to the end of the import, everything it imports included. */
function importMs(name, folder) {
  const code = `const started = performance.now(); await import('${name}'); console.log(performance.now() - started)`
  return Number(run(process.execPath, ['--input-type=module', '-e', code], folder))
}

function run(file, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(file, args, { cwd, env, encoding: 'utf8', timeout: 300_000 })
  if (error) throw error
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`)
  return stdout
}
