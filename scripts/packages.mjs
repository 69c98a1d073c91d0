// What a user of the published packages gets: each is built, packed and linted, all are installed from their tarballs
// into an empty folder, and used there by import and by require. Prints the sizes. Ends with "N passed, N failed".

import { spawnSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { delimiter, join } from 'node:path'
import { root } from './lock.mjs'

// The smallest thing that a user of the node package writes.
const tenLines = `
import { createNode, lastWriterMap, memoryNetwork } from '@hearsay/node'
const network = memoryNetwork()
const a = await createNode({ name: 'a', transport: network })
const b = await createNode({ name: 'b', transport: network, join: [a.address] })
const flags = lastWriterMap()
a.kv.declare(flags); b.kv.declare(flags)
if (b.members().length !== 2) throw new Error('expected two members')
await b.leave(); await a.leave()
`

const bin = join(root, 'node_modules', '.bin')
const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, TURBO_TELEMETRY_DISABLED: '1' }
const work = mkdtempSync(join(tmpdir(), 'hearsay-packages-'))
let passed = 0
let failed = 0

try {
  check('build', () => run('turbo', ['run', 'build', '--output-logs=errors-only'], root))
  const packages = published()
  for (const each of packages) {
    check(`${each.name}: pack`, () => {
      run('pnpm', ['pack', '--pack-destination', work], each.folder)
      each.tarball = join(work, `${each.name.replace('@', '').replace('/', '-')}-${each.version}.tgz`)
      each.sizeBytes = statSync(each.tarball).size
    })
    check(`${each.name}: publint`, () => run('publint', ['--strict', each.tarball], root))
    check(`${each.name}: types resolve`, () =>
      run('attw', ['--profile', 'esm-only', '--format', 'table', each.tarball], root),
    )
  }
  const folder = join(work, 'user')
  check('install from tarballs', () => install(folder, packages))
  for (const each of packages) {
    check(`${each.name}: import`, () =>
      use(
        folder,
        'import.mjs',
        `const m = await import('${each.name}'); if (Object.keys(m).length === 0) throw new Error('exports nothing')`,
      ),
    )
    check(`${each.name}: require`, () =>
      use(
        folder,
        'require.cjs',
        `const m = require('${each.name}'); if (Object.keys(m).length === 0) throw new Error('exports nothing')`,
      ),
    )
  }
  check('ten lines', () => use(folder, 'ten-lines.mjs', tenLines))
  check('hearsayd -version', () => run(join(folder, 'node_modules', '.bin', 'hearsayd'), ['-version'], folder))
  console.log('\npacked sizes:')
  for (const each of packages) console.log(`  ${each.name.padEnd(22)} ${String(each.sizeBytes).padStart(8)} bytes`)
} finally {
  rmSync(work, { recursive: true, force: true })
}
console.log(`${passed} passed, ${failed} failed`)
process.exit(failed === 0 ? 0 : 1)

function published() {
  return ['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent))
      .map((name) => join(root, parent, name))
      .filter((folder) => existsSync(join(folder, 'package.json')))
      .map((folder) => ({ folder, ...JSON.parse(readFileSync(join(folder, 'package.json'), 'utf8')) }))
      .filter((each) => !each.private),
  )
}

function install(folder, packages) {
  mkdirSync(folder)
  const files = Object.fromEntries(packages.map((each) => [each.name, `file:${each.tarball}`]))
  writeFileSync(
    join(folder, 'package.json'),
    JSON.stringify({ name: 'user', private: true, dependencies: files, overrides: files }),
  )
  run('npm', ['install', '--no-audit', '--no-fund', '--loglevel=error'], folder)
}

function use(folder, file, code) {
  writeFileSync(join(folder, file), code)
  run(process.execPath, [file], folder)
}

function check(name, work) {
  try {
    work()
    passed++
    console.log(`ok   ${name}`)
  } catch (error) {
    failed++
    console.log(`FAIL ${name}\n${error.message}`)
  }
}

function run(file, args, cwd) {
  const { status, stdout, stderr, error } = spawnSync(file, args, {
    cwd,
    env,
    encoding: 'utf8',
    timeout: 300_000,
    shell: process.platform === 'win32',
  })
  if (error) throw error
  if (status !== 0) throw new Error(`${file} ${args.join(' ')} ended with ${status}\n${stdout}${stderr}`)
  return stdout
}
