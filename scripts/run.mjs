// The commands of a checkout. Plain JavaScript without dependencies, since it runs before anything is installed.
// It installs and builds what is missing or stale, says so on stderr, and then becomes the command:
// stdin, stdout, signals and the exit code are the command's own.

import { spawn, spawnSync } from 'node:child_process'
import { existsSync, readFileSync } from 'node:fs'
import { constants } from 'node:os'
import { delimiter, join } from 'node:path'
import { fingerprint, isFresh, markFresh, newestMtimeMs } from './freshness.mjs'
import { root, say, withLock } from './lock.mjs'

const programs = {
  demo: { app: 'demo', entry: 'apps/demo/bundle/demo.js' },
  hearsayd: { app: 'daemon', entry: 'apps/daemon/bundle/hearsayd.js' },
  hearsay: { app: 'daemon', entry: 'apps/daemon/bundle/hearsay.js' },
}
const suites = {
  test: { cwd: '.', entry: 'node_modules/vitest/vitest.mjs', args: ['run'] },
  interop: {
    cwd: 'interop',
    entry: 'node_modules/vitest/vitest.mjs',
    args: ['run'],
    needs: 'go',
    app: 'daemon',
  },
  bench: { cwd: '.', entry: 'bench/src/main.mjs', args: [], needs: 'go' },
  fuzz: { cwd: '.', entry: 'fuzz/src/main.mjs', args: [] },
  simulate: { cwd: '.', entry: 'experiments/src/main.mjs', args: [] },
}

const [command, ...args] = process.argv.slice(2)
await main()

async function main() {
  requireNode(20, 19)
  const program = programs[command]
  const suite = suites[command]
  if (!program && !suite)
    fail(`unknown command "${command}"; there are: ${[...Object.keys(programs), ...Object.keys(suites)].join(', ')}`)
  if (suite?.needs === 'go') requireGo()
  await install()
  if (program) {
    await bundle(program.app)
    become(join(root, program.entry), args, process.cwd())
  } else {
    if (suite.app) await bundle(suite.app)
    become(join(root, suite.entry), [...suite.args, ...args], join(root, suite.cwd))
  }
}

function requireNode(major, minor) {
  const [haveMajor, haveMinor] = process.versions.node.split('.').map(Number)
  if (haveMajor < major || (haveMajor === major && haveMinor < minor))
    fail(
      `hearsay needs Node ${major}.${minor} or newer; this is ${process.versions.node}. Install a newer Node and try again.`,
    )
}

function requireGo() {
  const go = spawnSync('go', ['version'], { encoding: 'utf8' })
  if (go.error)
    fail(
      `npm run ${command} compares with the real Go libraries and needs Go 1.25 or newer: install it, put it on the PATH and try again.`,
    )
}

async function install() {
  const stamp = 'node_modules/.modules.yaml'
  const sources = ['pnpm-lock.yaml', 'pnpm-workspace.yaml', 'package.json']
  const upToDate = () => existsSync(join(root, stamp)) && newestMtimeMs([stamp]) >= newestMtimeMs(sources)
  if (upToDate()) return
  await withLock(() => {
    if (upToDate()) return
    const { packageManager } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'))
    say(`installing dependencies with ${packageManager} (only when they are missing or have changed) …`)
    const env = { ...process.env, CI: '1' }
    // Development tools are needed to build, whatever the caller's environment says.
    delete env.NODE_ENV
    run('npx', ['--yes', packageManager, 'install', '--frozen-lockfile', '--prod=false', '--reporter=append-only'], env)
  })
}

async function bundle(app) {
  const sources = () =>
    fingerprint([
      'packages/*/src',
      'packages/*/package.json',
      'apps/*/src',
      'apps/*/package.json',
      'apps/*/tsup*.ts',
      'tsup.shared.ts',
      'pnpm-lock.yaml',
    ])
  const stamp = `apps/${app}/bundle/.sources`
  if (isFresh(stamp, sources())) return
  await withLock(() => {
    const wanted = sources()
    if (isFresh(stamp, wanted)) return
    say(`building apps/${app} …`)
    const bin = join(root, 'node_modules', '.bin')
    const env = { ...process.env, PATH: `${bin}${delimiter}${process.env.PATH}`, TURBO_TELEMETRY_DISABLED: '1' }
    run(
      join(bin, 'turbo'),
      ['run', 'bundle', `--filter=@hearsay/${app}`, '--output-logs=errors-only', '--log-order=stream'],
      env,
    )
    markFresh(stamp, wanted)
  })
}

/** Runs a step to its end, its output on stderr: stdout belongs to the command. */
function run(file, argv, env) {
  const windows = process.platform === 'win32'
  const { status, error } = spawnSync(file, argv, {
    cwd: root,
    env,
    stdio: ['ignore', process.stderr.fd, process.stderr.fd],
    shell: windows,
  })
  if (error) fail(`could not run ${file}: ${error.message}`)
  if (status !== 0) fail(`${file} ${argv.join(' ')} ended with status ${status}; its output is above.`, status ?? 1)
}

/** Starts the command in our place: hands signals on and ends as it ends. */
function become(entry, argv, cwd) {
  const child = spawn(process.execPath, ['--enable-source-maps', entry, ...argv], { cwd, stdio: 'inherit' })
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => child.kill(signal))
  // A shell between npm and us may die of a signal that it does not hand on: then we are adopted, and end as told.
  const parent = process.ppid
  setInterval(() => {
    if (process.ppid !== parent) child.kill('SIGTERM')
  }, 200).unref()
  child.on('error', (error) => fail(`could not start ${entry}: ${error.message}`))
  child.on('exit', (code, signal) => {
    process.exit(code ?? 128 + (constants.signals[signal] ?? 0))
  })
}

function fail(message, status = 1) {
  process.stderr.write(`hearsay: ${message}\n`)
  process.exit(status)
}
