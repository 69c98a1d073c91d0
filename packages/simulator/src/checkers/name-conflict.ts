import { sameRecord } from './agreement.ts'
import { law } from './checker.ts'

/** Invariant 9. */
export const nameConflict = law(
  {
    name: 'name-conflict',
    law: 'A claim to a name from an address that is not believed leaves the record as it is',
    invariants: [9],
  },
  (beliefs, check) => ({
    afterInput(node, _input, effects) {
      for (const effect of effects) {
        if (effect.kind !== 'event' || effect.event.type !== 'conflict') continue
        const about = beliefs.touched.find(({ name }) => name === effect.event.member.name)
        // Other claims of the same input may well have changed it.
        if (!about?.before || about.claims.length !== 1) continue
        const { before, after } = about
        check(
          after !== undefined && sameRecord(before, after),
          node,
          () =>
            `${about.name} changed in a conflict: ${before.status}@${before.incarnation} to ${after?.status}@${after?.incarnation}`,
        )
      }
    },
  }),
)
