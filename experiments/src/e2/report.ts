/** What E2's page says. */
import { commandOf, type ExperimentOptions } from '../evidence/options.ts'
import type { ByteCheck, Evidence, Table } from '../evidence/page.ts'
import { plot } from '../evidence/plot.ts'
import { digest } from '../evidence/run-log.ts'
import type { CellResult } from '../evidence/sweep.ts'
import { figure, grouped } from '../evidence/table.ts'
import type { Check } from '../evidence/verdict.ts'
import { type ProfileName, profiles } from '../profiles/profile.ts'
import { poissonInterval } from '../statistics/intervals.ts'
import type { Cell } from './command.ts'
import { counts, durationsMs, figures, pausesMs, RUNS_EACH } from './published.ts'
import type { Accusations } from './run.ts'

type Result = CellResult<Cell, Accusations>
type Count = 'falsePositives' | 'atHealthy' | 'truePositives' | 'packets' | 'bytes' | 'seconds'

const names = Object.keys(profiles) as ProfileName[]
/** Table IV. */
const LIFEGUARD_PERCENT = 1.53
/** The five configurations of the paper, most false positives first. */
const order: readonly ProfileName[] = ['Buddy', 'SWIM', 'LHA-Probe', 'LHA-Suspicion', 'Lifeguard']

/** The page of all cells. */
export function report(swept: readonly Result[], options: ExperimentOptions, bytes: readonly ByteCheck[]): Evidence {
  const found = new Found(swept)
  return {
    id: 'e2',
    title: 'Lifeguard false positives and load',
    about:
      'The Interval experiment of the Lifeguard paper (2017, tables IV and VI, figures 2 and 3): as in E1, but anomalies of D come again and again, I apart, until the first that ends after 120 s. FP: failures of healthy members that are declared anywhere; FP−: those declared at healthy members. Each “% of SWIM” is of the same runs.',
    command: commandOf('e2', options),
    parameters: [
      ['members', '128'],
      ['C', found.counts.join(', ')],
      ['D (ms)', found.durationsMs.join(', ')],
      ['I (ms)', found.pausesMs.join(', ')],
      ['repetitions', String(swept[0]!.results.length)],
      ['tuning', 'probe interval 1 s, timeout 0.5 s; α = 5, β = 6, K = 3'],
      ['anomaly', 'as in E1'],
      ['seed of a run', '`seedOf("e2", C, D, I, repetition)`, the same for all configurations'],
    ],
    tables: [falseTable(found), loadTable(found)],
    plots: [
      { name: 'fp', caption: 'False positives by C', svg: countPlot(found, 'falsePositives') },
      { name: 'fp-healthy', caption: 'False positives at healthy members by C', svg: countPlot(found, 'atHealthy') },
    ],
    checks: checks(found),
    targets: targets(found),
    notes,
    traces: found.names.map((profile) => [`${profile}, all cells`, digest(found.traces(profile))] as const),
    bytes,
  }
}

/** Sums by configuration, and what was published for the same C, scaled to as many runs. */
class Found {
  readonly counts: readonly number[]
  readonly durationsMs: readonly number[]
  readonly pausesMs: readonly number[]
  readonly names: readonly ProfileName[]
  readonly #swept: readonly Result[]

  constructor(swept: readonly Result[]) {
    this.#swept = swept
    const distinct = (of: (cell: Cell) => number): readonly number[] =>
      [...new Set(swept.map(({ cell }) => of(cell)))].sort((a, b) => a - b)
    this.counts = distinct(({ count }) => count)
    this.durationsMs = distinct(({ durationMs }) => durationMs)
    this.pausesMs = distinct(({ pauseMs }) => pauseMs)
    this.names = names.filter((name) => swept.some(({ cell }) => cell.profile === name))
  }

  /** All D and I of the paper were run, so that sums can be compared. */
  get isWhole(): boolean {
    return this.durationsMs.length === durationsMs.length && this.pausesMs.length === pausesMs.length
  }

