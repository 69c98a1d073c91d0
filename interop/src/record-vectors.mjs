// Records golden vectors from the real Go libraries, or, with --check, fails when a recording differs from what is
// committed. The recorder's files are put into a temporary copy of the library's own package and compiled there as a
// test, since what encodes a message is not exported; nothing of the library's source is kept. Compiled recorders stay
// in interop/bin for as long as neither library, recorder nor Go changes.
//
//   node interop/src/record-vectors.mjs [--check] [LIBRARY …]      such as memberlist-v0.7.0

import { spawn } from 'node:child_process'
import { createHash } from 'node:crypto'
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
} from 'node:fs'
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
const wanted = libraries.filter(({ vectors }) => only.length === 0 || only.includes(vectors))
const scratch = mkdtempSync(join(tmpdir(), 'hearsay-vectors-'))
try {
  if (wanted.length === 0)
    throw new Error(`no such library; there are ${libraries.map(({ vectors }) => vectors).join(', ')}`)
  const goVersion = go(['version'], scratch).trim()
  for (const library of wanted) {
    const recorded = join(scratch, `recorded-${library.vectors}`)
    mkdirSync(recorded)
    await run(binaryOf(library, goVersion), recorded, library)
    const committed = join(interop, 'vectors', library.vectors)
    if (check) compare(committed, recorded, library.vectors)
    else replace(committed, recorded, library)
  }
} catch (error) {
  console.error(error.message)
  process.exitCode = 1
} finally {
  rmSync(scratch, { recursive: true, force: true })
}

/** The compiled recorder of a library. */
function binaryOf(library, goVersion) {
  const files = library.sources.flatMap(filesOf)
  const hash = createHash('sha256').update(JSON.stringify(library)).update(goVersion)
  for (const file of files) hash.update(basename(file)).update(readFileSync(file))
  const bin = join(interop, 'bin')
  const binary = join(bin, `recorder-${library.vectors}-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(binary)) return binary
  mkdirSync(bin, { recursive: true })
  const copy = libraryCopy(library, scratch)
  for (const file of files) cpSync(file, join(copy, library.package, `hearsay_${basename(file)}`))
  go(['test', '-c', '-vet=off', '-o', join(copy, 'recorder'), '.'], join(copy, library.package))
  for (const old of readdirSync(bin)) if (old.startsWith(`recorder-${library.vectors}-`)) rmSync(join(bin, old))
  cpSync(join(copy, 'recorder'), `${binary}.new`)
  renameSync(`${binary}.new`, binary)
  rmSync(copy, { recursive: true, force: true })
  return binary
}

/** A source file, or all of a folder. */
function filesOf(source) {
  const path = join(recorder, source)
  return statSync(path).isDirectory() ? readdirSync(path).map((name) => join(path, name)) : [path]
}

function run(binary, target, { module, version }) {
  return new Promise((resolve, reject) => {
    const child = spawn(binary, ['-test.run', '^TestRecordVectors$'], {
      cwd: target,
      env: { ...process.env, HEARSAY_LIBRARY: `${module}@${version}`, HEARSAY_VECTORS: target },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    for (const stream of [child.stdout, child.stderr]) stream.on('data', (text) => (output += text))
    child.on('error', reject)
    child.on('close', (status) =>
      status === 0 ? resolve() : reject(new Error(`recording from ${module}@${version} failed:\n${output}`)),
    )
  })
}

function replace(committed, recorded, { module, version, vectors }) {
  rmSync(committed, { recursive: true, force: true })
  cpSync(recorded, committed, { recursive: true })
  const counts = readdirSync(committed).map(
    (file) => `${linesOf(join(committed, file)).length} ${basename(file, '.jsonl')}`,
  )
  console.log(`${vectors}: ${counts.join(', ')} from ${module}@${version}`)
}

function compare(committed, recorded, name) {
  const names = existsSync(committed) ? readdirSync(committed) : []
  for (const file of new Set([...names, ...readdirSync(recorded)])) {
    const [old, now] = [linesOf(join(committed, file)), linesOf(join(recorded, file))]
    const line = now.findIndex((text, index) => text !== old[index])
    if (line < 0 && old.length === now.length) {
      console.log(`${name}/${file}: ${now.length} vectors, as recorded`)
      continue
    }
    const at = line < 0 ? now.length : line
    console.error(`${name}/${file}:${at + 1} differs\n  committed: ${cut(old[at])}\n  library:   ${cut(now[at])}`)
    process.exitCode = 1
  }
}

function linesOf(file) {
  return existsSync(file) ? readFileSync(file, 'utf8').trimEnd().split('\n') : []
}

function cut(line) {
  return line === undefined ? '(nothing)' : line.length > 300 ? `${line.slice(0, 300)}…` : line
}
