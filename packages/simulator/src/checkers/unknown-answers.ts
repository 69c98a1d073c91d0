import { Interest, law } from './checker.ts'

/** Invariant 29. */
export const unknownAnswers = law(
  {
    name: 'unknown-answers',
    law: 'An ack or nack of a number that nobody waits for, or no longer, does nothing',
    invariants: [29],
    interest: Interest.answers,
  },
  (beliefs, check) => ({
    afterInput(node, _input, effects) {
      if (!beliefs.isUnasked) return
      const done = effects.filter((effect) => effect.kind !== 'ignored')
      check(
        done.length === 0,
        node,
        () => `an answer to nothing led to ${done.map((effect) => effect.kind).join(', ')}`,
      )
    },
  }),
)
