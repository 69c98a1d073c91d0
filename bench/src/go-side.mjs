// The Go side: our test files inside a pinned library's package, compiled once, then a process that answers lines.

import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { go, libraryCopy } from '../../scripts/go-library.mjs'
import { startChild } from './processes/child.mjs'

const bench = join(import.meta.dirname, '..')
const interop = join(bench, '..', 'interop', 'go')

/** The libraries that we are compared with, by the name of their package. */
export const libraries = {
  memberlist: recorded('github.com/hashicorp/memberlist', 'v0.7.0'),
  snappy: ofDskit('github.com/golang/snappy'),
  dskit: ofDskit('github.com/grafana/dskit'),
}

/** The package that our test files are put into, as a folder, where it is not the first; and files for other packages of it. */
const packages = { dskit: { folder: 'ring', name: 'ring', besides: { 'receive.go': 'kv/memberlist' } } }

/** What `go version` says. */
export const goVersion = () => go(['version'], bench).trim().replace('go version ', '')

/** Starts one, on one core. `ask(line)` resolves with the answer. */
export const startGoSide = (name) => startTest(name, 'TestServeBench', {})

/** Starts a whole member of memberlist's. */
export const startGoNode = (options) => startTest('memberlist', 'TestServeNode', options)

const startTest = (library, test, options) =>
  startChild(goBinary(library), ['-test.run', `^${test}$`, '-test.timeout', '0'], {
    ...options,
    env: { GOMAXPROCS: '1' },
  })

/** The version that the golden vectors were recorded with. */
function recorded(module, version) {
  const all = JSON.parse(readFileSync(join(interop, 'vector-recorder', 'libraries.json'), 'utf8'))
  return all.find((each) => each.module === module && each.version === version)
}

/** The version of the interop suite: dskit's own, or what dskit is built with. */
function ofDskit(module) {
  const sums = readFileSync(join(interop, 'dskit-peer', 'go.sum'), 'utf8').split('\n')
  const [, version, sum] = sums
    .map((line) => line.split(' '))
    .find(([name, of]) => name === module && !of.includes('/'))
  return { module, version, sum }
}

function goBinary(name) {
  const { folder = '.', name: inside = name, besides = {} } = packages[name] ?? {}
  const files = {
    [join(folder, 'hearsay_serve_test.go')]: sourceOf('serve_test.go').replace(/^package bench$/m, `package ${inside}`),
    ...Object.fromEntries(
      readdirSync(join(bench, 'go', name)).map((file) => [
        join(besides[file] ?? folder, `hearsay_${file}`),
        sourceOf(name, file),
      ]),
    ),
  }
  const hash = createHash('sha256').update(JSON.stringify([libraries[name], goVersion(), files]))
  const binary = join(bench, 'bin', `${name}-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(binary)) return binary
  mkdirSync(join(bench, 'bin'), { recursive: true })
  const scratch = mkdtempSync(join(tmpdir(), 'hearsay-bench-'))
  try {
    const copy = libraryCopy(libraries[name], scratch)
    for (const [file, source] of Object.entries(files)) writeFileSync(join(copy, file), source)
    go(['test', '-c', '-vet=off', '-o', binary, `./${folder}`], copy)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return binary
}

const sourceOf = (...path) => readFileSync(join(bench, 'go', ...path), 'utf8')
