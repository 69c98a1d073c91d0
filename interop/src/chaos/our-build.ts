/** Builds our member as people run it: bundled JavaScript, from source. */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { build } from 'esbuild'

const bin = join(import.meta.dirname, '..', '..', 'bin')

/** The path of the program, built from what the source is now and named by its content. */
export async function ourMember(): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, 'our-member.ts')],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@hearsay/source'],
    sourcemap: 'inline',
    write: false,
    logLevel: 'silent',
  })
  const { contents } = outputFiles[0]!
  const program = join(bin, `our-member-${createHash('sha256').update(contents).digest('hex').slice(0, 16)}.mjs`)
  if (existsSync(program)) return program
  mkdirSync(bin, { recursive: true })
  // Another run may be building the same one: each writes its own file, and either may take the name.
  const fresh = `${program}.${randomUUID()}`
  writeFileSync(fresh, contents)
  renameSync(fresh, program)
  return program
}
