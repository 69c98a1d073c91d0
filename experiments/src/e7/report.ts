/** What E7's page says. */
import { commandOf, type ExperimentOptions } from '../evidence/options.ts'
import type { ByteCheck, Evidence, Table } from '../evidence/page.ts'
import { plot } from '../evidence/plot.ts'
import { type CellResult, traceDigests } from '../evidence/sweep.ts'
import { figure } from '../evidence/table.ts'
import type { Check } from '../evidence/verdict.ts'
import { meanInterval } from '../statistics/intervals.ts'
import { mean } from '../statistics/summary.ts'
import type { Cell } from './command.ts'
import { limitSeconds, modelLast, published, type TableRow, WITH_PROBES } from './published.ts'
import type { Spread } from './run.ts'

type Result = CellResult<Cell, Spread>
type Figure = 'p50' | 'p99' | 'last'

const BAND = 0.1

/** The page of all cells. */
export function report(swept: readonly Result[], options: ExperimentOptions, bytes: readonly ByteCheck[]): Evidence {
  const found = new Found(swept)
  return {
    id: 'e7',
    title: 'Dissemination',
    about:
      'One member of a settled cluster changes its metadata; when do all others have it? Lost are packets, from the update on, each with the given probability. Times are means over seeds: until half of the members have it, 99 %, all.',
    command: commandOf('e7', options),
    parameters: [
      ['tuning', 'LAN: gossip to 3 every 0.2 s, probe interval 1 s, retransmit multiplier 4'],
      ['delay', 'log-normal, median 0.25 ms, p99 1 ms'],
      ['seeds', found.sizes.map((size) => `${found.repetitions(size)} at n = ${size}`).join(', ')],
      ['seed of a run', '`seedOf("e7", n, loss, repetition)`, the same for both profiles'],
    ],
    tables: [mainTable(found), gossipTable(found), costTable(found)],
    plots: [
      { name: 'last', caption: 'Last member against size', svg: sizePlot(found) },
      { name: 'curve', caption: 'Members informed over time', svg: curvePlot(found) },
    ],
    checks: published.filter(({ size }) => found.sizes.includes(size)).flatMap((row) => checks(found, row)),
    targets: targets(found),
    notes,
    traces: traceDigests(
      swept,
      ({ size, profile, loss, isGossipOnly }) =>
        `n = ${size}, ${loss * 100} % loss, ${profile}${isGossipOnly ? ', no probes' : ''}`,
    ),
    bytes,
  }
}

/** Results by what was asked. */
class Found {
  readonly swept: readonly Result[]
  readonly sizes: readonly number[]
  readonly losses: readonly number[]

  constructor(swept: readonly Result[]) {
    this.swept = swept
    this.sizes = [...new Set(swept.map(({ cell }) => cell.size))].sort((a, b) => a - b)
    this.losses = [...new Set(swept.map(({ cell }) => cell.loss))].sort((a, b) => a - b)
  }

  runs(size: number, loss: number, profile: Cell['profile'], isGossipOnly = false): readonly Spread[] {
    return (
      this.swept.find(
        ({ cell }) =>
          cell.size === size &&
          cell.loss === loss &&
          cell.profile === profile &&
          Boolean(cell.isGossipOnly) === isGossipOnly,
      )?.results ?? []
    )
  }

  repetitions(size: number): number {
    return this.runs(size, 0, 'P-GO').length
  }

  values(size: number, loss: number, profile: Cell['profile'], what: Figure, isGossipOnly = false): readonly number[] {
    return this.runs(size, loss, profile, isGossipOnly).map((run) => run[what])
  }

  mean(...of: Parameters<Found['values']>): number {
    return mean(this.values(...of))
  }
}

