/** E13 Partition and heal. */
import { runExperiment } from '../evidence/experiment.ts'
import { type ExperimentOptions, seedCount } from '../evidence/options.ts'
import type { Evidence } from '../evidence/page.ts'
import { job } from '../evidence/pool.ts'
import { byteCheck, sweep } from '../evidence/sweep.ts'
import { report } from './report.ts'
import { type Partition, partition, type Split, type Variant } from './run.ts'

/** What is the same in all repetitions. */
export type Cell = Pick<Partition, 'size' | 'variant' | 'split' | 'lengthMs'>

const run13 = job('e13', partition)
const variants: readonly Variant[] = ['P-GO', 'P-GO, Serf reconnect', 'P-GO, dskit rejoin', 'P-TS']
const REPETITIONS = 3
const SIZE = 100

/** `npm run simulate -- e13 [--smoke]`. */
export const run = (args: readonly string[]): Promise<number> => runExperiment(args, experiment)

async function experiment(options: ExperimentOptions): Promise<Evidence> {
  const { smoke } = options
  const splits: readonly Split[] = smoke ? ['50/50'] : ['50/50', '90/10', '5 racks']
  const lengths = smoke ? [60_000] : [600_000, 60_000, 10_000]
  const size = smoke ? 30 : SIZE
  const cells: Cell[] = lengths.flatMap((lengthMs) =>
    splits.flatMap((split) => variants.map((variant) => ({ size, variant, split, lengthMs }))),
  )
  const swept = await sweep('e13', run13, cells, () => seedCount(smoke ? 1 : REPETITIONS, options), options)
  const parameters = { size: 20, variant: 'P-TS', split: '50/50', lengthMs: 10_000, repetition: 0 } as const
  const bytes = await byteCheck('n = 20, 50/50, 10 s, P-TS', run13, parameters)
  return report(swept, options, [bytes])
}
