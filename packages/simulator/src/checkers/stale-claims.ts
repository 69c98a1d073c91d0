import { sameRecord } from './agreement.ts'
import { law } from './checker.ts'

/** Invariant 4. */
export const staleClaims = law(
  {
    name: 'stale-claims',
    law: 'Claims below the incarnation on record change nothing about a member',
    invariants: [4],
  },
  (beliefs, check) => ({
    afterInput(node, input) {
      if (input.kind === 'deadline') return
      for (const { isSelf, name, before, after, claims } of beliefs.touched) {
        if (isSelf || !before || claims.length === 0) continue
        const isPast = claims.every(
          (claim) =>
            claim.incarnation < before.incarnation && (claim.address === undefined || claim.address === before.address),
        )
        if (!isPast) continue
        check(after !== undefined && sameRecord(before, after), node, () => {
          const heard = claims.map((claim) => `${claim.type}@${claim.incarnation}`).join(', ')
          return `${name}, ${before.status}@${before.incarnation}, changed to ${after?.status}@${after?.incarnation} by ${heard}`
        })
      }
    },
  }),
)
