/** E9 Mass join: a thousand processes at one seed. */
import { runExperiment } from '../evidence/experiment.ts'
import { type ExperimentOptions, seedCount } from '../evidence/options.ts'
import type { Evidence } from '../evidence/page.ts'
import { job } from '../evidence/pool.ts'
import { byteCheck, sweep } from '../evidence/sweep.ts'
import { report } from './report.ts'
import { type MassJoin, massJoin } from './run.ts'

/** What is the same in all repetitions. */
export type Cell = Pick<MassJoin, 'size' | 'profile' | 'spreadMs'>

const run9 = job('e9', massJoin)

/** Seeds by size: in full, and for every commit. */
const seeds: Readonly<Record<number, readonly [full: number, smoke: number]>> = {
  1000: [4, 0],
  500: [5, 0],
  100: [10, 1],
}

/** `npm run simulate -- e9 [--smoke]`. */
export const run = (args: readonly string[]): Promise<number> => runExperiment(args, experiment)

async function experiment(options: ExperimentOptions): Promise<Evidence> {
  const { smoke } = options
  const cells: Cell[] = [1000, 500, 100]
    .filter((size) => !smoke || seeds[size]![1] > 0)
    .flatMap((size) =>
      [500, 5000].flatMap((spreadMs) => (['P-GO', 'P-TS'] as const).map((profile) => ({ size, profile, spreadMs }))),
    )
  const repetitions = ({ size }: Cell): number => seedCount(seeds[size]![smoke ? 1 : 0], options)
  const swept = await sweep('e9', run9, cells, repetitions, options)
  const parameters = { size: 50, profile: 'P-TS', spreadMs: 500, repetition: 0 } as const
  const bytes = await byteCheck('n = 50 within 0.5 s, P-TS', run9, parameters)
  return report(swept, options, [bytes])
}