  sum(profile: ProfileName, what: Count, count?: number): number {
    return this.#runs(profile, count).reduce((sum, run) => sum + run[what], 0)
  }

  percent(profile: ProfileName, what: Count): number {
    return (100 * this.sum(profile, what)) / this.sum('SWIM', what)
  }

  /** For as many runs as there are of this configuration. */
  published(profile: ProfileName, what: 'falsePositives' | 'atHealthy', count?: number): number | undefined {
    const row = figures.find((each) => each.profile === profile)
    if (!row || !this.isWhole) return undefined
    const chosen = count === undefined ? this.counts : [count]
    const all = chosen.reduce((sum, each) => sum + row[what][counts.indexOf(each)]!, 0)
    return (all * this.#runs(profile, count).length) / (RUNS_EACH * chosen.length)
  }

  publishedPercent(profile: ProfileName, what: 'falsePositives' | 'atHealthy'): number | undefined {
    const part = this.published(profile, what)
    return part === undefined ? undefined : (100 * part) / this.published('SWIM', what)!
  }

  traces(profile: ProfileName): readonly string[] {
    return this.#runs(profile).map(({ trace }) => trace)
  }

  #runs(profile: ProfileName, count?: number): readonly Accusations[] {
    return this.#swept
      .filter(({ cell }) => cell.profile === profile && (count === undefined || cell.count === count))
      .flatMap(({ results }) => results)
  }
}

function falseTable(found: Found): Table {
  return {
    heading: 'False positives: published, faithful, ours, limit',
    columns: [
      { heading: 'configuration', align: 'left' },
      'FP published',
      'FP',
      'FP− published',
      'FP−',
      'FP % published',
      'FP %',
      'FP− % published',
      'FP− %',
      'true positives',
      'limit',
    ],
    rows: found.names.map((profile) => [
      profile,
      rounded(found.published(profile, 'falsePositives')),
      grouped(found.sum(profile, 'falsePositives')),
      found.published(profile, 'atHealthy')?.toFixed(1),
      grouped(found.sum(profile, 'atHealthy')),
      found.publishedPercent(profile, 'falsePositives'),
      found.percent(profile, 'falsePositives'),
      found.publishedPercent(profile, 'atHealthy'),
      found.percent(profile, 'atHealthy'),
      grouped(found.sum(profile, 'truePositives')),
      0,
    ]),
    note: 'Published: the decoded figures 2 and 3 for the same C, scaled to as many runs. True positives: failures of anomalous members, declared anywhere. Limit: none is needed; nobody healthy stops answering.',
  }
}

function loadTable(found: Found): Table {
  const perSecond = (profile: ProfileName, what: 'packets' | 'bytes'): number =>
    found.sum(profile, what) / found.sum(profile, 'seconds') / 128
  return {
    heading: 'Load',
    columns: [
      { heading: 'configuration', align: 'left' },
      'packets % published',
      'packets %',
      'bytes % published',
      'bytes %',
      'packets/s each',
      'bytes/s each',
    ],
    rows: found.names.map((profile) => {
      const row = figures.find((each) => each.profile === profile)
      return [
        profile,
        row?.packetsPercent,
        found.percent(profile, 'packets'),
        row?.bytesPercent,
        found.percent(profile, 'bytes'),
        perSecond(profile, 'packets'),
        perSecond(profile, 'bytes'),
      ]
    }),
    note: 'From the first anomaly on; packets only, bytes before compression. Published for SWIM: 6.2 messages and 2.28 kB a second for each agent.',
  }
}

