/** Builds the Go peers once: a binary is named by the hash of its sources and module files. */
import { execFileSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'

const here = join(import.meta.dirname, '..')

/** The path of a program under `go/`, built if it is not there yet. */
export function goBinary(name: string): string {
  const folder = join(here, 'go', name)
  const hash = createHash('sha256')
  for (const file of readdirSync(folder).sort()) hash.update(file).update(readFileSync(join(folder, file)))
  const binary = join(here, 'bin', `${name}-${hash.digest('hex').slice(0, 16)}`)
  if (existsSync(binary)) return binary
  mkdirSync(join(here, 'bin'), { recursive: true })
  try {
    execFileSync('go', ['build', '-o', binary, '.'], { cwd: folder, stdio: ['ignore', 'inherit', 'inherit'] })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT')
      throw new Error('the interop suites need Go 1.25 or newer on the PATH', { cause: error })
    throw error
  }
  return binary
}
