import { sameRecord } from './agreement.ts'
import { Interest, law } from './checker.ts'

/** Invariant 28. */
export const relaySilence = law(
  {
    name: 'relay-silence',
    law: 'Pinging for another changes no record and no health',
    invariants: [28],
    interest: Interest.relays,
  },
  (beliefs, check) => ({
    afterInput(node, input, effects) {
      const relays =
        (input.kind === 'packet' && input.messages.every((message) => message.type === 'indirect-ping')) ||
        beliefs.due?.reason === 'relay'
      if (!relays) return
      const told = effects.filter((effect) => effect.kind === 'event' || effect.kind === 'health')
      check(
        told.length === 0 && beliefs.touched.every(({ before, after }) => before && after && sameRecord(before, after)),
        node,
        () => `relaying told ${told.map((effect) => effect.kind).join(', ') || 'nothing, but changed itself'}`,
      )
    },
  }),
)
