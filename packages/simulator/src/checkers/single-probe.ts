import { Interest, law } from './checker.ts'

/** Invariant 22. */
export const singleProbe = law(
  {
    name: 'single-probe',
    law: 'A member probes one other at a time',
    invariants: [22],
    interest: Interest.probes,
  },
  (beliefs, check) => ({
    afterInput(node) {
      const { began, overlapping } = beliefs.probe
      for (const round of began)
        check(
          overlapping.length === 0,
          node,
          () =>
            `it probes ${round.target} while it still waits for ${overlapping.map((each) => each.target).join(', ')}`,
        )
    },
  }),
)
