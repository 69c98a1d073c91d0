/** Builds our members as people run them: bundled JavaScript, from source. */
import { createHash, randomUUID } from 'node:crypto'
import { existsSync, mkdirSync, renameSync, writeFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { build } from 'esbuild'

const bin = join(import.meta.dirname, '..', '..', 'bin')

/** The path of the program of a member, built from what the source is now and named by its content. */
export const ourMember = (): Promise<string> => built('our-member')

/** The same with a store. */
export const ourKvMember = (): Promise<string> => built('kv/our-kv-member')

async function built(source: string): Promise<string> {
  const { outputFiles } = await build({
    entryPoints: [join(import.meta.dirname, `${source}.ts`)],
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
  const hash = createHash('sha256').update(contents).digest('hex').slice(0, 16)
  const program = join(bin, `${basename(source)}-${hash}.mjs`)
  if (existsSync(program)) return program
  mkdirSync(bin, { recursive: true })
  // Another run may be building the same one: each writes its own file, and either may take the name.
  const fresh = `${program}.${randomUUID()}`
  writeFileSync(fresh, contents)
  renameSync(fresh, program)
  return program
}
