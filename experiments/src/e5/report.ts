/** What E5's page says. */
import { commandOf, type ExperimentOptions } from '../evidence/options.ts'
import type { ByteCheck, Evidence, Table } from '../evidence/page.ts'
import { plot } from '../evidence/plot.ts'
import { type CellResult, traceDigests } from '../evidence/sweep.ts'
import { figure } from '../evidence/table.ts'
import type { Check } from '../evidence/verdict.ts'
import { meanInterval, slope } from '../statistics/intervals.ts'
import { distribution, mean, percentile } from '../statistics/summary.ts'
import type { Cell } from './command.ts'
import { ENDLESS_PERIODS, EXPONENTIAL_P99, meanPeriods, meanWait } from './models.ts'
import type { Detection, Detections } from './run.ts'

type Result = CellResult<Cell, Detections>
type Kind = 'P-GO' | 'P-TS' | 'synchronous'

const BAND = 0.05

/** The page of all cells. */
export function report(swept: readonly Result[], options: ExperimentOptions, bytes: readonly ByteCheck[]): Evidence {
  const found = new Found(swept)
  return {
    id: 'e5',
    title: 'Detection against size',
    about:
      'A random member of a settled cluster crashes at a random instant. Until the first ping that nobody answers (the wait), until the first suspicion, until the first member gives it up; all in probe intervals T = 1 s. The published figure is SWIM’s (2002, figure 3a): 1.582 periods by analysis, means per bin between 1.1 and 3.3 for 8 to 40 members, without a trend. There all members probe at the same instants, so the faithful profile runs once with such phases, too, and periods are counted.',
    command: commandOf('e5', options),
    parameters: [
      ['tuning', 'LAN: probe interval 1 s, timeout 0.5 s, suspicion multiplier 4'],
      ['crashes', found.sizes.map((size) => `${found.of(size, 'P-GO').length} at n = ${size}`).join(', ')],
      [
        '… waited for to the end',
        found.sizes.map((size) => `${found.stages(size, 'P-GO').length} at n = ${size}`).join(', '),
      ],
      ['seed of a run', '`seedOf("e5", n, repetition)`, the same for all profiles'],
    ],
    tables: [waitTable(found), stageTable(found)],
    plots: [
      { name: 'wait', caption: 'Mean wait against size', svg: waitPlot(found) },
      { name: 'distribution', caption: 'Distribution of the wait', svg: distributionPlot(found) },
    ],
    checks: [...found.sizes.flatMap((size) => checks(found, size)), ...slopes(found)],
    targets: found.sizes.flatMap((size) => targets(found, size)),
    notes,
    traces: traceDigests(
      swept,
      ({ size, profile, isSynchronous, isWaitOnly }) =>
        `n = ${size}, ${profile}${isSynchronous ? ', synchronous' : ''}${isWaitOnly ? ', wait only' : ''}`,
    ),
    bytes,
  }
}

/** Detections by size and kind. */
class Found {
  readonly sizes: readonly number[]
  readonly #swept: readonly Result[]

  constructor(swept: readonly Result[]) {
    this.#swept = swept
    this.sizes = [...new Set(swept.map(({ cell }) => cell.size))].sort((a, b) => a - b)
  }

  of(size: number, kind: Kind): readonly Detection[] {
    return this.#swept
      .filter(
        ({ cell }) =>
          cell.size === size &&
          cell.isSynchronous === (kind === 'synchronous') &&
          (kind === 'synchronous' || cell.profile === kind),
      )
      .flatMap(({ results }) => results.flatMap(({ detections }) => detections))
  }

  /** Those that were waited for to the end. */
  stages(size: number, kind: Kind): readonly Detection[] {
    return this.of(size, kind).filter(({ dead }) => !Number.isNaN(dead))
  }

  waits(size: number, kind: Kind): readonly number[] {
    return this.of(size, kind).map(({ probe }) => probe)
  }

  /** Ticks until the wait is over; the first one is the next after the crash. */
  periods(size: number): readonly number[] {
    return this.waits(size, 'synchronous').map((wait) => Math.floor(wait) + 1)
  }
}

function waitTable(found: Found): Table {
  return {
    heading: 'The wait for the first probe, published, faithful, ours, limit (T)',
    columns: [
      'n',
      'periods published',
      'periods model',
      'synchronous periods',
      'wait model',
      'P-GO mean',
      'P-GO p99',
      'P-TS mean',
      'P-TS p99',
      'limit mean',
      'limit p99',
    ],
    rows: found.sizes.map((size) => [
      String(size),
      ENDLESS_PERIODS,
      meanPeriods(size),
      mean(found.periods(size)),
      meanWait(size),
      mean(found.waits(size, 'P-GO')),
      percentile(found.waits(size, 'P-GO'), 0.99),
      mean(found.waits(size, 'P-TS')),
      percentile(found.waits(size, 'P-TS'), 0.99),
      0.5,
      1,
    ]),
    note: `Models are those of rings: n − 1 others, each comes by once in a pass, in random order. They tend to 1.582 periods and to a mean wait of 1 T, exponential, with a p99 of ${figure(EXPONENTIAL_P99)} T. Limit: one visit of every member in every T.`,
  }
}

