/** E0 Simulator: rate, determinism, scale. */
import { runExperiment } from '../evidence/experiment.ts'
import { type ExperimentOptions, seedCount } from '../evidence/options.ts'
import type { Evidence } from '../evidence/page.ts'
import { job, runAll } from '../evidence/pool.ts'
import { RunLog } from '../evidence/run-log.ts'
import { byteCheck } from '../evidence/sweep.ts'
import { report } from './report.ts'
import { type Cost, cost, type Load } from './run.ts'

/** One cell: every seed, twice. */
export interface Cell {
  readonly size: number
  readonly crashes: boolean
  readonly seconds: number
  /** By seed, the two runs of it, each in a process of its own. */
  readonly pairs: readonly (readonly [Cost, Cost])[]
}

const run0 = job('e0', cost)

/** `npm run simulate -- e0 [--smoke]`. */
export const run = (args: readonly string[]): Promise<number> => runExperiment(args, experiment)

async function experiment(options: ExperimentOptions): Promise<Evidence> {
  const { smoke } = options
  const seeds = seedCount(smoke ? 1 : 3, options)
  const seconds = smoke ? 15 : 60
  const log = new RunLog(options.runs, 'e0')
  const cells: Cell[] = []
  for (const size of smoke ? [128, 1000] : [128, 1000, 10_000])
    for (const crashes of [false, true]) {
      const pairs: [Cost, Cost][] = []
      for (let repetition = 0; repetition < seeds; repetition++) {
        const load: Load = { size, crashes, seconds, repetition }
        // Two processes, each for one run: its memory is its own, and nothing of the first run can leak into the second.
        const [first, second] = await runAll(run0, [load, load], Math.max(1, options.workers))
        pairs.push([first!, second!])
        for (const result of [first!, second!]) log.add({ experiment: 'e0', ...load, ...result })
        console.error(
          `e0: ${size} members, ${crashes ? 'a crash a second' : 'idle'}, seed ${repetition + 1} of ${seeds}`,
        )
      }
      cells.push({ size, crashes, seconds, pairs })
    }
  const load = { size: 128, crashes: true, seconds: smoke ? 15 : 60, repetition: 0 }
  return report(cells, [await byteCheck('n = 128, a crash a second', run0, load)])
}
