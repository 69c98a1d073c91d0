/** E2 Lifeguard false positives and load: the Interval experiment of the paper, tables IV and VI, figures 2 and 3. */
import { runExperiment } from '../evidence/experiment.ts'
import { type ExperimentOptions, seedCount } from '../evidence/options.ts'
import type { Evidence } from '../evidence/page.ts'
import { job } from '../evidence/pool.ts'
import { byteCheck, sweep } from '../evidence/sweep.ts'
import { type ProfileName, profiles } from '../profiles/profile.ts'
import { counts, durationsMs, pausesMs } from './published.ts'
import { report } from './report.ts'
import { type IntervalRun, interval } from './run.ts'

/** What is the same in all repetitions. */
export type Cell = Pick<IntervalRun, 'profile' | 'count' | 'durationMs' | 'pauseMs'>

const run2 = job('e2', interval)
const names = Object.keys(profiles) as ProfileName[]

/** The cells of the paper, of one of its nine C unless the share asks for more than one repetition of all. */
const grid = { counts: [16], durationsMs, pausesMs }
/** For every commit: long anomalies without a pause worth the name, where the false positives are. */
const smokeGrid = { counts: [8], durationsMs: [16_384], pausesMs: [1] }
const smokeNames: readonly ProfileName[] = ['SWIM', 'Lifeguard', 'P-TS']

/** `npm run simulate -- e2 [--smoke]`; `--share 10` is the paper's whole experiment. */
export const run = (args: readonly string[]): Promise<number> => runExperiment(args, experiment)

async function experiment(options: ExperimentOptions): Promise<Evidence> {
  const { smoke, share } = options
  const chosen = smoke ? smokeGrid : share > 1 ? { ...grid, counts } : grid
  const cells: Cell[] = chosen.durationsMs
    .toReversed()
    .flatMap((durationMs) =>
      chosen.pausesMs.flatMap((pauseMs) =>
        chosen.counts.flatMap((count) =>
          (smoke ? smokeNames : names).map((profile) => ({ profile, count, durationMs, pauseMs })),
        ),
      ),
    )
  const swept = await sweep('e2', run2, cells, () => seedCount(1, options), options)
  const parameters = { profile: 'P-TS', count: 4, durationMs: 2048, pauseMs: 1024, repetition: 0 } as const
  const bytes = smoke ? [] : [await byteCheck('4 members, 2048 ms, pause 1024 ms, P-TS', run2, parameters)]
  return report(swept, options, bytes)
}
