/** What every experiment's command line understands. */
import { existsSync } from 'node:fs'
import { availableParallelism } from 'node:os'
import { dirname, join } from 'node:path'

/** How an experiment is run. */
export interface ExperimentOptions {
  /** A size for every commit: same cells where possible, fewer seeds. Its pages go to `experiments/out/smoke`. */
  readonly smoke: boolean
  /** Part of the experiment's own number of seeds; 1 is the experiment as planned. */
  readonly share: number
  /** Processes; 0 runs everything in this one. Default: as many as there are cores, at most 4. */
  readonly workers: number
  /** Takes pages and plots. */
  readonly pages: string
  /** Takes the lines of single runs. */
  readonly runs: string
}

/** The command line was not understood; the message is for people. */
export class UsageError extends Error {}

/** Reads `[--smoke] [--share S] [--workers N]`. */
export function readOptions(args: readonly string[]): ExperimentOptions {
  let smoke = false
  let share = 1
  let workers = Math.min(4, availableParallelism())
  for (let index = 0; index < args.length; index++) {
    const flag = args[index]
    if (flag === '--smoke') smoke = true
    else if (flag === '--share') share = number(flag, args[++index], 'above 0', (value) => value > 0)
    else if (flag === '--workers')
      workers = number(flag, args[++index], '0 or more, whole', (value) => value >= 0 && Number.isInteger(value))
    else throw new UsageError(`unknown option ${flag}; there are --smoke, --share S, --workers N`)
  }
  const root = checkout()
  const out = join(root, 'experiments', 'out')
  const smokeFolder = join(out, 'smoke')
  return {
    smoke,
    share,
    workers,
    pages: smoke ? smokeFolder : join(root, 'docs', 'evidence'),
    runs: smoke ? smokeFolder : out,
  }
}

function number(flag: string, text: string | undefined, wanted: string, isGood: (value: number) => boolean): number {
  const value = Number(text)
  if (text === undefined || !isGood(value)) throw new UsageError(`${flag} needs a number: ${wanted}`)
  return value
}

/** How many seeds to run of a planned number: at least one. */
export const seedCount = (planned: number, { share }: ExperimentOptions): number =>
  Math.max(1, Math.round(planned * share))

/** The command that does the same again. */
export const commandOf = (id: string, { smoke, share }: ExperimentOptions): string =>
  `npm run simulate -- ${id}${smoke ? ' --smoke' : ''}${share === 1 ? '' : ` --share ${share}`}`

/** The folder of the checkout, from a source file as from what is built of it. */
function checkout(): string {
  let folder = import.meta.dirname
  while (!existsSync(join(folder, 'pnpm-workspace.yaml'))) {
    if (dirname(folder) === folder) throw new UsageError('run this in a checkout of hearsay')
    folder = dirname(folder)
  }
  return folder
}
