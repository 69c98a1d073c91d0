import { Interest, law } from './checker.ts'

/** Invariant 27. */
export const nackCount = law(
  {
    name: 'nack-count',
    law: 'A failed probe costs as much health as nacks are missing: one for each relay that was to send one, and each counts once',
    invariants: [27],
    interest: Interest.probes,
  },
  (beliefs, check) => ({
    afterInput(node) {
      const { settled } = beliefs.probe
      if (!settled) return
      const { awarenessMaxMultiplier } = beliefs.setting.tuning.probe
      const missing = Math.max(0, settled.expectedNacks - settled.nackedBy.size)
      const must = Math.min(awarenessMaxMultiplier - 1, beliefs.scoreBefore + missing)
      const { healthScore } = node.machine
      check(
        healthScore === must,
        node,
        () =>
          `${settled.nackedBy.size} of ${settled.expectedNacks} nacks came for ${settled.target}: health went from ${beliefs.scoreBefore} to ${healthScore}, not ${must}`,
      )
    },
  }),
)
