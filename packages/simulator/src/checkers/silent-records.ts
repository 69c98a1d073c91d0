import { law } from './checker.ts'

/** The half of invariant 40 that events cannot show: what changes, an input named or an event told. */
export const silentRecords = law(
  {
    name: 'silent-records',
    law: 'No record changes in an input that neither names it nor tells of it',
    invariants: [40],
  },
  (beliefs, check) => ({
    afterInput(node) {
      if (beliefs.swept) check(beliefs.strays.length === 0, node, () => `${beliefs.strays.join(', ')} changed unseen`)
    },
    end() {
      for (const view of beliefs.views()) {
        if (view.stopped) continue
        const strays = beliefs.sweep(view)
        check(strays.length === 0, view.node, () => `${strays.join(', ')} changed unseen`)
      }
    },
  }),
)
