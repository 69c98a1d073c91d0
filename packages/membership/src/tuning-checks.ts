/** What the numbers of the protocol must be (membership spec 8, DIV-18, DIV-24). */
import type { Policy } from './policy.ts'
import type { Problems } from './problems.ts'
import type { Tuning } from './tuning.ts'

type Group = Readonly<Record<string, unknown>>

/** Notes everything that is wrong with a tuning, each by its path beneath `tuning`. */
export function checkTuning(tuning: unknown, problems: Problems): void {
  const all = problems.group(tuning, 'tuning')
  if (!all) return
  const within = (name: string, check: (group: Group, path: string) => void): void => {
    const group = problems.group(all[name], `tuning.${name}`)
    if (group) check(group, `tuning.${name}`)
  }
  within('probe', (group, path) => checkProbe(group, path, problems))
  within('suspicion', (group, path) => {
    // Memberlist takes two from the first to get the confirmations it expects: it counts members.
    problems.count(group.multiplier, `${path}.multiplier`, 1)
    problems.number(group.maxTimeoutMultiplier, `${path}.maxTimeoutMultiplier`, 1)
  })
  within('gossip', (group, path) => {
    problems.number(group.intervalMs, `${path}.intervalMs`, 0)
    problems.count(group.nodes, `${path}.nodes`, 0)
    problems.number(group.toTheDeadMs, `${path}.toTheDeadMs`, 0)
    problems.count(group.retransmitMultiplier, `${path}.retransmitMultiplier`, 1)
    problems.number(group.userShare, `${path}.userShare`, 0, 1)
  })
  within('pushPull', (group, path) => {
    problems.number(group.intervalMs, `${path}.intervalMs`, 0)
    problems.count(group.nodes, `${path}.nodes`, 1)
  })
  within('rejoin', (group, path) => checkRejoin(group, path, problems))
  problems.number(all.streamTimeoutMs, 'tuning.streamTimeoutMs', 1)
  problems.number(all.deadNodeReclaimMs, 'tuning.deadNodeReclaimMs', 0)
}

function checkProbe(group: Group, path: string, problems: Problems): void {
  const interval = problems.number(group.intervalMs, `${path}.intervalMs`, 0)
  const timeout = problems.number(group.timeoutMs, `${path}.timeoutMs`, 1)
  const [intervalMs, timeoutMs] = [group.intervalMs as number, group.timeoutMs as number]
  // Else the window is over before a relay is asked, and nothing is left for the stream (DIV-24).
  if (interval && timeout && intervalMs > 0)
    problems.require(
      timeoutMs < intervalMs,
      `${path}.timeoutMs`,
      `must be below probe.intervalMs (${intervalMs}), not ${timeoutMs}`,
    )
  problems.count(group.indirectChecks, `${path}.indirectChecks`, 0)
  problems.flag(group.streamFallback, `${path}.streamFallback`)
  problems.count(group.awarenessMaxMultiplier, `${path}.awarenessMaxMultiplier`, 1)
}

function checkRejoin(group: Group, path: string, problems: Problems): void {
  const interval = problems.number(group.intervalMs, `${path}.intervalMs`, 0)
  const forget = problems.number(group.forgetAfterMs, `${path}.forgetAfterMs`, 0)
  const [intervalMs, forgetAfterMs] = [group.intervalMs as number, group.forgetAfterMs as number]
  // Whoever is forgotten before the first try is never tried.
  if (interval && forget && intervalMs > 0 && forgetAfterMs > 0)
    problems.require(
      forgetAfterMs >= intervalMs,
      `${path}.forgetAfterMs`,
      `must not be below rejoin.intervalMs (${intervalMs}), unless it is 0, not ${forgetAfterMs}`,
    )
}

/** Numbers that work, and hardly do what they are for: a sentence each. */
export function tuningWarnings({ probe }: Tuning, { earlyNacks }: Pick<Policy, 'earlyNacks'>): readonly string[] {
  const { intervalMs, timeoutMs } = probe
  if (intervalMs === 0 || earlyNacks || 2.2 * timeoutMs <= intervalMs) return []
  return [
    `tuning.probe.timeoutMs (${timeoutMs}) is more than intervalMs (${intervalMs}) / 2.2: nacks of relays arrive after ` +
      'the verdict, so that each failed probe counts against this member',
  ]
}
