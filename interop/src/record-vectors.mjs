// Records golden vectors from the real Go libraries, or, with --check, fails when a recording differs from what is
// committed. The recorder's files are put into a temporary copy of the library's own package and run there as a test,
// since what encodes a message is not exported; nothing of the library's source is kept.
//
//   node interop/src/record-vectors.mjs [--check] [FILE.jsonl …]

import { cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { go, libraryCopy } from '../../scripts/go-library.mjs'

const interop = join(dirname(fileURLToPath(import.meta.url)), '..')
const recorder = join(interop, 'go', 'vector-recorder')
const flags = process.argv.slice(2)
const check = flags.includes('--check')
const only = flags.filter((flag) => !flag.startsWith('-'))

const libraries = JSON.parse(readFileSync(join(recorder, 'libraries.json'), 'utf8'))
const wanted = libraries.filter((library) => only.length === 0 || only.includes(library.vectors))
if (wanted.length === 0) fail(`no such recording; there are ${libraries.map((library) => library.vectors).join(', ')}`)

const scratch = mkdtempSync(join(tmpdir(), 'hearsay-vectors-'))
try {
  let different = 0
  for (const library of wanted) different += record(library)
  if (different > 0) process.exitCode = 1
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** Returns 1 when a check found a difference, else 0. */
function record(library) {
  const copy = libraryCopy(library, scratch)
  const packageDir = join(copy, library.package)
  for (const source of library.sources) cpSync(join(recorder, source), join(packageDir, `hearsay_${basename(source)}`))
  const recording = join(scratch, library.vectors)
  go(['test', '-count=1', '-vet=off', '-run', '^TestRecordVectors$', '.'], packageDir, {
    HEARSAY_LIBRARY: `${library.module}@${library.version}`,
    HEARSAY_VECTORS: recording,
  })
  const target = join(interop, 'vectors', library.vectors)
  const lines = readFileSync(recording, 'utf8')
  const count = lines.trimEnd().split('\n').length
  if (!check) {
    writeFileSync(target, lines)
    console.log(`${library.vectors}: ${count} vectors from ${library.module}@${library.version}`)
    return 0
  }
  const difference = firstDifference(readFileSync(target, 'utf8'), lines)
  if (difference === undefined) console.log(`${library.vectors}: ${count} vectors, as recorded`)
  else
    console.error(
      `${library.vectors}: line ${difference.line} differs\n  committed: ${difference.old}\n  library:   ${difference.new}`,
    )
  return difference === undefined ? 0 : 1
}

function firstDifference(committed, recorded) {
  const [old, now] = [committed.split('\n'), recorded.split('\n')]
  for (let line = 0; line < Math.max(old.length, now.length); line++)
    if (old[line] !== now[line]) return { line: line + 1, old: cut(old[line]), new: cut(now[line]) }
  return undefined
}

function cut(line) {
  return line === undefined ? '(nothing)' : line.length > 300 ? `${line.slice(0, 300)}…` : line
}

function fail(message) {
  console.error(message)
  rmSync(scratch, { recursive: true, force: true })
  process.exit(1)
}
