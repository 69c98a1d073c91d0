/** The command line. */
import { parseArgs } from 'node:util'

/** Parts of a run. */
export const stages = ['packets', 'streams', 'members', 'costs'] as const
/** See {@link stages}. */
export type Stage = (typeof stages)[number]

/** What was asked for. */
export interface Options {
  readonly packets: number
  readonly chunks: number
  /** Packets that go to whole members, for each that is only decoded. */
  readonly deep: number
  readonly seed: number
  /** Rounds with further seeds until so much time is over; `undefined`: one round. */
  readonly minutes: number | undefined
  readonly only: readonly Stage[]
  readonly replay: string | undefined
  readonly planted: boolean
  readonly help: boolean
}

/** What `--help` says. */
export const usage = `npm run fuzz -- [options]
  --packets N    hostile packets to decode (300000)
  --chunks M     hostile pieces of streams to read (50000)
  --deep SHARE   packets against whole members, for each that is decoded (0.03)
  --seed S       of the first round (1)
  --minutes T    further rounds, each with the next seed, until the time is over
  --only LIST    some of ${stages.join(',')}
  --replay HEX   reads one input in every way; @FILE for a file of hex digits
  --planted      shows that faults put in on purpose are found`

/** Throws an `Error` that says what is wrong. */
export function readOptions(args: readonly string[]): Options {
  const { values } = parseArgs({
    args: [...args],
    options: {
      packets: { type: 'string', default: '300000' },
      chunks: { type: 'string', default: '50000' },
      deep: { type: 'string', default: '0.03' },
      seed: { type: 'string', default: '1' },
      minutes: { type: 'string' },
      only: { type: 'string', default: stages.join(',') },
      replay: { type: 'string' },
      planted: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  })
  const only = values.only.split(',').map((name) => {
    const stage = stages.find((each) => each === name)
    if (!stage) throw new Error(`--only takes some of ${stages.join(',')}, not ${name}`)
    return stage
  })
  return {
    packets: number('packets', values.packets),
    chunks: number('chunks', values.chunks),
    deep: number('deep', values.deep),
    seed: number('seed', values.seed),
    minutes: values.minutes === undefined ? undefined : number('minutes', values.minutes),
    only,
    replay: values.replay,
    planted: values.planted,
    help: values.help,
  }
}

function number(name: string, text: string): number {
  const value = Number(text.replaceAll('_', ''))
  if (!Number.isFinite(value) || value < 0) throw new Error(`--${name} must be a number from 0 on, not ${text}`)
  return value
}
