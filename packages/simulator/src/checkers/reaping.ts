import { law } from './checker.ts'

/** Invariant 45. */
export const reaping = law(
  {
    name: 'reaping',
    law: 'Only the dead and left are forgotten, after longer than the time for which the dead are told; nobody forgets itself',
    invariants: [45],
  },
  (beliefs, check) => ({
    afterInput(node, _input, _effects, now) {
      const { toTheDeadMs } = beliefs.setting.tuning.gossip
      for (const { name, isSelf, before, after } of beliefs.touched) {
        if (isSelf) check(after !== undefined, node, () => 'it forgot itself')
        if (!before || after) continue
        const goneMs = now - before.statusSinceMs
        check(
          (before.status === 'dead' || before.status === 'left') && goneMs > toTheDeadMs,
          node,
          () => `it forgot ${name}, ${before.status} for ${goneMs} ms`,
        )
      }
    },
  }),
)
