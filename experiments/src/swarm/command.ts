/** `npm run simulate -- swarm`: random clusters with random faults under all laws. */
import { fileURLToPath } from 'node:url'
import { type CaseOptions, drawCase } from './case.ts'
import { describeBreak, shrinkCase } from './failing.ts'
import { currentCommit, emptyEntry, type LedgerEntry, readLedger, total, withTrial, writeLedger } from './ledger.ts'
import { readSwarmOptions, type SwarmOptions, swarmUsage } from './options.ts'
import { isWorker, runPool, type SeedRequest, serve } from './pool.ts'
import { grouped, report, vacant } from './report.ts'
import { runSeed } from './run.ts'
import type { TrialResult } from './trial.ts'

/** Seeds of one line of the ledger. */
const SEEDS_A_LINE = 50
/** Node-hours from which on everything must have occurred. */
const ENOUGH_HOURS = 250
/** Breaks that are shrunk; of more, the seeds are named. */
const SHRUNK = 3

/** Runs the swarm. 0: no break, nothing that never occurred. */
export async function run(args: readonly string[]): Promise<number> {
  if (isWorker()) return serve<CaseOptions, TrialResult>(({ seed, options }) => runSeed(seed, options))
  const options = readSwarmOptions(args)
  if (options === 'help') {
    console.log(swarmUsage)
    return 0
  }
  const { profile, maxNodes, ledger } = options
  const key = { commit: currentCommit(), profile, maxNodes }
  // What was not committed may be something else next time.
  const before = key.commit.endsWith('+') ? [] : readLedger(ledger, key)
  const fresh = await runSeeds(options, key, before)
  // A line that was begun anew counts once.
  const kept = before.filter((entry) => !fresh.some(({ seeds }) => overlaps(entry, seeds)))
  const all = total([...kept, ...fresh], key)
  console.log(report(all))
  tellBreaks(fresh, options)
  const missing = vacant(all)
  for (const each of missing) console.log(each)
  const isLong = all.nodeHours >= ENOUGH_HOURS && profile === 'improved'
  return all.breaks.length > 0 || (isLong && missing.length > 0) ? 1 : 0
}

async function runSeeds(
  options: SwarmOptions,
  key: Pick<LedgerEntry, 'commit' | 'profile' | 'maxNodes'>,
  before: readonly LedgerEntry[],
): Promise<LedgerEntry[]> {
  const { from, seeds, minutes, workers, ledger } = options
  const caseOptions: CaseOptions = { profile: options.profile, maxNodes: options.maxNodes }
  const endsAtMs = minutes === undefined ? Number.POSITIVE_INFINITY : performance.now() + minutes * 60_000
  const lines = linesOf(from, seeds).filter(([first, last]) => !before.some((entry) => covers(entry, first, last)))
  const open = new Map(lines.map((line) => [line[0], { entry: emptyEntry(key, line), left: line[1] - line[0] + 1 }]))
  const done: LedgerEntry[] = []
  let hours = 0
  function* requests(): Generator<SeedRequest<CaseOptions>, void> {
    for (const [first, last] of lines)
      for (let seed = first; seed <= last; seed++) {
        if (performance.now() > endsAtMs) return
        yield { seed, options: caseOptions }
      }
  }
  const program = { file: fileURLToPath(new URL('../src/main.mjs', import.meta.url)), args: ['swarm'] }
  await runPool<CaseOptions, TrialResult>(program, workers, requests(), ({ seed, result }) => {
    const first = from + Math.floor((seed - from) / SEEDS_A_LINE) * SEEDS_A_LINE
    const line = open.get(first)!
    line.entry = withTrial(line.entry, seed, result)
    hours += result.nodeHours
    if (result.violations[0])
      console.error(describeBreak(drawCase(seed, caseOptions), result.violations[0], options.maxNodes))
    if (--line.left > 0) return
    open.delete(first)
    done.push(line.entry)
    writeLedger(ledger, line.entry)
    console.error(`seeds ${line.entry.seeds.join(' to ')}: ${grouped(hours, 1)} node-hours so far`)
  })
  // Lines that time ran out for are reported, and run again next time.
  for (const { entry } of open.values()) if (entry.events > 0) done.push(entry)
  return done
}

function linesOf(from: number, seeds: number): [number, number][] {
  const lines: [number, number][] = []
  for (let first = from; first < from + seeds; first += SEEDS_A_LINE)
    lines.push([first, Math.min(from + seeds, first + SEEDS_A_LINE) - 1])
  return lines
}

const covers = ({ seeds }: LedgerEntry, first: number, last: number): boolean => seeds[0] <= first && seeds[1] >= last

const overlaps = ({ seeds: [first, last] }: LedgerEntry, seeds: readonly [number, number]): boolean =>
  first <= seeds[1] && last >= seeds[0]

function tellBreaks(entries: readonly LedgerEntry[], { profile, maxNodes, shrink }: SwarmOptions): void {
  const breaks = entries.flatMap((entry) => entry.breaks)
  for (const { seed, violation } of breaks.slice(0, shrink > 0 ? SHRUNK : 0)) {
    const each = drawCase(seed, { profile, maxNodes })
    console.log(`\n${describeBreak(each, violation, maxNodes)}`)
    console.log('  shrunk, for --case:')
    console.log(`  ${JSON.stringify(shrinkCase(each, violation.checker, shrink))}`)
  }
}
