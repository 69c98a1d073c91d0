import { agrees } from './agreement.ts'
import { law } from './checker.ts'

/** The matrix of membership spec 1.9, with suspicions (3) and expiry; it implies 4, 5, 8, 9, 13 and 20. */
export const precedence = law(
  {
    name: 'precedence',
    law: 'After each input a member believes of each other exactly what the matrix of membership spec 1.9 makes of the claims it heard',
    invariants: [4, 5, 8, 13, 20],
  },
  (beliefs, check) => ({
    afterInput(node, input) {
      for (const { isSelf, name, before, after, expected, claims, open } of beliefs.touched) {
        if (isSelf || open) continue
        check(agrees(expected, after), node, () => {
          const heard = claims.map((claim) => `${claim.type}@${claim.incarnation} from ${claim.from}`).join(', ')
          const was = before ? `${before.status}@${before.incarnation}` : 'unknown'
          const is = after ? `${after.status}@${after.incarnation} at ${after.address}` : 'unknown'
          const must = expected ? `${expected.status}@${expected.incarnation} at ${expected.address}` : 'unknown'
          return `${name} was ${was}; after ${heard || beliefs.due?.reason || input.kind} it is ${is}, and must be ${must}`
        })
      }
    },
  }),
)
