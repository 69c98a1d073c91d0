/** What E1's page says. */
import { commandOf, type ExperimentOptions } from '../evidence/options.ts'
import type { ByteCheck, Evidence, Table } from '../evidence/page.ts'
import { plot } from '../evidence/plot.ts'
import { digest } from '../evidence/run-log.ts'
import type { CellResult } from '../evidence/sweep.ts'
import type { Check } from '../evidence/verdict.ts'
import { type ProfileName, profiles } from '../profiles/profile.ts'
import { percentileInterval } from '../statistics/intervals.ts'
import { distribution, median, percentile } from '../statistics/summary.ts'
import type { Cell } from './command.ts'
import { bands, models, shares, tableV } from './published.ts'
import type { Latencies } from './run.ts'

type Result = CellResult<Cell, Latencies>
type What = 'first' | 'full' | 'spread'

const names = Object.keys(profiles) as ProfileName[]
const shareNames = ['median', 'p99', 'p99.9']

/** The page of all cells. */
export function report(
  swept: readonly Result[],
  repetitions: number,
  options: ExperimentOptions,
  bytes: readonly ByteCheck[],
): Evidence {
  const found = new Found(swept)
  return {
    id: 'e1',
    title: 'Lifeguard latency',
    about:
      'The Threshold experiment of the Lifeguard paper (2017, table V): 128 members, 15 s of quiet, then C random members block before each send and after each receive for D; all that is blocked goes on at once; the run ends when everybody sees everybody healthy, or after 120 s. First detection: from the start of the anomaly until another member declares an anomalous one failed; full dissemination: until all healthy members have. Only the two longest D can be noticed, and C weighs: there are C samples in a run.',
    command: commandOf('e1', options),
    parameters: [
      ['members', '128'],
      ['C', [...new Set(swept.map(({ cell }) => cell.count))].sort((a, b) => a - b).join(', ')],
      ['D (ms)', [...new Set(swept.map(({ cell }) => cell.durationMs))].sort((a, b) => a - b).join(', ')],
      ['repetitions', String(repetitions)],
      ['tuning', 'probe interval 1 s, timeout 0.5 s; α = 5, β = 6, K = 3'],
      ['waiting packets', '512 for each member, as many small ones as Linux keeps by default'],
      ['seed of a run', '`seedOf("e1", C, D, repetition)`, the same for all configurations'],
    ],
    tables: [latencyTable(found, 'first'), latencyTable(found, 'full'), otherTable(found)],
    plots: [{ name: 'first', caption: 'First detection', svg: cdfPlot(found) }],
    checks: tableV.flatMap((row) =>
      (['first', 'full'] as const).flatMap((what) => checks(found, row.profile, what, row[what])),
    ),
    targets: targets(found),
    notes,
    traces: names.map((profile) => [`${profile}, all cells`, digest(found.traces(profile))] as const),
    bytes,
  }
}

/** Samples of all runs of a configuration. */
class Found {
  readonly #swept: readonly Result[]

  constructor(swept: readonly Result[]) {
    this.#swept = swept
  }

  runs(profile: ProfileName): readonly Latencies[] {
    return this.#swept.filter(({ cell }) => cell.profile === profile).flatMap(({ results }) => results)
  }

  samples(profile: ProfileName, what: What): readonly number[] {
    return this.runs(profile).flatMap((run) => run[what])
  }

  /** From the end of the anomaly until everybody sees everybody healthy. */
  recoveries(profile: ProfileName): readonly number[] {
    return this.#swept
      .filter(({ cell }) => cell.profile === profile)
      .flatMap(({ cell, results }) =>
        results.flatMap(({ healthy }) => (healthy === undefined ? [] : [healthy - cell.durationMs / 1000])),
      )
  }

  traces(profile: ProfileName): readonly string[] {
    return this.runs(profile).map(({ trace }) => trace)
  }
}

