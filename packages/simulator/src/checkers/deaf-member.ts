import type { Fault } from '../faults/plan.ts'
import { gossipBoundMs, longestSuspicionMs } from './bounds.ts'
import { law } from './checker.ts'
import { isUp } from './up.ts'

/** Invariant 56. That whoever it accused lives in the end is convergence. */
export const deafMember = law(
  {
    name: 'deaf-member',
    law: 'Who hears nobody for long enough is dead everywhere else, and knows itself to be in the worst of health',
    invariants: [56],
  },
  (beliefs, check) => {
    const { forecast, setting } = beliefs
    const others = [
      'loss',
      'delay',
      'partition',
      'stream-refusal',
      'stream-stall',
      'clock',
      'stall',
      'crash',
      'leave',
      'slander',
    ] as const
    const deaf = forecast.has(...others) ? [] : forecast.cuts.filter(isDeafness)
    if (deaf.length === 1) {
      const { atMs, forMs, to } = deaf[0] as Extract<Fault, { kind: 'cut' }> & { forMs: number }
      const dueMs = atMs + forMs - 1
      beliefs.appointments.make(dueMs, () => {
        const n = beliefs.nodes.length
        const { tuning } = setting
        const enoughMs =
          3 * n * tuning.probe.intervalMs +
          longestSuspicionMs(tuning, n) +
          gossipBoundMs(tuning, n) +
          30 * tuning.probe.intervalMs
        const node = beliefs.nodes[(to as readonly number[])[0] ?? -1]
        // Of fewer the suspicions are so short that it has nobody left to probe before its health is at the end.
        if (!node || forMs < enoughMs || n < Math.max(4, tuning.suspicion.multiplier)) return
        const worst = tuning.probe.awarenessMaxMultiplier - 1
        const { healthScore } = node.machine
        check(healthScore === worst, node, () => `it hears nobody, and its health is ${healthScore}`)
        for (const other of beliefs.nodes) {
          if (other === node || !isUp(other)) continue
          const status = other.machine.member(node.name)?.status
          check(status === undefined || status === 'dead', other, () => `${node.name} hears nobody, and is ${status}`)
        }
      })
    }
    return {}
  },
)

const isDeafness = (fault: Fault): boolean =>
  fault.kind === 'cut' && fault.from === 'all' && fault.to !== 'all' && fault.to.length === 1
