/** Builds the Go peers once: a binary is named by the hash of its sources and of the module file it is built with. */
import { execFileSync } from 'node:child_process'
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync, renameSync } from 'node:fs'
import { join } from 'node:path'

const here = join(import.meta.dirname, '..')

/** What a program is built with. */
export interface GoBuildOptions {
  /** The module file that pins the library's version. Default `go.mod`. */
  readonly modfile?: string
}

/**
 * The path of a program under `go/`, built if it is not there yet. Nothing else runs meanwhile: a suite that uses more
 * than one build calls this before it starts anything. Throws when there is no Go, or it will not build.
 */
export function goBinary(name: string, { modfile = 'go.mod' }: GoBuildOptions = {}): string {
  const binary = join(here, 'bin', `${name}-${modfile.replace(/\.?mod$/, '')}-${fingerprint(name, modfile)}`)
  if (!existsSync(binary)) build(name, modfile, binary)
  return binary
}

/** A hash of all that goes into a binary: its own sources, the shared ones, and what pins the rest. */
function fingerprint(name: string, modfile: string): string {
  const hash = createHash('sha256')
  const add = (folder: string, file: string): void => {
    hash.update(`${file}\0`).update(readFileSync(join(folder, file)))
  }
  for (const part of [name, 'lines']) {
    const folder = join(here, 'go', part)
    for (const file of readdirSync(folder).sort()) if (file.endsWith('.go')) add(folder, file)
  }
  for (const file of [modfile, modfile.replace(/mod$/, 'sum')]) add(join(here, 'go', name), file)
  return hash.digest('hex').slice(0, 16)
}

function build(name: string, modfile: string, binary: string): void {
  mkdirSync(join(here, 'bin'), { recursive: true })
  // Another run may be building the same one: each writes its own file, and either may take the name.
  const fresh = `${binary}.${randomUUID()}`
  try {
    execFileSync('go', ['build', `-modfile=${modfile}`, '-o', fresh, '.'], {
      cwd: join(here, 'go', name),
      stdio: ['ignore', 'inherit', 'inherit'],
    })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Error('the interop suites need Go 1.25 or newer on the PATH', { cause: error })
    throw error
  }
  renameSync(fresh, binary)
}