function latencyTable(found: Found, what: 'first' | 'full'): Table {
  const publishedOf = (profile: ProfileName) => tableV.find((row) => row.profile === profile)?.[what]
  return {
    heading: what === 'first' ? 'First detection (s)' : 'Full dissemination (s)',
    columns: [
      { heading: 'configuration', align: 'left' },
      'samples',
      ...shareNames.flatMap((name) => [`${name} published`, name]),
      ...(what === 'first' ? shareNames.map((name) => `${name} limit`) : []),
    ],
    rows: names.map((profile) => {
      const samples = found.samples(profile, what)
      return [
        profile,
        String(samples.length),
        ...shares.flatMap((share, index) => [publishedOf(profile)?.[index], seconds(percentile(samples, share))]),
        ...(what === 'first' ? models.limit.map(seconds) : []),
      ]
    }),
    ...(what === 'first' && {
      note: `SWIM to Lifeguard: the faithful machine with research switches, as the paper describes them; P-GO: memberlist v0.7.0; P-TS: ours. Limit: every member is probed once in every interval (12.14 / 14.40 / 15.72 s); random targets by the model: ${models.random.map(seconds).join(' / ')} s.`,
    }),
  }
}

function otherTable(found: Found): Table {
  return {
    heading: 'Beside it',
    columns: [
      { heading: 'configuration', align: 'left' },
      'full − first, median (s)',
      'all healthy after the end, median (s)',
      'runs not healthy by 120 s',
      'false positives',
    ],
    rows: names.map((profile) => {
      const runs = found.runs(profile)
      return [
        profile,
        median(found.samples(profile, 'spread')),
        median(found.recoveries(profile)),
        String(runs.filter(({ healthy }) => healthy === undefined).length),
        String(runs.reduce((sum, run) => sum + run.falsePositives, 0)),
      ]
    }),
    note: 'False positives: failures of healthy members, declared anywhere. Published: full − first is 0.46 s for SWIM (difference of the medians).',
  }
}

function checks(
  found: Found,
  profile: ProfileName,
  what: 'first' | 'full',
  published: readonly [number, number, number],
): Check[] {
  const samples = found.samples(profile, what)
  return shares.map((share, index) => ({
    what: `${profile}, ${what === 'first' ? 'first detection' : 'full dissemination'}, ${shareNames[index]}`,
    found: percentile(samples, share),
    interval: percentileInterval(samples, share),
    low: published[index]! - bands[index]!,
    high: published[index]! + bands[index]!,
  }))
}

function targets(found: Found): Evidence['targets'] {
  const first = found.samples('P-TS', 'first')
  const of = (what: string, value: number, limit: number) => ({
    what,
    found: value,
    target: `≤ ${limit}`,
    met: value <= limit,
  })
  return [
    of('first detection, median (s)', percentile(first, 0.5), 12.3),
    of('first detection, p99 (s)', percentile(first, 0.99), 14.7),
    of('first detection, p99.9 (s)', percentile(first, 0.999), 16.2),
    of('full dissemination − first detection, median (s)', median(found.samples('P-TS', 'spread')), 0.2),
  ]
}

function cdfPlot(found: Found): string {
  const shown: readonly ProfileName[] = ['SWIM', 'Lifeguard', 'P-GO', 'P-TS']
  return plot({
    title: 'First detection of an anomalous member',
    x: { label: 'seconds after the start of the anomaly', min: 11, max: 20 },
    y: { label: 'share of detections', min: 0, max: 1 },
    series: [
      ...shown.map((profile) => ({
        name: profile,
        style: 'step' as const,
        points: distribution(found.samples(profile, 'first'), 400).filter(([at]) => at <= 20),
      })),
      {
        name: 'published, SWIM',
        style: 'points' as const,
        points: tableV[0]!.first.map((at, index) => [at, shares[index]!] as const),
      },
      {
        name: 'limit',
        style: 'points' as const,
        points: models.limit.map((at, index) => [at, shares[index]!] as const),
      },
    ],
  })
}

const seconds = (value: number): string => (Number.isNaN(value) ? '–' : value.toFixed(2))

const notes = [
  '**How the anomaly is modelled.** What a blocked member sends leaves at the end of the anomaly, and what reaches it arrives then, packets and streams alike. Its timers run until its probe loop sends something: there the loop of a Go process is stuck in the send, with its deadlines running, so from then on the member is stalled as a whole. At the end it finds its probe overdue and suspicions that ran out meanwhile, as a Go process does; then it reads what waits. The faithful profiles fire what is due before they read, ours reads first and takes a probe that it slept through for inconclusive.',
]
