/** E7 Dissemination: how soon one update is everywhere, against size and loss. */
import { runExperiment } from '../evidence/experiment.ts'
import { type ExperimentOptions, seedCount } from '../evidence/options.ts'
import type { Evidence } from '../evidence/page.ts'
import { job } from '../evidence/pool.ts'
import { byteCheck, sweep } from '../evidence/sweep.ts'
import { report } from './report.ts'
import { type Dissemination, disseminate } from './run.ts'

/** What is the same in all repetitions. */
export type Cell = Pick<Dissemination, 'size' | 'profile' | 'loss' | 'isGossipOnly'>

const run7 = job('e7', disseminate)

/** Seeds by size: in full, and for every commit. */
const seeds: Readonly<Record<number, readonly [full: number, smoke: number]>> = {
  10000: [10, 0],
  1000: [50, 1],
  128: [200, 6],
  32: [200, 10],
}
const losses = [0, 0.01, 0.1, 0.3]
const smokeLosses = [0, 0.3]

/** `npm run simulate -- e7 [--smoke]`. */
export const run = (args: readonly string[]): Promise<number> => runExperiment(args, experiment)

async function experiment(options: ExperimentOptions): Promise<Evidence> {
  const { smoke } = options
  const repetitions = ({ size }: Cell): number => seedCount(seeds[size]![smoke ? 1 : 0], options)
  const sizes = [10_000, 1000, 128, 32].filter((size) => !smoke || seeds[size]![1] > 0)
  const cells: Cell[] = sizes.flatMap((size) => [
    ...(smoke ? smokeLosses : losses).flatMap((loss) =>
      (['P-GO', 'P-TS'] as const).map((profile) => ({ size, profile, loss, isGossipOnly: false })),
    ),
    ...(size === 32 ? [] : [0, 0.3].map((loss) => ({ size, profile: 'P-GO' as const, loss, isGossipOnly: true }))),
  ])
  const swept = await sweep('e7', run7, cells, repetitions, options)
  const parameters = { size: 32, profile: 'P-TS', loss: 0.3, repetition: 0 } as const
  const bytes = await byteCheck('n = 32, 30 % loss, P-TS', run7, parameters)
  return report(swept, options, [bytes])
}
