// The Go side: our test file inside the pinned library's package, compiled once, then a process that answers lines.

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { go, libraryCopy } from '../../scripts/go-library.mjs'

const bench = join(import.meta.dirname, '..')
const source = join(bench, 'go', 'codec_bench_test.go')

/** The library that we are compared with. */
export const library = JSON.parse(
  readFileSync(join(bench, '..', 'interop', 'go', 'vector-recorder', 'libraries.json'), 'utf8'),
).find((each) => each.module === 'github.com/hashicorp/memberlist' && each.version === 'v0.7.0')

/** What `go version` says. */
export const goVersion = () => go(['version'], bench).trim().replace('go version ', '')

/** Starts it, on one core. `ask(line)` resolves with the answer. */
export function startGoSide() {
  const child = spawn(goBinary(), ['-test.run', '^TestServeBench$'], {
    stdio: ['pipe', 'pipe', 'inherit'],
    env: { ...process.env, GOMAXPROCS: '1' },
  })
  const answers = createInterface({ input: child.stdout })[Symbol.asyncIterator]()
  return {
    async ask(line) {
      child.stdin.write(`${line}\n`)
      const { value, done } = await answers.next()
      if (done) throw new Error(`the Go side ended while it was asked for: ${line}`)
      return value
    },
    stop: () => child.stdin.end(),
  }
}

function goBinary() {
  const hash = createHash('sha256').update(JSON.stringify(library)).update(goVersion()).update(readFileSync(source))
  const binary = join(bench, 'bin', `codec-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(binary)) return binary
  mkdirSync(join(bench, 'bin'), { recursive: true })
  const scratch = mkdtempSync(join(tmpdir(), 'hearsay-bench-'))
  try {
    const copy = libraryCopy(library, scratch)
    cpSync(source, join(copy, 'hearsay_codec_bench_test.go'))
    go(['test', '-c', '-vet=off', '-o', binary, '.'], copy)
  } finally {
    rmSync(scratch, { recursive: true, force: true })
  }
  return binary
}
