/** What E13's page says. */
import { commandOf, type ExperimentOptions } from '../evidence/options.ts'
import type { ByteCheck, Evidence, Table } from '../evidence/page.ts'
import { plot } from '../evidence/plot.ts'
import { type CellResult, traceDigests } from '../evidence/sweep.ts'
import { grouped } from '../evidence/table.ts'
import type { Check } from '../evidence/verdict.ts'
import { mean } from '../statistics/summary.ts'
import type { Cell } from './command.ts'
import type { Healing } from './run.ts'

type Result = CellResult<Cell, Healing>

/** Longer than the 8 s of suspicion and the 30 s in which the dead are told: then nobody of plain memberlist is left to ask. */
const FORGOTTEN_MS = 600_000
const TARGET_SECONDS = 5

/** The page of all cells. */
export function report(swept: readonly Result[], options: ExperimentOptions, bytes: readonly ByteCheck[]): Evidence {
  const size = swept[0]!.cell.size
  return {
    id: 'e13',
    title: 'Partition and heal',
    about:
      'A settled cluster is split into groups that do not reach each other, for a while; then the network is whole again. Until all see all alive. Plain memberlist (P-GO), with Serf’s reconnect, with dskit’s rejoin, and ours.',
    command: commandOf('e13', options),
    parameters: [
      ['members', String(size)],
      ['repetitions', String(swept[0]!.results.length)],
      ['limit of a run', '300 s after the partition'],
      ['Serf', 'every 30 s, with a chance of failed ÷ alive, join one that failed'],
      ['dskit', 'every 60 s join three fixed seeds (a third of the members apart)'],
      [
        'ours',
        'DIV-36 as by default: every 30 s ± 20 %, with a chance of lost ÷ alive, exchange states with one that was lost',
      ],
      ['seed of a run', '`seedOf("e13", n, split, length, repetition)`, the same for all variants'],
    ],
    tables: [healTable(swept)],
    plots: [{ name: 'heal', caption: 'Pairs after the partition', svg: healPlot(swept) }],
    checks: swept.flatMap(checks),
    targets: swept.flatMap(targets),
    notes,
    traces: traceDigests(swept, ({ variant, split, lengthMs }) => `${split}, ${lengthMs / 1000} s, ${variant}`),
    bytes,
  }
}

const healTimes = ({ results }: Result): readonly number[] =>
  results.flatMap(({ healed }) => (healed === undefined ? [] : [healed]))

/** Mean time until 99 % of pairs see one another; `undefined` unless all runs come to that within the curve. */
function nearlyAll({ results }: Result): number | undefined {
  const times = results.map(({ curve, healed }) => curve.find(([, share]) => share >= 0.99)?.[0] ?? healed)
  return times.includes(undefined) ? undefined : mean(times as number[])
}

function healTable(swept: readonly Result[]): Table {
  return {
    heading: 'Faithful, its applications, ours, limit',
    columns: [
      { heading: 'split', align: 'left' },
      'length',
      { heading: 'variant', align: 'left' },
      'published',
      'healed runs',
      '99 % of pairs (s)',
      'all, mean (s)',
      'all, worst (s)',
      'pairs missing at the end',
      'packet bytes each',
      'limit (s)',
    ],
    rows: swept.map((each) => {
      const { cell, results } = each
      const times = healTimes(each)
      return [
        cell.split,
        `${cell.lengthMs / 1000} s`,
        cell.variant,
        undefined,
        `${times.length} of ${results.length}`,
        nearlyAll(each),
        times.length > 0 ? mean(times) : undefined,
        times.length > 0 ? Math.max(...times) : undefined,
        grouped(mean(results.map(({ missingPairs }) => missingPairs))),
        grouped(mean(results.map(({ bytesEach }) => bytesEach))),
        limitOf(cell),
      ]
    }),
    note: 'Nobody published such figures. Limit: the first contact across, then one spread of the refutations to everybody, 0.4 s; who contacts nobody across has none. Bytes of packets before compression, from the end of the partition until healed or the limit.',
  }
}

/** The first of n members that each try once in an interval, and a dissemination. */
function limitOf({ variant, size }: Cell): number | undefined {
  const intervalSeconds = { 'P-GO': undefined, 'P-GO, Serf reconnect': 30, 'P-GO, dskit rejoin': 60, 'P-TS': 30 }[
    variant
  ]
  return intervalSeconds === undefined ? undefined : intervalSeconds / size + 0.4
}

function checks(each: Result): Check[] {
  const { cell, results } = each
  const { variant, split, lengthMs } = cell
  const healed = healTimes(each).length
  const what = `${split}, ${lengthMs / 1000} s, ${variant}: healed runs`
  if (variant === 'P-GO') return lengthMs >= FORGOTTEN_MS ? [{ what, found: healed, low: 0, high: 0 }] : []
  return [{ what, found: healed, low: results.length, high: results.length }]
}

function targets(each: Result): Evidence['targets'] {
  const { variant, split, lengthMs } = each.cell
  if (variant !== 'P-TS') return []
  const times = healTimes(each)
  const found = times.length < each.results.length ? Number.POSITIVE_INFINITY : Math.max(...times)
  return [
    {
      what: `${split}, ${lengthMs / 1000} s: worst heal time (s)`,
      found,
      target: `≤ ${TARGET_SECONDS}`,
      met: found <= TARGET_SECONDS,
    },
  ]
}

function healPlot(swept: readonly Result[]): string {
  const longest = Math.max(...swept.map(({ cell }) => cell.lengthMs))
  return plot({
    title: `Pairs that see one another, 50/50 for ${longest / 1000} s, first seed`,
    x: { label: 'seconds after the partition', min: 0, max: 60 },
    y: { label: 'share of pairs', min: 0, max: 1 },
    series: swept
      .filter(({ cell }) => cell.split === '50/50' && cell.lengthMs === longest)
      .map(({ cell, results }) => {
        const { curve } = results[0]!
        const last = curve.at(-1)!
        return {
          name: cell.variant,
          style: 'step' as const,
          points: [...curve, [60, Math.max(last[1], results[0]!.healed === undefined ? 0 : 1)]] as const,
        }
      }),
  })
}

const notes = [
  '**The tail.** Once the first exchange went across, 99 % of the pairs are healed within a second or two, in every variant that heals at all. What is left are single pairs that missed a refutation: a member spreads 4·⌈log10(n + 1)⌉ copies for the n that it knows, which is 8 while it knows only its own side, and 8 copies leave one delivery in three thousand out: three of ten thousand pairs. Nothing mends those but the periodic push/pull, 90 s apart here; with the same seed it falls at the same time in all variants, and so do their worst cases.',
  '**Plain memberlist.** The dead are dropped from the probe list and told of their death for 30 s only: after that, nobody has a reason to talk to the other side, and the parts stay apart for good. That is the published complaint; the check is that the faithful profile does not heal.',
]
