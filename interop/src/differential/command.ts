/** What `node interop/src/differential/run.mjs` does. */
import { parseArgs } from 'node:util'
import { playScripts, playSeeds, unused } from './campaign.ts'
import { describeDifference } from './compare.ts'
import { GoMembers } from './go-member.ts'
import { play } from './play.ts'
import { describeCampaign, describeTimedCampaign } from './report.ts'
import type { Sequence } from './steps.ts'
import { scriptOf } from './timed/scripts.ts'

/** About twenty seconds. */
export const DEFAULT_SEEDS = 300
/** Each kind of script so often: ten times. */
export const DEFAULT_SCRIPTS = 100

/** Returns the exit status. */
export async function main(args: readonly string[]): Promise<number> {
  const { values } = parseArgs({
    args: [...args],
    options: {
      seeds: { type: 'string', default: String(DEFAULT_SEEDS) },
      first: { type: 'string', default: '1' },
      timed: { type: 'boolean', default: false },
      replay: { type: 'string' },
    },
  })
  const go = new GoMembers()
  try {
    if (values.replay !== undefined) return await replayed(go, JSON.parse(values.replay) as Sequence)
    const [first, count] = [Number(values.first), Number(values.seeds)]
    return values.timed ? await timed(go, first, count) : await untimed(go, first, count)
  } finally {
    go.end()
  }
}

async function untimed(go: GoMembers, first: number, count: number): Promise<number> {
  const campaign = await playSeeds(go, first, count)
  console.log(describeCampaign(campaign))
  const idle = await unused(go)
  for (const { div, what } of idle) console.log(`explains nothing any more: ${div}: ${what}`)
  return campaign.faults.length + idle.length > 0 ? 1 : 0
}

async function timed(go: GoMembers, first: number, count: number): Promise<number> {
  const scripts = Array.from({ length: count }, (_, index) => scriptOf(first + index))
  const campaign = await playScripts(go, scripts)
  console.log(describeTimedCampaign(campaign))
  return campaign.faults.length > 0 ? 1 : 0
}

async function replayed(go: GoMembers, sequence: Sequence): Promise<number> {
  const { failure, steps } = await play(go, sequence)
  for (const difference of failure?.differences ?? []) console.log(describeDifference(difference))
  for (const line of failure?.notes.go ?? []) console.log(`go's log: ${line}`)
  console.log(failure ? `differs in step ${failure.at}` : `${steps} steps, no difference`)
  return failure ? 1 : 0
}
