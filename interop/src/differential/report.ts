/** What came of comparing, for a person. */
import { allowances } from './allowances.ts'
import type { Campaign, Fault, TimedCampaign } from './campaign.ts'
import { describeDifference } from './compare.ts'
import { describeMismatch } from './timed/compare.ts'

/** A fault, with what replays it. */
export function describeFault({ seed, sequence, failure }: Fault): string {
  const { at, step, differences, notes } = failure
  const where = at < sequence.steps.length ? `step ${at}, ${JSON.stringify(step)}` : 'what was queued at the end'
  return [
    `seed ${seed}, in ${where}:`,
    ...differences.map((difference) => `  ${describeDifference(difference).replaceAll('\n', '\n  ')}`),
    ...notes.go.map((line) => `  go's log: ${line}`),
    ...(notes.ours.length > 0 ? [`  our guards: ${notes.ours.join(', ')}`] : []),
    `replay with: node interop/src/differential/run.mjs --replay '${JSON.stringify(sequence)}'`,
  ].join('\n')
}

/** Counts of a campaign. */
export function describeCampaign({ sequences, steps, cutShort, allowed, faults }: Campaign): string {
  const lines = allowances.map((each) => `  ${String(allowed.get(each) ?? 0).padStart(6)}  ${each.div}: ${each.what}`)
  return [
    ...faults.map(describeFault),
    `${sequences} sequences, ${steps} steps compared, ${cutShort} cut short, ${faults.length} with a difference that nothing explains`,
    'differences that are allowed:',
    ...lines,
  ].join('\n')
}

/** What differed in a campaign with timers, and its counts. */
export function describeTimedCampaign(campaign: TimedCampaign): string {
  const faults = campaign.faults.flatMap(({ script, mismatches }) => [
    `${script.title}:`,
    ...mismatches.slice(0, 10).map((mismatch) => `  ${describeMismatch(mismatch)}`),
  ])
  return [...faults, describeTimedCounts(campaign)].join('\n')
}

/** Counts of a campaign with timers. */
export function describeTimedCounts({ scripts, instants, watched, faults }: TimedCampaign): string {
  return [
    `${scripts} scripts, ${instants} instants compared, ${faults.length} scripts with one that differs`,
    ...[...watched].map(
      ([what, each]) => `  ${String(each.instants).padStart(6)}  ${what}, ${each.apartMs.toFixed(1)} ms apart at most`,
    ),
  ].join('\n')
}
