/** E1 Lifeguard latency: the Threshold experiment of the paper, table V. */
import { runExperiment } from '../evidence/experiment.ts'
import { type ExperimentOptions, seedCount } from '../evidence/options.ts'
import type { Evidence } from '../evidence/page.ts'
import { job } from '../evidence/pool.ts'
import { byteCheck, sweep } from '../evidence/sweep.ts'
import { type ProfileName, profiles } from '../profiles/profile.ts'
import { counts, durationsMs } from './published.ts'
import { report } from './report.ts'
import { type Threshold, threshold } from './run.ts'

/** What is the same in all repetitions. */
export type Cell = Pick<Threshold, 'profile' | 'count' | 'durationMs'>

const run1 = job('e1', threshold)
const REPETITIONS = 10
/** Failures are declared only in the two longest. */
const smokeCells = { counts: [16], durationsMs: [16_384, 32_768] }

/** `npm run simulate -- e1 [--smoke]`. */
export const run = (args: readonly string[]): Promise<number> => runExperiment(args, experiment)

async function experiment(options: ExperimentOptions): Promise<Evidence> {
  const chosen = options.smoke ? smokeCells : { counts, durationsMs }
  const cells: Cell[] = chosen.durationsMs
    .toReversed()
    .flatMap((durationMs) =>
      chosen.counts
        .toReversed()
        .flatMap((count) =>
          (Object.keys(profiles) as ProfileName[]).map((profile) => ({ profile, count, durationMs })),
        ),
    )
  const repetitions = seedCount(options.smoke ? 1 : REPETITIONS, options)
  const swept = await sweep('e1', run1, cells, () => repetitions, options)
  const parameters = { profile: 'P-TS', count: 4, durationMs: 2048, repetition: 0 } as const
  const bytes = await byteCheck('4 members, 2048 ms, P-TS', run1, parameters)
  return report(swept, repetitions, options, [bytes])
}
