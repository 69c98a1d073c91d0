/**
 * The program in `go/differential`: a real member of memberlist on virtual time. It is a test of the library's own
 * package, in a copy of the pinned module, since what it needs is not exported. Nothing of the library is kept.
 */

import { execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import {
  chmodSync,
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

const interop = join(import.meta.dirname, '..', '..')
const folder = join(interop, 'go', 'differential')

/** The path of the program, built if it is not there yet. Throws when there is no Go, or it will not build. */
export function goMemberBinary(): string {
  const sources = readdirSync(folder)
    .sort()
    .map((file) => [file, readFileSync(join(folder, file), 'utf8')] as const)
  const hash = createHash('sha256')
    .update(JSON.stringify(sources))
    .update(go(['version'], folder))
  const binary = join(interop, 'bin', `differential-${hash.digest('hex').slice(0, 16)}`)
  if (!existsSync(binary)) build(sources, binary)
  return binary
}

function build(sources: readonly (readonly [file: string, source: string])[], binary: string): void {
  mkdirSync(join(interop, 'bin'), { recursive: true })
  const scratch = mkdtempSync(join(tmpdir(), 'hearsay-differential-'))
  // Another run may be building the same one: each writes its own file, and either may take the name.
  const fresh = `${binary}.${randomUUID()}`
  try {
    const copy = join(scratch, 'memberlist')
    cpSync(downloaded(), copy, { recursive: true, filter: (path) => !path.endsWith('_test.go') })
    // The module cache is read only, and so is what is copied from it.
    chmodSync(copy, 0o755)
    for (const [file, source] of sources) if (file.endsWith('.go')) writeFileSync(join(copy, file), source)
    go(['test', '-c', '-vet=off', '-o', fresh, '.'], copy)
  } finally {
    execFileSync('chmod', ['-R', 'u+w', scratch])
    rmSync(scratch, { recursive: true, force: true })
  }
  renameSync(fresh, binary)
}

/** Where the pinned module is, after its checksum was found to be the one in `go.sum`. */
function downloaded(): string {
  return (JSON.parse(go(['mod', 'download', '-json', 'github.com/hashicorp/memberlist'], folder)) as { Dir: string })
    .Dir
}

function go(args: readonly string[], cwd: string): string {
  try {
    return execFileSync('go', args, {
      cwd,
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, GOFLAGS: '-buildvcs=false', GOWORK: 'off' },
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Error('the interop suites need Go 1.25 or newer on the PATH', { cause: error })
    throw error
  }
}
