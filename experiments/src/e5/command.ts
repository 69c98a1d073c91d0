/** E5 Detection against size: how long until somebody probes, suspects and gives up a member that crashed. */
import { runExperiment } from '../evidence/experiment.ts'
import { type ExperimentOptions, seedCount } from '../evidence/options.ts'
import type { Evidence } from '../evidence/page.ts'
import { job } from '../evidence/pool.ts'
import { byteCheck, sweep } from '../evidence/sweep.ts'
import { report } from './report.ts'
import { type Crashes, crash } from './run.ts'

/** What is the same in all repetitions. */
export type Cell = Pick<Crashes, 'size' | 'profile' | 'isSynchronous' | 'crashes' | 'isWaitOnly'>

const run5 = job('e5', crash)

/** Crashes in one cluster, and clusters in full and for every commit. */
interface Plan {
  readonly size: number
  readonly crashes: number
  readonly full: number
  readonly smoke: number
  readonly isWaitOnly?: true
}

/** Dearest first. */
const plans: readonly Plan[] = [
  { size: 10_000, crashes: 200, full: 2, smoke: 0, isWaitOnly: true },
  { size: 10_000, crashes: 8, full: 1, smoke: 0 },
  { size: 1000, crashes: 25, full: 40, smoke: 1, isWaitOnly: true },
  { size: 1000, crashes: 10, full: 5, smoke: 0 },
  { size: 128, crashes: 2, full: 400, smoke: 0 },
  { size: 128, crashes: 10, full: 0, smoke: 3, isWaitOnly: true },
  { size: 56, crashes: 1, full: 800, smoke: 20 },
  { size: 32, crashes: 1, full: 800, smoke: 25 },
  { size: 16, crashes: 1, full: 800, smoke: 25 },
  { size: 8, crashes: 1, full: 800, smoke: 25 },
]

const kinds = [
  ['P-GO', false],
  ['P-TS', false],
  ['P-GO', true],
] as const

/** `npm run simulate -- e5 [--smoke]`. */
export const run = (args: readonly string[]): Promise<number> => runExperiment(args, experiment)

async function experiment(options: ExperimentOptions): Promise<Evidence> {
  const { smoke } = options
  const counts = new Map<Cell, number>()
  for (const { size, crashes, full, smoke: few, isWaitOnly = false } of plans) {
    if ((smoke ? few : full) === 0) continue
    for (const [profile, isSynchronous] of kinds)
      counts.set({ size, profile, isSynchronous, crashes, isWaitOnly }, seedCount(smoke ? few : full, options))
  }
  const swept = await sweep('e5', run5, [...counts.keys()], (cell) => counts.get(cell)!, options)
  const parameters = {
    size: 32,
    profile: 'P-TS',
    isSynchronous: false,
    crashes: 1,
    isWaitOnly: false,
    repetition: 0,
  } as const
  const bytes = await byteCheck('n = 32, P-TS', run5, parameters)
  return report(swept, options, [bytes])
}
