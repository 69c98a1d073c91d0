/** E21 Kernel check: the machine's choice of members and its queue, in the rounds of Demers et al. */
import { runExperiment } from '../evidence/experiment.ts'
import { type ExperimentOptions, seedCount } from '../evidence/options.ts'
import type { Evidence } from '../evidence/page.ts'
import { job, runAll } from '../evidence/pool.ts'
import { digest, RunLog } from '../evidence/run-log.ts'
import { randomFrom, seedOf } from '../statistics/random.ts'
import { pullCounter, pushCoin, pushCounter, pushQueue } from './epidemics.ts'
import { published, SITES, type Variant } from './published.ts'
import { report } from './report.ts'
import type { Spread } from './rounds.ts'
import { makeSites } from './sites.ts'

/** The variants of the paper, and what our queue makes of push. */
export type AnyVariant = Variant | 'push, queue'

/** A variant at one k, over some seeds. */
export interface Chunk {
  readonly variant: AnyVariant
  readonly k: number
  readonly firstSeed: number
  readonly seeds: number
}

/** All seeds of a variant at one k. */
export interface Cell {
  readonly variant: AnyVariant
  readonly k: number
  readonly spreads: readonly Spread[]
}

const SEEDS = 1000
const SMOKE_SEEDS = 30
const CHUNK_SEEDS = 125

const epidemics = {
  'push, feedback and counter': pushCounter,
  'push, blind and coin': pushCoin,
  'pull, feedback and counter': pullCounter,
  'push, queue': pushQueue,
} as const

const spread = job('e21', ({ variant, k, firstSeed, seeds }: Chunk): Spread[] => {
  const choices = makeSites(SITES)
  return Array.from({ length: seeds }, (_, index) => {
    const random = randomFrom(seedOf('e21', variant, k, firstSeed + index))
    return epidemics[variant]({ sites: SITES, k, choose: choices(random), random })
  })
})

/** `npm run simulate -- e21 [--smoke]`. */
export const run = (args: readonly string[]): Promise<number> => runExperiment(args, experiment)

async function experiment(options: ExperimentOptions): Promise<Evidence> {
  const seeds = seedCount(options.smoke ? SMOKE_SEEDS : SEEDS, options)
  const kinds: readonly Pick<Chunk, 'variant' | 'k'>[] = [
    ...published,
    ...[1, 2, 3, 4, 5].map((k) => ({ variant: 'push, queue' as const, k })),
  ]
  const chunks = kinds.flatMap(({ variant, k }) =>
    Array.from({ length: Math.ceil(seeds / CHUNK_SEEDS) }, (_, index) => ({
      variant,
      k,
      firstSeed: index * CHUNK_SEEDS,
      seeds: Math.min(CHUNK_SEEDS, seeds - index * CHUNK_SEEDS),
    })),
  )
  const results = await runAll(spread, chunks, options.workers)
  const cells: Cell[] = kinds.map(({ variant, k }) => ({
    variant,
    k,
    spreads: results.filter((_, index) => chunks[index]!.variant === variant && chunks[index]!.k === k).flat(),
  }))
  const log = new RunLog(options.runs, 'e21')
  for (const { variant, k, spreads } of cells)
    for (const [seed, each] of spreads.entries()) log.add({ experiment: 'e21', variant, k, seed, ...each })
  const traces = cells.map(
    ({ variant, k, spreads }) => [`${variant}, k = ${k}`, digest(spreads.map((each) => JSON.stringify(each)))] as const,
  )
  return report(cells, seeds, traces, options)
}
