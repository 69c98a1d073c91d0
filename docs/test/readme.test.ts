// Goal: whoever pastes a block from a README gets a program that runs. Method: every ```ts block of every README is
// bundled from our sources, as it stands, and run by Node; it must end by itself with status 0.

import { execFileSync } from 'node:child_process'
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { build } from 'esbuild'
import { afterAll, describe, it } from 'vitest'

const root = join(import.meta.dirname, '..', '..')
const scratch = mkdtempSync(join(tmpdir(), 'hearsay-readme-'))
afterAll(() => rmSync(scratch, { recursive: true, force: true }))

const readmes = [
  'README.md',
  ...['packages', 'apps'].flatMap((parent) =>
    readdirSync(join(root, parent)).map((name) => `${parent}/${name}/README.md`),
  ),
].filter((file) => existsSync(join(root, file)) && /^```ts$/m.test(readFileSync(join(root, file), 'utf8')))

describe.each(readmes)('%s', (file) => {
  const blocks = [...readFileSync(join(root, file), 'utf8').matchAll(/^```ts\n([\s\S]*?)^```$/gm)].map(
    (match) => match[1] ?? '',
  )
  it.each(blocks.map((code, index) => ({ code, index })))('block $index runs', async ({ code, index }) => {
    const outfile = join(scratch, `${file.replaceAll('/', '-')}-${index}.mjs`)
    await build({
      stdin: { contents: code, resolveDir: import.meta.dirname, loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      target: 'node20',
      conditions: ['@hearsay/source'],
      // What our dependencies still `require` must find a require in an ES module.
      banner: { js: "import { createRequire } from 'node:module'; const require = createRequire(import.meta.url);" },
      outfile,
      logLevel: 'silent',
    })
    execFileSync(process.execPath, [outfile], { encoding: 'utf8', timeout: 20_000 })
  })
})
