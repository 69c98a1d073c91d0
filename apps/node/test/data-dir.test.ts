// Goal: with `dataDir` a node's incarnation never goes backwards, and a directory that cannot be used is said so at once.
// Method: real directories; a clock that goes back is an incarnation saved by one that was ahead.

import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { memoryNetwork } from '@hearsay/transport'
import { afterEach, describe, expect, it } from 'vitest'
import { IncarnationFile } from '../src/incarnation-file.ts'
import type { NodeError } from '../src/index.ts'
import { failure, start, statuses } from './nodes.ts'

const made: string[] = []
afterEach(async () => {
  for (const directory of made.splice(0)) await rm(directory, { recursive: true, force: true })
})
async function directory(): Promise<string> {
  const path = await mkdtemp(join(tmpdir(), 'hearsay-'))
  made.push(path)
  return path
}

const text = (words: string): Uint8Array => new TextEncoder().encode(words)
const fileOf = (dataDir: string): string => join(dataDir, 'incarnation.json')
const saved = async (dataDir: string): Promise<unknown> => JSON.parse(await readFile(fileOf(dataDir), 'utf8'))
const incarnation = (node: Awaited<ReturnType<typeof start>>): number =>
  node.members().find(({ name }) => name === node.name)!.incarnation
const aYearAhead = Math.floor((Date.now() - Date.UTC(2020, 0, 1)) / 1000) + 365 * 86_400

describe('a node with dataDir', () => {
  it('makes the directory, and keeps its incarnation there from the start to the end', async () => {
    const dataDir = join(await directory(), 'not', 'yet')
    const node = await start({ name: 'a', transport: memoryNetwork(), dataDir })
    const first = incarnation(node)
    expect(await saved(dataDir)).toEqual({ incarnation: first })
    expect(await node.updateMeta(text('x'))).toBe('no-peers')
    await node.close()
    expect(await saved(dataDir)).toEqual({ incarnation: first + 1 })
    expect(await readdir(dataDir)).toEqual(['incarnation.json'])
  })

  it('starts above what it had when the clock went back, and others believe it at once', async () => {
    const dataDir = await directory()
    await writeFile(fileOf(dataDir), JSON.stringify({ incarnation: aYearAhead }))
    const network = memoryNetwork()
    const other = await start({ name: 'other', transport: network })
    for (let run = 1; run <= 3; run++) {
      const node = await start({
        name: 'a',
        transport: network.transport({ address: '10.0.9.9:7946' }),
        dataDir,
        join: [other.address],
      })
      expect(incarnation(node)).toBe(aYearAhead + run)
      expect(statuses(other).a).toBe('alive')
      await node.close()
    }
  })

  it('starts from the clock when that is ahead, or from an incarnation that is asked for', async () => {
    const dataDir = await directory()
    await writeFile(fileOf(dataDir), JSON.stringify({ incarnation: 5 }))
    const node = await start({ name: 'a', transport: memoryNetwork(), dataDir, initialIncarnation: 3 })
    expect(incarnation(node)).toBe(6)
    await node.close()
    const later = await start({ name: 'a', transport: memoryNetwork(), dataDir })
    expect(incarnation(later)).toBeGreaterThan(aYearAhead - 366 * 86_400)
  })

  it.each<[string, string]>([
    ['is empty', ''],
    ['was cut off', '{"incarnation":12'],
    ['is something else', '[]'],
    ['has a text for a number', '{"incarnation":"12"}'],
    ['has half a number', '{"incarnation":1.5}'],
    ['has a negative number', '{"incarnation":-1}'],
    ['is null', 'null'],
    ['is far too large', `{"incarnation":7${' '.repeat(5000)}}`],
    ['is not text', '\u0000\ufffd'],
  ])('starts from the clock, and says so, when the file %s', async (_name, content) => {
    const dataDir = await directory()
    await writeFile(fileOf(dataDir), content)
    const warned: string[] = []
    const ignore = (): void => {}
    const logger = { debug: ignore, info: ignore, error: ignore, warn: (message: string) => void warned.push(message) }
    const node = await start({ name: 'a', transport: memoryNetwork(), dataDir, logger })
    expect(incarnation(node)).toBeGreaterThan(aYearAhead - 366 * 86_400)
    expect(warned).toContainEqual(expect.stringContaining('saved incarnation'))
    // And the file is sound again.
    expect(await saved(dataDir)).toEqual({ incarnation: incarnation(node) })
  })

  it('is not disturbed by what a crash left behind', async () => {
    const dataDir = await directory()
    await writeFile(`${fileOf(dataDir)}.new`, '{"incar')
    await writeFile(fileOf(dataDir), JSON.stringify({ incarnation: aYearAhead }))
    const node = await start({ name: 'a', transport: memoryNetwork(), dataDir })
    expect(incarnation(node)).toBe(aYearAhead + 1)
  })
})

describe('a dataDir that cannot be used', () => {
  const refused = async (dataDir: string): Promise<NodeError> => {
    const error = await failure({ name: 'a', transport: memoryNetwork(), dataDir })
    expect(error).toMatchObject({ name: 'NodeError', code: 'DATA_DIR_UNUSABLE' })
    expect(error.message).toContain(dataDir)
    return error
  }

  it('because a file stands in its place, or in its way, is an error with code and cause', async () => {
    const file = join(await directory(), 'file')
    await writeFile(file, '')
    expect(await refused(file)).toMatchObject({ cause: { code: 'EEXIST' } })
    expect(await refused(join(file, 'below'))).toMatchObject({ cause: { code: 'ENOTDIR' } })
  })

  it('because a directory stands where the file goes is one, too', async () => {
    const dataDir = await directory()
    await mkdir(fileOf(dataDir))
    expect(await refused(dataDir)).toMatchObject({ cause: { code: 'EISDIR' } })
  })

  // Whoever may do anything may also write to what is read-only.
  it('because the system lets nobody write there is one, too', async () => {
    expect((await refused('/proc/hearsay')).cause).toMatchObject({ code: expect.stringMatching(/^E/) })
  })

  it('is a wrong option when it is no path at all', async () => {
    for (const dataDir of ['', 7, null] as string[]) {
      const error = await failure({ transport: memoryNetwork(), dataDir })
      expect(error.problems.map(({ path }) => path)).toEqual(['dataDir'])
    }
  })
})

it('one number after the other is there whole, whoever reads meanwhile', async () => {
  const dataDir = await directory()
  const file = new IncarnationFile(dataDir, undefined)
  expect(await file.load()).toBeUndefined()
  await file.save(1)
  const reader = new IncarnationFile(dataDir, undefined)
  let writing = true
  const writes = (async () => {
    for (let number = 2; number <= 60; number++) await file.save(number)
    writing = false
  })()
  let last = 0
  while (writing) {
    const read = await reader.load()
    expect(read).toBeGreaterThanOrEqual(last)
    last = read!
  }
  await writes
  expect(await reader.load()).toBe(60)
})
