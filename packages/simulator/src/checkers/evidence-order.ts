import { law } from './checker.ts'

/** Invariants 2, 3 and 5: evidence is what this member admitted of all claims, not what the machine says it is. */
export const evidenceOrder = law(
  {
    name: 'evidence-order',
    law: 'Who is suspect, dead or left comes back at its address only with an incarnation above every claim admitted about it',
    invariants: [2, 3, 5],
  },
  (beliefs, check) => ({
    afterInput(node) {
      if (!beliefs.policyOf(node).evidenceMemory) return
      for (const { isSelf, name, before, after, evidenceBefore } of beliefs.touched) {
        if (isSelf || !before || !after || before.status === 'alive' || after.status !== 'alive') continue
        if (before.address !== after.address) continue
        check(
          after.incarnation > evidenceBefore,
          node,
          () => `${name}, ${before.status}, came back at ${after.incarnation}, not above ${evidenceBefore}`,
        )
      }
    },
  }),
)
