import { reunionBoundMs } from './bounds.ts'
import { law } from './checker.ts'
import { isUp } from './up.ts'

/** Invariant 49. */
export const noFalseDeath = law(
  {
    name: 'no-false-death',
    law: 'A while after the last fault everybody who is up holds everybody else who is up for alive',
    invariants: [49],
  },
  (beliefs, check) => ({
    end(now) {
      const { healedAtMs } = beliefs.forecast
      const up = beliefs.nodes.filter(isUp)
      if (now - healedAtMs < reunionBoundMs(beliefs.setting.tuning, up.length)) return
      for (const node of up) {
        for (const { name } of up) {
          const status = node.machine.member(name)?.status
          check(
            status === 'alive',
            node,
            () => `${name} is up, and held ${status ?? 'unknown'}, ${now - healedAtMs} ms after the last fault`,
          )
        }
      }
    },
  }),
)
