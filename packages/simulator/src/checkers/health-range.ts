import { law } from './checker.ts'

/** Invariant 26. */
export const healthRange = law(
  {
    name: 'health-range',
    law: 'The health score stays from 0 to M − 1; it falls by 1 or rises by 1 to k at a time, and is told as it is',
    invariants: [26],
  },
  (beliefs, check) => ({
    afterInput(node, _input, effects) {
      const { awarenessMaxMultiplier, indirectChecks } = beliefs.setting.tuning.probe
      let score = beliefs.scoreBefore
      for (const effect of effects) {
        if (effect.kind !== 'health') continue
        const delta = effect.score - score
        const before = score
        check(
          delta === -1 || (delta >= 1 && delta <= Math.max(1, indirectChecks)),
          node,
          () => `health went from ${before} to ${effect.score}`,
        )
        score = effect.score
      }
      if (beliefs.view.stopped) return
      const { healthScore } = node.machine
      check(
        healthScore === score && score >= 0 && score < awarenessMaxMultiplier,
        node,
        () => `health is ${healthScore}, was told as ${score}, and must be below ${awarenessMaxMultiplier}`,
      )
    },
  }),
)
