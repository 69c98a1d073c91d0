import { law } from './checker.ts'

/** From here on accusations are ignored (DIV-12). */
const CEILING = 2 ** 32 - 2 ** 16

/** Membership spec 1.6, without which none of 48 to 50 could hold. */
export const selfDefence = law(
  {
    name: 'self-defence',
    law: 'Who hears itself accused, at its incarnation or above, is above the accusation at once; an accusation of the past moves nobody',
    invariants: [1, 48],
  },
  (beliefs, check) => ({
    afterInput(node) {
      const self = beliefs.touched[0]
      if (!self?.isSelf || self.before?.status !== 'alive' || self.after?.status !== 'alive') return
      const accusations = self.claims.filter(({ type, incarnation }) => type !== 'alive' && incarnation < CEILING)
      if (accusations.length === 0 || self.claims.length > accusations.length) return
      const [before, after] = [self.before.incarnation, self.after.incarnation]
      const highest = Math.max(...accusations.map(({ incarnation }) => incarnation))
      if (highest >= before) check(after > highest, node, () => `accused at ${highest}, it is at ${after}`)
      else check(after === before, node, () => `accused at ${highest}, it went from ${before} to ${after}`)
    },
  }),
)
