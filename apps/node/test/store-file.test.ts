// Goal: with `dataDir` a node knows after a restart what it knew, whatever happened to its process or its file. Method: real directories;
// a process that is killed at a random moment while it writes.

import { spawn } from 'node:child_process'
import { mkdtemp, readdir, readFile, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { KvStore, lastWriterMap } from '@hearsay/kv'
import { memoryNetwork } from '@hearsay/transport'
import ts from 'typescript'
import { afterEach, describe, expect, it } from 'vitest'
import { replaceFile } from '../src/data-dir.ts'
import { start } from './nodes.ts'

const made: string[] = []
afterEach(async () => {
  for (const directory of made.splice(0)) await rm(directory, { recursive: true, force: true })
})
async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'hearsay-'))
  made.push(path)
  return path
}

const fileOf = (dataDir: string): string => join(dataDir, 'store.snapshot')
type Node = Awaited<ReturnType<typeof start>>
const set = (node: Node, name: string) => node.kv.update('k', lastWriterMap, (map) => map.set(name, 1))
const names = (node: Node): string[] => [...(node.kv.get('k', lastWriterMap) ?? [])].map(([name]) => name)

/** What a node logs. */
function listener() {
  const lines: string[] = []
  const say = (message: string) => void lines.push(message)
  return { lines, logger: { debug: () => {}, info: say, warn: say, error: say } }
}

describe('a node with dataDir', () => {
  it('knows again what it knew, also when it never closed', async () => {
    const dataDir = await directory()
    const first = await start({ name: 'a', transport: memoryNetwork(), dataDir, snapshotIntervalMs: 20 })
    await set(first, 'x')
    await expect
      .poll(() =>
        stat(fileOf(dataDir)).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
    const killed = await start({ name: 'a', transport: memoryNetwork(), dataDir })
    expect(names(killed)).toEqual(['x'])
    await set(killed, 'y')
    await killed.close()
    const closed = await start({ name: 'a', transport: memoryNetwork(), dataDir })
    expect(names(closed)).toEqual(['x', 'y'])
    await first.close()
  })

  it('writes nothing when nothing changes', async () => {
    const dataDir = await directory()
    const node = await start({ name: 'a', transport: memoryNetwork(), dataDir, snapshotIntervalMs: 5 })
    await set(node, 'x')
    await expect
      .poll(() =>
        stat(fileOf(dataDir)).then(
          () => true,
          () => false,
        ),
      )
      .toBe(true)
    const { ino } = await stat(fileOf(dataDir))
    await new Promise((resolve) => setTimeout(resolve, 100))
    expect((await stat(fileOf(dataDir))).ino).toBe(ino)
    await node.close()
  })

  it.each<[string, (whole: Uint8Array) => Uint8Array | string]>([
    ['is empty', () => ''],
    ['was cut off', (whole) => whole.subarray(0, whole.length - 1)],
    ['has one wrong bit', (whole) => whole.map((byte, at) => (at === whole.length - 6 ? byte ^ 1 : byte))],
    ['is something else', () => '{"not":"a snapshot"}'],
  ])('starts, sets the file aside and warns once, when it %s', async (_, damage) => {
    const dataDir = await directory()
    const node = await start({ name: 'a', transport: memoryNetwork(), dataDir })
    await set(node, 'x')
    await node.close()
    await writeFile(fileOf(dataDir), damage(await readFile(fileOf(dataDir))))
    const { lines, logger } = listener()
    const next = await start({ name: 'a', transport: memoryNetwork(), dataDir, logger })
    expect(next.kv.keys()).toEqual([])
    expect(lines.filter((line) => line.includes('set aside'))).toHaveLength(1)
    expect((await readdir(dataDir)).sort()).toEqual(['incarnation.json', 'store.snapshot.damaged'])
    await set(next, 'y')
    await next.close()
    expect(names(await start({ name: 'a', transport: memoryNetwork(), dataDir }))).toEqual(['y'])
  })

  it('takes an old file at once when nobody else is there, and lets others know better when they are', async () => {
    const dataDir = await directory()
    const old = new KvStore({ system: longAgo() })
    await old.update('k', lastWriterMap, (map) => map.set('old', 1))
    const network = memoryNetwork()
    const other = await start({ name: 'other', transport: network })
    await writeFile(fileOf(dataDir), old.snapshot())
    const joined = await start({ name: 'a', transport: network, dataDir, join: [other.address] })
    expect(names(joined)).toEqual([])
    expect(joined.kv.hints().map(({ key }) => key)).toEqual(['k'])
    await set(other, 'new')
    await expect.poll(() => names(joined)).toEqual(['new'])
    await joined.close()
    await writeFile(fileOf(dataDir), old.snapshot())
    const alone = await start({ name: 'a', transport: memoryNetwork(), dataDir })
    expect(names(alone)).toEqual(['old'])
  })
})

describe('a file that is replaced', () => {
  it('is the old one or the new one, whole, however its writer is killed', { timeout: 60_000 }, async () => {
    const folder = await directory()
    const path = join(folder, 'file')
    await replaceFile(path, `0 ${'0'.repeat(300_000)}`)
    const script = await program(folder, path)
    for (let round = 0; round < 8; round++) {
      const writer = spawn(process.execPath, ['--input-type=module', '-e', script], {
        stdio: ['ignore', 'pipe', 'inherit'],
      })
      await new Promise((resolve) => writer.stdout.once('data', resolve))
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 40))
      writer.kill('SIGKILL')
      await new Promise((resolve) => writer.once('exit', resolve))
      const [number, body] = (await readFile(path, 'utf8')).split(' ') as [string, string]
      expect(body).toBe(number.at(-1)!.repeat(300_000))
    }
  })
})

/** Replaces a file again and again, by the very code of a node. */
async function program(folder: string, path: string): Promise<string> {
  const source = await readFile(join(import.meta.dirname, '../src/data-dir.ts'), 'utf8')
  const { outputText } = ts.transpileModule(source, {
    compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 },
  })
  await writeFile(join(folder, 'data-dir.mjs'), outputText)
  return `
import { replaceFile } from ${JSON.stringify(pathToFileURL(join(folder, 'data-dir.mjs')).href)}
console.log('ready')
for (let n = 1; ; n++) await replaceFile(${JSON.stringify(path)}, n + ' ' + String(n % 10).repeat(300000))`
}

/** A system whose clock is a day behind. */
const longAgo = () => ({
  now: () => performance.now(),
  wallNow: () => (Date.now() - 86_400_000) as never,
  arm: () => () => {},
  afterIo: (run: () => void) => void setImmediate(run),
})