function mainTable(found: Found): Table {
  return {
    heading: 'Published, faithful, ours, limit (s)',
    columns: [
      'n',
      'loss',
      'Serf formula',
      'model last',
      'P-GO p50',
      'P-GO p99',
      'P-GO last',
      'P-GO worst',
      'P-TS p50',
      'P-TS p99',
      'P-TS last',
      'P-TS worst',
      'limit',
    ],
    rows: found.sizes.flatMap((size) =>
      found.losses.map((loss) => [
        String(size),
        `${loss * 100} %`,
        loss === 0 ? published.find((row) => row.size === size)?.serf : undefined,
        modelLast(size, loss),
        ...(['P-GO', 'P-TS'] as const).flatMap((profile) => [
          found.mean(size, loss, profile, 'p50'),
          found.mean(size, loss, profile, 'p99'),
          found.mean(size, loss, profile, 'last'),
          Math.max(...found.values(size, loss, profile, 'last')),
        ]),
        limitSeconds(size),
      ]),
    ),
    note: 'Serf formula: 99.99 % by the simulator on serf.io. Model: (2 ln n + 1.2) / ((f/T_g + 2/T)(1 − p)). Limit: (T_g/f) ln n, which no schedule of three copies a tick beats; what is forwarded at once costs only hops.',
  }
}

function gossipTable(found: Found): Table {
  const cells = published.filter(({ size }) => found.sizes.includes(size))
  return {
    heading: 'Gossip alone against the table of the plan (s)',
    columns: ['n', 'p50 table', 'p50', 'p99 table', 'p99', 'last table', 'last', 'last 30 % table', 'last 30 %'],
    rows: cells.map((row) => [
      String(row.size),
      row.p50,
      found.mean(row.size, 0, 'P-GO', 'p50', true),
      row.p99,
      found.mean(row.size, 0, 'P-GO', 'p99', true),
      row.last,
      found.mean(row.size, 0, 'P-GO', 'last', true),
      row.last30,
      found.mean(row.size, 0.3, 'P-GO', 'last', true),
    ]),
    note: 'The faithful profile with the failure detector off.',
  }
}

function costTable(found: Found): Table {
  return {
    heading: 'Copies for each member, and deliveries missed',
    columns: ['n', 'loss', 'P-GO copies', 'P-GO missed', 'P-TS copies', 'P-TS missed', 'deliveries each'],
    rows: found.sizes.flatMap((size) =>
      found.losses.map((loss) => [
        String(size),
        `${loss * 100} %`,
        ...(['P-GO', 'P-TS'] as const).flatMap((profile) => {
          const runs = found.runs(size, loss, profile)
          return [mean(runs.map(({ copies }) => copies)), String(sum(runs.map(({ missed }) => missed)))]
        }),
        String((size - 1) * found.repetitions(size)),
      ]),
    ),
    note: 'Missed: not there 15 s after the update. The transmit limit is 4·⌈log10(n + 1)⌉ copies.',
  }
}

function checks(found: Found, row: TableRow): Check[] {
  const { size } = row
  const near = (what: string, values: readonly number[], expected: number): Check => ({
    what: `n = ${size}: ${what}`,
    found: mean(values),
    interval: meanInterval(values),
    low: expected * (1 - BAND),
    high: expected * (1 + BAND),
  })
  const figures = ['p50', 'p99', 'last'] as const
  return [
    ...figures.map((each) => near(`gossip alone, ${each}`, found.values(size, 0, 'P-GO', each, true), row[each])),
    near('gossip alone, last at 30 % loss', found.values(size, 0.3, 'P-GO', 'last', true), row.last30),
    ...figures.map((each) => near(`P-GO, ${each}`, found.values(size, 0, 'P-GO', each), row[each] * WITH_PROBES)),
    ...(found.losses.includes(0.1)
      ? [near('P-GO, last at 10 % loss', found.values(size, 0.1, 'P-GO', 'last'), row.last10 * WITH_PROBES)]
      : []),
    near('P-GO, last at 30 % loss', found.values(size, 0.3, 'P-GO', 'last'), row.last30 * WITH_PROBES),
  ]
}

