// The Go side: our test files inside a pinned library's package, compiled once, then a process that answers lines.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { go, libraryCopy } from '../../scripts/go-library.mjs'

const bench = join(import.meta.dirname, '..')
const interop = join(bench, '..', 'interop', 'go')

/** The libraries that we are compared with, by the name of their package. */
export const libraries = { memberlist: recorded('github.com/hashicorp/memberlist', 'v0.7.0'), snappy: snappy() }

/** What `go version` says. */
export const goVersion = () => go(['version'], bench).trim().replace('go version ', '')

/** Starts one, on one core. `ask(line)` resolves with the answer. */
export function startGoSide(name) {
  const child = spawn(goBinary(name), ['-test.run', '^TestServeBench$', '-test.timeout', '0'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, GOMAXPROCS: '1' },
  })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask(line) {
      child.stdin.write(`${line}\n`)
      const { value, done } = await answers.next()
      // A test that fails says so before it ends.
      if (done || /^(---|FAIL|ok)/.test(value)) throw new Error(`the Go side gave up on: ${line.slice(0, 100)}`)
      return value
    },
    stop: () => child.stdin.end(),
  }
}

/** The version that the golden vectors were recorded with. */
function recorded(module, version) {
  const all = JSON.parse(readFileSync(join(interop, 'vector-recorder', 'libraries.json'), 'utf8'))
  return all.find((each) => each.module === module && each.version === version)
}

/** The version that dskit is built with in the interop suite. */
function snappy() {
  const module = 'github.com/golang/snappy'
  const sums = readFileSync(join(interop, 'dskit-peer', 'go.sum'), 'utf8').split('\n')
  const [, version, sum] = sums
    .map((line) => line.split(' '))
    .find(([name, of]) => name === module && !of.includes('/'))
  return { module, version, sum }
}

function goBinary(name) {
  const files = {
    'hearsay_serve_test.go': sourceOf('serve_test.go').replace(/^package bench$/m, `package ${name}`),
    'hearsay_operations_test.go': sourceOf(name, 'operations_test.go'),
  }
  const hash = createHash('sha256').update(JSON.stringify([libraries[name], goVersion(), files]))
  const binary = join(bench, 'bin', `${name}-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(binary)) return binary
  mkdirSync(join(bench, 'bin'), { recursive: true })
  const scratch = mkdtempSync(join(tmpdir(), 'hearsay-bench-'))
  try {
    const copy = libraryCopy(libraries[name], scratch)
    for (const [file, source] of Object.entries(files)) writeFileSync(join(copy, file), source)
    go(['test', '-c', '-vet=off', '-o', binary, '.'], copy)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return binary
}

const sourceOf = (...path) => readFileSync(join(bench, 'go', ...path), 'utf8')
