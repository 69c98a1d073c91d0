/** What E9's page says. */
import { commandOf, type ExperimentOptions } from '../evidence/options.ts'
import type { ByteCheck, Evidence, Table } from '../evidence/page.ts'
import { plot } from '../evidence/plot.ts'
import { type CellResult, traceDigests } from '../evidence/sweep.ts'
import { grouped } from '../evidence/table.ts'
import type { Check } from '../evidence/verdict.ts'
import { meanInterval } from '../statistics/intervals.ts'
import { mean } from '../statistics/summary.ts'
import type { Cell } from './command.ts'
import { figure5, limitSeconds, table1, targets } from './published.ts'
import type { JoinResult } from './run.ts'

type Result = CellResult<Cell, JoinResult>

const BAND = 0.25

/** The page of all cells. */
export function report(swept: readonly Result[], options: ExperimentOptions, bytes: readonly ByteCheck[]): Evidence {
  return {
    id: 'e9',
    title: 'Mass join',
    about:
      'One seed; ten seconds later N − 1 processes, which all join it; until every one of them sees N members (Rapid 2018, figure 5). The start of the joiners is spread evenly over half a second (all at once, as processes start) or over five.',
    command: commandOf('e9', options),
    parameters: [
      ['tuning', 'LAN (memberlist’s DefaultLANConfig); packets of 1400 bytes, names of 10 bytes, no metadata'],
      [
        'seeds',
        [...new Map(swept.map(({ cell, results }) => [cell.size, results.length]))]
          .map(([size, count]) => `${count} at N = ${size}`)
          .join(', '),
      ],
      ['limit of a run', '400 s'],
      ['seed of a run', '`seedOf("e9", N, spread, repetition)`, the same for both profiles'],
      ['not modelled', 'time to serve a packet (20 µs: 2 % of a core here), and a bound on how fast the seed accepts'],
    ],
    tables: [timeTable(swept), costTable(swept)],
    plots: [{ name: 'pairs', caption: 'Pairs over time', svg: pairPlot(swept) }],
    checks: swept.flatMap(checks),
    targets: swept.flatMap(targetsOf),
    notes,
    traces: traceDigests(
      swept,
      ({ size, profile, spreadMs }) => `N = ${size}, ${profile}, within ${spreadMs / 1000} s`,
    ),
    bytes,
  }
}

const completes = ({ results }: Result): readonly number[] =>
  results.flatMap(({ complete }) => (complete === undefined ? [] : [complete]))

const meanPair = ({ results }: Result, index: number): number | undefined => {
  const times = results.map(({ pairs }) => pairs[index])
  return times.includes(undefined) ? undefined : mean(times as number[])
}

function timeTable(swept: readonly Result[]): Table {
  return {
    heading: 'Until all see all, published, faithful, ours, limit (s)',
    columns: [
      'N',
      'within',
      { heading: 'profile', align: 'left' },
      'ZooKeeper',
      'memberlist',
      'Rapid',
      'model',
      'complete',
      'worst',
      '50 % of pairs',
      '90 %',
      '99 %',
      '99.9 %',
      'incomplete runs',
      'limit',
    ],
    rows: swept.map((each) => {
      const { cell, results } = each
      const published = cell.spreadMs === 500 ? figure5.find(({ size }) => size === cell.size) : undefined
      const found = completes(each)
      return [
        String(cell.size),
        `${cell.spreadMs / 1000} s`,
        cell.profile,
        published?.zookeeper,
        published && `${published.memberlist} ± ${published.half}`,
        published?.rapid,
        published?.model,
        mean(found),
        Math.max(...found),
        ...[0, 1, 2, 3].map((index) => meanPair(each, index)),
        String(results.length - found.length),
        limitSeconds(cell.size),
      ]
    }),
    note: 'Means over seeds; pairs are looked at four times a second. Limit: ⌈log2 N⌉ rounds of pairwise exchange at four a second.',
  }
}

function costTable(swept: readonly Result[]): Table {
  return {
    heading: 'What it takes',
    columns: [
      'N',
      'within',
      { heading: 'profile', align: 'left' },
      'sizes seen published',
      'sizes seen',
      'packet bytes each',
      'packets of the seed',
      'streams',
      'longest queue',
    ],
    rows: swept.map(({ cell, results }) => [
      String(cell.size),
      `${cell.spreadMs / 1000} s`,
      cell.profile,
      cell.size === 1000 && cell.spreadMs === 500 ? String(table1.memberlist) : undefined,
      mean(results.map(({ sizes }) => sizes)),
      grouped(mean(results.map(({ bytesEach }) => bytesEach))),
      grouped(mean(results.map(({ seedPackets }) => seedPackets))),
      grouped(mean(results.map(({ streams }) => streams))),
      grouped(Math.max(...results.map(({ peakQueue }) => peakQueue))),
    ]),
    note: 'Sizes and queues are looked at once a second. Bytes of packets before compression.',
  }
}

function checks(each: Result): Check[] {
  const { cell, results } = each
  const found = completes(each)
  const all: Check = {
    what: `N = ${cell.size}, ${cell.profile}, within ${cell.spreadMs / 1000} s: runs complete`,
    found: found.length,
    low: results.length,
    high: results.length,
  }
  const published = figure5.find(({ size }) => size === cell.size)
  if (cell.profile !== 'P-GO' || cell.spreadMs !== 500 || !published) return [all]
  return [
    all,
    {
      what: `N = ${cell.size}, P-GO: complete (s)`,
      found: mean(found),
      interval: meanInterval(found),
      low: published.memberlist * (1 - BAND),
      high: published.memberlist * (1 + BAND),
    },
  ]
}

function targetsOf(each: Result): Evidence['targets'] {
  const { cell } = each
  if (cell.profile !== 'P-TS' || cell.size !== 1000) return []
  const limit = targets[cell.spreadMs as keyof typeof targets]
  const found = mean(completes(each))
  return [
    {
      what: `N = 1000 within ${cell.spreadMs / 1000} s, complete (s)`,
      found,
      target: `≤ ${limit}`,
      met: found <= limit,
    },
  ]
}

function pairPlot(swept: readonly Result[]): string {
  const size = Math.max(...swept.map(({ cell }) => cell.size))
  return plot({
    title: `Share of (observer, member) pairs at N = ${size}, first seed`,
    x: { label: 'seconds after the joiners began to start', min: 0 },
    y: { label: 'share', min: 0, max: 1 },
    series: swept
      .filter(({ cell }) => cell.size === size)
      .map(({ cell, results }) => ({
        name: `${cell.profile}, within ${cell.spreadMs / 1000} s`,
        style: 'step' as const,
        points: results[0]!.curve,
      })),
  })
}

const notes = [
  '**What takes the time.** A burst of N alives drains through the gossip channel: N·λ/C_u seconds, with λ copies of each and C_u updates a second (model). Half of the pairs are there within a second, by the push/pull of the join; the rest trickles.',
]
