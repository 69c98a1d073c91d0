import { sameBytes } from './agreement.ts'
import { reunionBoundMs } from './bounds.ts'
import { law } from './checker.ts'
import { isUp } from './up.ts'

/** Invariant 50. */
export const convergence = law(
  {
    name: 'convergence',
    law: 'A while after the last fault all who are up agree on who is alive, and of each on address, incarnation and metadata',
    invariants: [50],
  },
  (beliefs, check) => ({
    end(now) {
      const up = beliefs.nodes.filter(isUp)
      if (now - beliefs.forecast.healedAtMs < reunionBoundMs(beliefs.setting.tuning, up.length)) return
      for (const node of up) {
        const live = node.machine.members().filter(({ status }) => status === 'alive' || status === 'suspect')
        check(live.length === up.length, node, () => {
          const names = new Set(up.map(({ name }) => name))
          const ghosts = live.filter(({ name }) => !names.has(name)).map(({ name }) => name)
          return `it holds ${live.length} for live, and ${up.length} are up; ghosts: ${ghosts.join(', ') || 'none'}`
        })
        for (const owner of up) {
          const held = node.machine.member(owner.name)
          const { self } = owner.machine
          check(
            held !== undefined &&
              held.address === self.address &&
              held.incarnation === self.incarnation &&
              sameBytes(held.meta, self.meta),
            node,
            () =>
              `of ${owner.name}, ${self.incarnation} at ${self.address}, it holds ${held?.incarnation} at ${held?.address}`,
          )
        }
      }
    },
  }),
)
