import { law } from './checker.ts'

/** Above this nobody goes: the next number is the last of 32 bits, which nothing could outbid (DIV-12). */
const HIGHEST = 2 ** 32 - 2

/** Invariants 1 and 10. */
export const incarnationOrder = law(
  {
    name: 'incarnation-order',
    law: 'The own incarnation never goes back nor above 2^32 − 2; nobody is recorded at incarnation 0; of a member at one address a record goes only up',
    invariants: [1, 2, 10],
  },
  (beliefs, check) => ({
    afterInput(node) {
      for (const { isSelf, name, before, after } of beliefs.touched) {
        if (!after) continue
        const { incarnation } = after
        if (isSelf) check(incarnation <= HIGHEST, node, () => `its own incarnation is ${incarnation}`)
        else check(incarnation > 0, node, () => `${name} is recorded at incarnation 0`)
        if (!before || before.address !== after.address) continue
        check(
          incarnation >= before.incarnation,
          node,
          () => `${name} went from ${before.incarnation} to ${incarnation}`,
        )
      }
    },
  }),
)