function stageTable(found: Found): Table {
  const means = (size: number, kind: Kind) => [
    mean(found.stages(size, kind).map(({ suspect }) => suspect)),
    mean(found.stages(size, kind).map(({ dead }) => dead)),
    percentile(
      found.stages(size, kind).map(({ dead }) => dead),
      0.99,
    ),
  ]
  return {
    heading: 'Suspicion and death (T)',
    columns: [
      'n',
      'model suspect',
      'P-GO suspect',
      'P-GO dead',
      'P-GO dead p99',
      'P-TS suspect',
      'P-TS dead',
      'P-TS dead p99',
      'limit dead',
    ],
    rows: found.sizes.map((size) => [
      String(size),
      meanWait(size) + 1,
      ...means(size, 'P-GO'),
      ...means(size, 'P-TS'),
      0.5 + 1 + 4 * Math.max(1, Math.log10(size)),
    ]),
    note: 'Means of the first event anywhere, over the crashes that were waited for to the end. The model of suspicion is the wait plus one interval, which is waited out. Limit: half an interval, one interval, and the least suspicion timeout α·max(1, log10 n)·T.',
  }
}

function checks(found: Found, size: number): Check[] {
  const near = (what: string, values: readonly number[], expected: number): Check => ({
    what: `n = ${size}: ${what}`,
    found: mean(values),
    interval: meanInterval(values),
    low: expected * (1 - BAND),
    high: expected * (1 + BAND),
  })
  return [
    near('P-GO, mean wait', found.waits(size, 'P-GO'), meanWait(size)),
    near('P-GO synchronous, mean periods', found.periods(size), meanPeriods(size)),
  ]
}

/** The wait in parts of its model must not depend on the size. */
function slopes(found: Found): Check[] {
  const trend = (what: string, values: (size: number) => readonly number[], model: (size: number) => number): Check => {
    const points = found.sizes.flatMap((size) =>
      values(size).map((value) => [Math.log10(size), value / model(size)] as const),
    )
    const { slope: at, low, high } = slope(points)
    return { what, found: at, interval: { low, high }, low: 0, high: 0 }
  }
  return [
    trend('P-GO, wait ÷ model against log10 n, slope', (size) => found.waits(size, 'P-GO'), meanWait),
    trend('P-GO synchronous, periods ÷ model against log10 n, slope', (size) => found.periods(size), meanPeriods),
  ]
}

function targets(found: Found, size: number): Evidence['targets'] {
  const waits = found.waits(size, 'P-TS')
  const of = (what: string, value: number, limit: number) => ({
    what: `n = ${size}, ${what} (T)`,
    found: value,
    target: `≤ ${limit}`,
    met: value <= limit,
  })
  return [of('mean wait', mean(waits), 0.55), of('p99 of the wait', percentile(waits, 0.99), 1.05)]
}

function waitPlot(found: Found): string {
  const means = (values: (size: number) => readonly number[]) =>
    found.sizes.map((size) => [size, mean(values(size))] as const)
  const flat = (value: number) => [found.sizes[0]!, found.sizes.at(-1)!].map((size) => [size, value] as const)
  return plot({
    title: 'Until the first probe of a crashed member',
    x: { label: 'members', logarithmic: true },
    y: { label: 'probe intervals', min: 0, max: 2 },
    series: [
      { name: 'P-GO, mean wait', points: means((size) => found.waits(size, 'P-GO')) },
      { name: 'P-TS, mean wait', points: means((size) => found.waits(size, 'P-TS')) },
      { name: 'P-GO synchronous, periods', points: means((size) => found.periods(size)) },
      { name: '1.582 periods', style: 'model', points: flat(ENDLESS_PERIODS) },
      { name: 'mean 1 T', style: 'model', points: flat(1) },
      { name: 'limit 0.5 T', style: 'model', points: flat(0.5) },
    ],
  })
}

function distributionPlot(found: Found): string {
  const size = found.sizes.includes(1000) ? 1000 : found.sizes.at(-1)!
  return plot({
    title: `The wait at n = ${size}`,
    x: { label: 'probe intervals', min: 0, max: 6 },
    y: { label: 'share of crashes', min: 0, max: 1 },
    series: [
      ...(['P-GO', 'P-TS'] as const).map((kind) => ({
        name: kind,
        style: 'step' as const,
        points: distribution(found.waits(size, kind)).filter(([wait]) => wait <= 6),
      })),
      {
        name: 'exponential, mean 1 T',
        style: 'model' as const,
        points: Array.from({ length: 61 }, (_, index) => [index / 10, 1 - Math.exp(-index / 10)] as const),
      },
      {
        name: 'limit',
        style: 'model' as const,
        points: [
          [0, 0],
          [1, 1],
          [6, 1],
        ] as const,
      },
    ],
  })
}

const notes = [
  '**Small clusters.** The plan’s model is the limit for many members. In a cluster of 8 each of seven others comes by once in seven intervals, which is sooner than seven that draw anew: the model here follows rings of any size, and the band is ± 5 % of it. The trend is looked for in wait ÷ model.',
  '**Ours.** P-TS chooses targets as P-GO does: a random order for each pass and member. A common order for all members of an epoch, which reaches the limit, is not built yet.',
]
