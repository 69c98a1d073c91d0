/** `npm run simulate -- mutants`: machines and stores broken on purpose, each of which the laws must catch. */
import { fork } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { join, normalize } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Plugin } from 'esbuild'
import { storeMutants } from '../kv/mutants.ts'
import { wholeNumber } from '../swarm/options.ts'
import type { HuntRequest, HuntResult } from './hunting.ts'
import { type Mutant, mutate } from './mutant.ts'
import { mutants } from './mutants.ts'

const usage = `npm run simulate -- mutants [options]
  --of WHAT     machine, or store (machine)
  --seeds N     runs within which each must be caught (60)
  --from S      the first seed (1)
  --nodes MAX   members at most (8)
  --only TEXT   those whose name contains this
  --workers W   at the same time (2)`

/** Longest time for one, in milliseconds of this machine: one that never ends is caught, too. */
const PATIENCE_MS = 600_000

/** What can be broken. */
interface Quarry {
  readonly mutants: readonly Mutant[]
  /** Folder of the sources, from the root of the checkout. */
  readonly sources: string
  /** Who looks for it, from the sources of the experiments. */
  readonly hunt: string
}

const quarries: Readonly<Record<string, Quarry>> = {
  machine: { mutants, sources: 'packages/membership/src', hunt: 'mutants/hunt.ts' },
  store: { mutants: storeMutants, sources: 'packages/kv/src', hunt: 'kv/hunt.ts' },
}

interface Row {
  readonly name: string
  readonly result: HuntResult
}

/** 0: each was caught, and the machine as it is was not. */
export async function run(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      of: { type: 'string', default: 'machine' },
      seeds: { type: 'string', default: '60' },
      from: { type: 'string', default: '1' },
      nodes: { type: 'string', default: '8' },
      only: { type: 'string', default: '' },
      workers: { type: 'string', default: '2' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const request: HuntRequest = {
    from: wholeNumber('from', values.from, 0),
    seeds: wholeNumber('seeds', values.seeds, 1),
    maxNodes: wholeNumber('nodes', values.nodes, 2),
  }
  const quarry = Object.hasOwn(quarries, values.of) ? quarries[values.of] : undefined
  if (!quarry) throw new Error(`--of must be one of ${Object.keys(quarries).join(', ')}, not ${values.of}`)
  const wanted = quarry.mutants.filter(({ name }) => name.includes(values.only))
  // What is not broken must get through what they are caught by.
  const queue: (Mutant | undefined)[] = [undefined, ...wanted]
  for (const mutant of wanted) mutate(readFileSync(pathOf(quarry, mutant), 'utf8'), mutant)
  const rows: Row[] = []
  const work = async (): Promise<void> => {
    while (queue.length > 0) {
      const mutant = queue.shift()
      const row = {
        name: mutant?.name ?? `none (the ${values.of} as it is)`,
        result: await huntFor(quarry, mutant, request),
      }
      rows.push(row)
      console.log(rowText(row))
    }
  }
  await Promise.all(Array.from({ length: wholeNumber('workers', values.workers, 1) }, work))
  const survivors = rows.filter(({ name, result }) => !result.caught && !name.startsWith('none'))
  const falseAlarms = rows.filter(({ name, result }) => result.caught && name.startsWith('none'))
  console.log(`\n${wanted.length - survivors.length} of ${wanted.length} mutants were caught`)
  for (const { name } of survivors) console.log(`survived: ${name}`)
  for (const { result } of falseAlarms)
    console.log(`the ${values.of} as it is broke ${result.caught?.checker}: ${result.caught?.what}`)
  return survivors.length + falseAlarms.length > 0 ? 1 : 0
}

function rowText({ name, result: { seeds, caught } }: Row): string {
  const outcome = caught ? `caught by ${caught.checker}` : 'not caught'
  return `${name.padEnd(48)} ${outcome.padEnd(34)} after ${seeds} seeds`
}

/** The file that a mutant changes. This is bundled into a folder of the experiments. */
const pathOf = ({ sources }: Quarry, { file }: Mutant): string =>
  normalize(join(fileURLToPath(new URL('../../', import.meta.url)), sources, file))

async function huntFor(quarry: Quarry, mutant: Mutant | undefined, request: HuntRequest): Promise<HuntResult> {
  const outfile = fileURLToPath(
    new URL(`mutant-${(mutant?.name ?? 'none').replaceAll(/[^a-z0-9]/gi, '-')}-${process.pid}.mjs`, import.meta.url),
  )
  await bundle(outfile, quarry, mutant)
  try {
    return await ask(outfile, request)
  } finally {
    rmSync(outfile, { force: true })
  }
}

async function bundle(outfile: string, quarry: Quarry, mutant: Mutant | undefined): Promise<void> {
  // It finds its own program beside itself, so that it cannot be bundled into this one.
  const bundler: string = 'esbuild'
  const { build } = (await import(bundler)) as typeof import('esbuild')
  await build({
    entryPoints: [fileURLToPath(new URL(`../src/${quarry.hunt}`, import.meta.url))],
    bundle: true,
    platform: 'node',
    format: 'esm',
    target: 'node20',
    conditions: ['@hearsay/source'],
    outfile,
    logLevel: 'warning',
    plugins: mutant ? [mutation(pathOf(quarry, mutant), mutant)] : [],
  })
}

/** Puts the change in while the sources are read. */
const mutation = (file: string, mutant: Mutant): Plugin => ({
  name: 'mutation',
  setup(build) {
    build.onLoad({ filter: /\.ts$/ }, ({ path }) => {
      if (normalize(path) !== file) return undefined
      return { contents: mutate(readFileSync(path, 'utf8'), mutant), loader: 'ts' }
    })
  },
})

function ask(file: string, request: HuntRequest): Promise<HuntResult> {
  const child = fork(file, [], { stdio: ['ignore', 'ignore', 'inherit', 'ipc'] })
  return new Promise((resolve, reject) => {
    let result: HuntResult | undefined
    const timer = setTimeout(() => {
      result = { seeds: request.seeds, caught: { seed: request.from, checker: 'patience', what: 'it never ends' } }
      child.kill('SIGKILL')
    }, PATIENCE_MS)
    child.on('message', (message: HuntResult) => {
      result = message
    })
    child.on('exit', (code) => {
      clearTimeout(timer)
      if (result) resolve(result)
      else reject(new Error(`a hunt ended with status ${code}`))
    })
    child.send(request)
  })
}
