/** What E0's page says. */
import type { ByteCheck, Evidence } from '../evidence/page.ts'
import { digest } from '../evidence/run-log.ts'
import { figure, grouped } from '../evidence/table.ts'
import type { Cell } from './command.ts'
import type { Cost } from './run.ts'

const MIB = 2 ** 20

/** The page of all cells. */
export function report(cells: readonly Cell[], bytes: readonly ByteCheck[]): Evidence {
  const unequal = cells.flatMap(({ pairs }) => pairs).filter(([first, second]) => first.trace !== second.trace).length
  const thousand = find(cells, 1000)
  const tenThousand = find(cells, 10_000)
  return {
    id: 'e0',
    title: 'Simulator: rate, determinism, scale',
    about:
      'A formed cluster in memberlist’s preset for a local network, ours by default, on a network of 0.25 ms (99 %: 1 ms): idle, and with one crash each second. Every seed runs twice, each time in a process of its own; traces must be equal. An event is a delivery or a timer that went off. Rates and sizes are those of the machine that made this page, as the median of all runs of a cell; everything else is the same everywhere. Published: a simulator on the JVM that was tried up to 100,000 nodes, without rates.',
    command: 'npm run simulate -- e0',
    parameters: [
      ['seeds of each cell', `${cells[0]!.pairs.length}, each twice`],
      ['virtual time', `${cells[0]!.seconds} s`],
      ['seed', '`seedOf("e0", n, 0 …)`'],
    ],
    tables: [
      {
        heading: 'What happened',
        columns: [
          'n',
          { heading: 'load', align: 'left' },
          'events',
          'inputs of machines',
          'packets',
          'events a member and second',
          'living held to be anything else',
        ],
        rows: cells.map((cell) => {
          const [first] = cell.pairs[0]!
          return [
            String(cell.size),
            loadOf(cell),
            grouped(first.events),
            grouped(first.inputs),
            grouped(first.packets),
            first.events / cell.size / cell.seconds,
            grouped(first.wrongBeliefs),
          ]
        }),
        note: 'Of the first seed.',
      },
      {
        heading: 'What it cost here',
        columns: [
          'n',
          { heading: 'load', align: 'left' },
          'setting up, s',
          'wall, s',
          'processor, s',
          'events a processor second',
          'peak memory, MiB',
        ],
        rows: cells.map((cell) => [
          String(cell.size),
          loadOf(cell),
          median(cell, ({ formMs }) => formMs) / 1000,
          median(cell, ({ wallMs }) => wallMs) / 1000,
          median(cell, ({ processorMs }) => processorMs) / 1000,
          grouped(rate(cell)),
          median(cell, ({ peakBytes }) => peakBytes) / MIB,
        ]),
      },
    ],
    plots: [],
    checks: [
      { what: 'pairs of runs whose traces differ', found: unequal, low: 0, high: 0 },
      {
        what: 'living members held to be anything else, all runs',
        found: cells.flatMap(({ pairs }) => pairs.flat()).reduce((sum, { wrongBeliefs }) => sum + wrongBeliefs, 0),
        low: 0,
        high: 0,
      },
    ],
    targets: [
      {
        what: 'n = 1000, idle: events a processor second',
        found: thousand ? rate(thousand) : Number.NaN,
        target: '≥ 1,000,000',
        met: thousand !== undefined && rate(thousand) >= 1e6,
      },
      ...(tenThousand
        ? [
            {
              what: `n = 10,000, idle, ${tenThousand.seconds} s: processor seconds`,
              found: median(tenThousand, ({ processorMs }) => processorMs) / 1000,
              target: '≤ 10',
              met: median(tenThousand, ({ processorMs }) => processorMs) <= 10_000,
            },
          ]
        : []),
    ],
    notes: [
      `An idle member takes ${figure(perSecond(cells[0]!))} events a second here: its own tick and its answer, another’s ping, and a timer that finds nothing to do. The gossip tick runs only while something waits to be told.`,
    ],
    traces: cells.map((cell) => [
      `n = ${cell.size}, ${loadOf(cell)}`,
      digest(cell.pairs.map(([first]) => first.trace)),
    ]),
    bytes,
  }
}

const loadOf = ({ crashes }: Cell): string => (crashes ? 'a crash a second' : 'idle')

const find = (cells: readonly Cell[], size: number): Cell | undefined =>
  cells.find((cell) => cell.size === size && !cell.crashes)

const perSecond = ({ pairs, size, seconds }: Cell): number => pairs[0]![0].events / size / seconds

const rate = (cell: Cell): number => median(cell, ({ events, processorMs }) => (events / processorMs) * 1000)

function median({ pairs }: Cell, of: (cost: Cost) => number): number {
  const values = pairs
    .flat()
    .map(of)
    .sort((a, b) => a - b)
  const middle = values.length / 2
  return (values[Math.floor(middle - 0.5)]! + values[Math.ceil(middle - 0.5)]!) / 2
}
