/** `npm run simulate -- kv`: key-value stores in clusters with random faults, under laws of their own. */
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parseArgs } from 'node:util'
import type { Violation } from '@hearsay/simulator'
import { wholeNumber } from '../swarm/options.ts'
import { isWorker, runPool, type SeedRequest, serve } from '../swarm/pool.ts'
import { drawKvCase, type KvCase, type KvCaseOptions } from './case.ts'
import { kvReport, nothing, plusRun, vacantRows } from './report.ts'
import { guardedTrial, runKvSeed } from './run.ts'
import { storyteller } from './story.ts'
import type { KvResult } from './trial.ts'

const usage = `npm run simulate -- kv [options]
  --seeds N     runs, one a seed (200)
  --from S      the first seed (1)
  --nodes MAX   members at most (20)
  --workers W   processes that run at the same time (2)
and one of them again:
  --seed S      the seed that was named, with the same --nodes
  --case JSON   instead: a case as it was printed; @FILE for a file that holds it
  --about TEXT  write down what stores did, as far as it mentions this; "" for all of it`

/** Seeds from which on everything must have occurred. */
const ENOUGH_SEEDS = 300
/** A sign of life after so many. */
const SEEDS_A_SIGN = 50

/** 0: no break, and nothing that never occurred. */
export async function run(args: readonly string[]): Promise<number> {
  if (isWorker()) return serve<KvCaseOptions, KvResult>(({ seed, options }) => runKvSeed(seed, options))
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: '200' },
      from: { type: 'string', default: '1' },
      nodes: { type: 'string', default: '20' },
      workers: { type: 'string', default: '2' },
      seed: { type: 'string' },
      case: { type: 'string' },
      about: { type: 'string' },
      help: { type: 'boolean', default: false },
    },
  })
  if (values.help) {
    console.log(usage)
    return 0
  }
  const options: KvCaseOptions = { maxNodes: wholeNumber('nodes', values.nodes, 3) }
  const { seed, case: text, about } = values
  if (text !== undefined) return again(readCase(text), about)
  if (seed !== undefined) return again(drawKvCase(wholeNumber('seed', seed, 0), options), about)
  const from = wholeNumber('from', values.from, 0)
  return many(from, wholeNumber('seeds', values.seeds, 1), wholeNumber('workers', values.workers, 1), options)
}

async function many(from: number, count: number, workers: number, options: KvCaseOptions): Promise<number> {
  let total = nothing
  function* requests(): Generator<SeedRequest<KvCaseOptions>, void> {
    for (let seed = from; seed < from + count; seed++) yield { seed, options }
  }
  const program = { file: fileURLToPath(new URL('../src/main.mjs', import.meta.url)), args: ['kv'] }
  await runPool<KvCaseOptions, KvResult>(program, workers, requests(), ({ seed, result }) => {
    total = plusRun(total, seed, result)
    const [first] = result.violations
    if (first) console.error(describe(seed, first, options))
    if (total.seeds % SEEDS_A_SIGN === 0) console.error(`${total.seeds} seeds so far`)
  })
  console.log(kvReport(total))
  const missing = vacantRows(total)
  for (const each of missing) console.log(each)
  return total.breaks.length > 0 || (count >= ENOUGH_SEEDS && missing.length > 0) ? 1 : 0
}

/** One run, with all that it broke. */
async function again(each: KvCase, about: string | undefined): Promise<number> {
  const result = await guardedTrial(each, about === undefined ? {} : { observer: storyteller(about) })
  for (const { checker, atMs, node, what } of result.violations)
    console.log(`${atMs.toFixed(3)} ms  ${checker}  ${node ?? ''}  ${what}`)
  console.log(JSON.stringify(each))
  console.log(`${result.events} events, ${result.nodeHours.toFixed(2)} node-hours, trace ${result.hash}`)
  return result.violations.length > 0 ? 1 : 0
}

const describe = (seed: number, { checker, atMs, node, what }: Violation, { maxNodes }: KvCaseOptions): string =>
  [
    `seed ${seed} broke ${checker} at ${atMs.toFixed(3)} ms${node ? `, ${node}` : ''}: ${what}`,
    `  again: npm run simulate -- kv --seed ${seed} --nodes ${maxNodes}`,
  ].join('\n')

const readCase = (text: string): KvCase =>
  JSON.parse(text.startsWith('@') ? readFileSync(text.slice(1), 'utf8') : text) as KvCase