function checks(found: Found): Check[] {
  if (!found.isWhole) return oneCell(found)
  const checked: Check[] = [
    factorTwo('SWIM: FP', found.sum('SWIM', 'falsePositives'), found.published('SWIM', 'falsePositives')!),
  ]
  for (const profile of order) {
    const row = figures.find((each) => each.profile === profile)!
    if (profile !== 'SWIM')
      checked.push(
        factorTwo(
          `${profile}: FP, % of SWIM`,
          found.percent(profile, 'falsePositives'),
          found.publishedPercent(profile, 'falsePositives')!,
        ),
      )
    const expected = found.published(profile, 'atHealthy')!
    checked.push({
      what: `${profile}: FP−, count`,
      found: expected,
      ...poissonInterval(found.sum(profile, 'atHealthy'), 0.999),
    })
    if (profile === 'SWIM') continue
    checked.push(
      percentPoints(`${profile}: packets, % of SWIM`, found.percent(profile, 'packets'), row.packetsPercent),
      percentPoints(`${profile}: bytes, % of SWIM`, found.percent(profile, 'bytes'), row.bytesPercent),
    )
  }
  for (const [index, profile] of order.slice(2).entries())
    checked.push({
      what: `order: ${profile} below ${order[index + 1]}, FP`,
      found: found.sum(profile, 'falsePositives'),
      low: 0,
      high: found.sum(order[index + 1]!, 'falsePositives'),
    })
  return checked
}

/** Where all are false positives of SWIM, Lifeguard's share of them: by its Poisson interval in twice the published share. */
function oneCell(found: Found): Check[] {
  const swim = found.sum('SWIM', 'falsePositives')
  const lifeguard = found.sum('Lifeguard', 'falsePositives')
  const { low, high } = poissonInterval(lifeguard, 0.999)
  const percent = 100 / swim
  return [
    { what: 'SWIM: FP', found: swim, low: 1, high: Number.POSITIVE_INFINITY },
    {
      what: 'Lifeguard: FP, % of SWIM',
      found: lifeguard * percent,
      interval: { low: low * percent, high: high * percent },
      low: 0,
      high: 2 * LIFEGUARD_PERCENT,
    },
  ]
}

const factorTwo = (what: string, value: number, expected: number): Check => ({
  what,
  found: value,
  low: expected / 2,
  high: expected * 2,
})

const percentPoints = (what: string, value: number, expected: number): Check => ({
  what,
  found: value,
  low: expected - 5,
  high: expected + 5,
})

function targets(found: Found): Evidence['targets'] {
  const of = (what: string, value: number, limit: number) => ({
    what,
    found: value,
    target: `≤ ${figure(limit)}`,
    met: value <= limit,
  })
  return [
    of('FP, % of SWIM', found.percent('P-TS', 'falsePositives'), 0.3),
    ...(found.sum('SWIM', 'atHealthy') > 0 ? [of('FP−, % of SWIM', found.percent('P-TS', 'atHealthy'), 0.9)] : []),
    of('packets, % of SWIM', found.percent('P-TS', 'packets'), 105),
    of('bytes, % of SWIM', found.percent('P-TS', 'bytes'), 97),
  ]
}

function countPlot(found: Found, what: 'falsePositives' | 'atHealthy'): string {
  const runsEach = found.isWhole
    ? found.published('SWIM', what, found.counts[0])! / figures[0]![what][counts.indexOf(found.counts[0]!)]!
    : 1
  return plot({
    title: what === 'falsePositives' ? 'False positives by C' : 'False positives at healthy members by C',
    x: { label: 'C, anomalous members', min: 0, max: 33 },
    y: { label: 'events', logarithmic: true },
    series: [
      ...found.names.map((profile) => ({
        name: profile,
        points: found.counts.map((count) => [count, found.sum(profile, what, count)] as const),
      })),
      ...figures
        .filter(({ profile }) => profile === 'SWIM' || profile === 'Lifeguard')
        .map((row) => ({
          name: `published, ${row.profile}`,
          style: 'model' as const,
          points: counts.map((count, index) => [count, row[what][index]! * runsEach] as const),
        })),
    ],
  })
}

const rounded = (value: number | undefined): string | undefined => (value === undefined ? undefined : grouped(value))

const notes: readonly string[] = []
