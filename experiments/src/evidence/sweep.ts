/** Cells of an experiment, each repeated over seeds. */
import type { ExperimentOptions } from './options.ts'
import type { ByteCheck } from './page.ts'
import { type Job, runAll } from './pool.ts'
import { digest, RunLog } from './run-log.ts'

/** One cell and what its runs gave, in the order of repetitions. */
export interface CellResult<Cell, Result> {
  readonly cell: Cell
  readonly results: readonly Result[]
}

/** What every run gives beside its figures. */
export interface Traced {
  /** Hash of the run's trace. */
  readonly trace: string
}

const PROGRESS_INTERVAL_MS = 15_000

/** Runs all repetitions of all cells, dearest cells first in the list, and logs each run as a line of `<id>.jsonl`. */
export async function sweep<Cell extends object, Result extends Traced>(
  id: string,
  run: Job<Cell & { readonly repetition: number }, Result>,
  cells: readonly Cell[],
  repetitions: (cell: Cell) => number,
  options: ExperimentOptions,
): Promise<readonly CellResult<Cell, Result>[]> {
  const runs = cells.flatMap((cell) =>
    Array.from({ length: repetitions(cell) }, (_, repetition) => ({ ...cell, repetition })),
  )
  let done = 0
  let toldAt = performance.now()
  const results = await runAll(run, runs, options.workers, () => {
    done++
    if (performance.now() - toldAt < PROGRESS_INTERVAL_MS) return
    toldAt = performance.now()
    console.error(`${id}: ${done} of ${runs.length} runs`)
  })
  const log = new RunLog(options.runs, id)
  for (const [index, result] of results.entries()) log.add({ experiment: id, ...runs[index], ...result })
  let next = 0
  return cells.map((cell) => {
    const count = repetitions(cell)
    next += count
    return { cell, results: results.slice(next - count, next) }
  })
}

/** The traces of a sweep for its page. */
export const traceDigests = <Cell>(
  swept: readonly CellResult<Cell, Traced>[],
  name: (cell: Cell) => string,
): readonly (readonly [string, string])[] =>
  swept.map(({ cell, results }) => [name(cell), digest(results.map(({ trace }) => trace))] as const)

/** Runs one cell by reference and as bytes. */
export async function byteCheck<Parameters extends object>(
  name: string,
  run: Job<Parameters & { readonly bytes?: boolean }, Traced>,
  parameters: Parameters,
): Promise<ByteCheck> {
  const [byReference, asBytes] = await runAll(
    run,
    [
      { ...parameters, bytes: false },
      { ...parameters, bytes: true },
    ],
    // Two short runs: not worth two processes.
    0,
  )
  return { cell: name, byReference: byReference!.trace, asBytes: asBytes!.trace }
}