function targets(found: Found): Evidence['targets'] {
  const atMost = (what: string, value: number, limit: number) => ({
    what,
    found: value,
    target: `≤ ${figure(limit)}`,
    met: value <= limit,
  })
  const has = (size: number): boolean => found.sizes.includes(size)
  const ours = found.swept.filter(({ cell }) => cell.profile === 'P-TS' && !cell.isGossipOnly)
  const deliveries = sum(ours.map(({ cell, results }) => (cell.size - 1) * results.length))
  const missed = sum(ours.flatMap(({ results }) => results.map((run) => run.missed)))
  return [
    ...(has(1000)
      ? [
          atMost('n = 1000, p50 (s)', found.mean(1000, 0, 'P-TS', 'p50'), 0.05),
          atMost('n = 1000, p99 (s)', found.mean(1000, 0, 'P-TS', 'p99'), 0.3),
          atMost('n = 1000, last (s)', found.mean(1000, 0, 'P-TS', 'last'), 0.5),
          atMost(
            'n = 1000, last at 30 % loss ÷ last without',
            found.mean(1000, 0.3, 'P-TS', 'last') / found.mean(1000, 0, 'P-TS', 'last'),
            1.6,
          ),
          atMost('n = 1000, copies', mean(found.runs(1000, 0, 'P-TS').map(({ copies }) => copies)), 16),
        ]
      : []),
    ...(has(10_000) ? [atMost('n = 10,000, last (s)', found.mean(10_000, 0, 'P-TS', 'last'), 0.7)] : []),
    atMost('missed in a million deliveries', (missed / deliveries) * 1e6, 0),
  ]
}

function sizePlot(found: Found): string {
  const line = (profile: Cell['profile'], loss: number) =>
    found.sizes.map((size) => [size, found.mean(size, loss, profile, 'last')] as const)
  return plot({
    title: 'Until the last member has it',
    x: { label: 'members', logarithmic: true },
    y: { label: 'seconds', min: 0 },
    series: [
      { name: 'P-GO', points: line('P-GO', 0) },
      { name: 'P-TS', points: line('P-TS', 0) },
      { name: 'P-GO, 30 % loss', points: line('P-GO', 0.3) },
      { name: 'P-TS, 30 % loss', points: line('P-TS', 0.3) },
      { name: 'table of the plan', style: 'points', points: published.map(({ size, last }) => [size, last]) },
      { name: 'model', style: 'model', points: found.sizes.map((size) => [size, modelLast(size, 0)]) },
      { name: 'limit', style: 'model', points: found.sizes.map((size) => [size, limitSeconds(size)]) },
    ],
  })
}

function curvePlot(found: Found): string {
  const size = Math.min(1000, found.sizes.at(-1)!)
  const series = (['P-GO', 'P-TS'] as const).flatMap((profile) =>
    [0, 0.3].map((loss) => {
      const curves = found.runs(size, loss, profile).map(({ curve }) => curve)
      const steps = Math.min(...curves.map((curve) => curve.length))
      return {
        name: `${profile}, ${loss * 100} % loss`,
        points: Array.from(
          { length: steps },
          (_, step) => [mean(curves.map((curve) => curve[step]!)), (step + 1) / steps] as const,
        ),
      }
    }),
  )
  return plot({
    title: `Share of ${size} members that have it`,
    x: { label: 'seconds after the update', min: 0 },
    y: { label: 'share', min: 0, max: 1 },
    series,
  })
}

const sum = (values: readonly number[]): number => values.reduce((total, value) => total + value, 0)

const notes = [
  '**Why P-GO is faster than the table of the plan.** That table comes from a simulation of gossip ticks alone. With the failure detector off the faithful machine gives it (second table). In memberlist every ping and every ack carries what waits in the queue, too: two more packets a second beside fifteen, so the same copies are sent in 15/17 of the time. The band of P-GO is the table times 15/17, ± 10 %; the model in the plan needs 2/T beside f/T_g.',
  '**Ours.** P-TS does not forward at once yet: what it sends, and when, is what P-GO does.',
]
