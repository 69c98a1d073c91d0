import { law } from './checker.ts'

/** Invariants 16 and 20. */
export const suspicionEpisode = law(
  {
    name: 'suspicion-episode',
    law: 'While somebody is suspected, a timer no later than the suspicion’s end is set; a suspicion’s timer fires only for one that is under way, at its end',
    invariants: [16, 20],
  },
  (beliefs, check) => ({
    afterInput(node, _input, effects, now) {
      if (beliefs.view.stopped) return
      const { reference } = beliefs.view
      if (beliefs.due?.reason === 'suspicion') {
        const verdicts = effects.filter((effect) => effect.kind === 'event' && effect.event.type === 'fail')
        check(verdicts.length === 1, node, () => `a suspicion’s timer made ${verdicts.length} verdicts`)
      }
      for (const { isSelf, name, before, after } of beliefs.touched) {
        if (isSelf || before?.status !== 'suspect' || after?.status !== 'dead') continue
        if (beliefs.due?.reason !== 'suspicion') continue
        check(
          after.incarnation === before.incarnation,
          node,
          () => `${name}, suspected at ${before.incarnation}, died at ${after.incarnation}`,
        )
        check(after.statusSinceMs <= now, node, () => `${name} died in the future`)
      }
      const first = reference.firstToExpire()
      if (!first?.episode) return
      const next = node.machine.nextDeadline()
      const { deadlineMs } = first.episode
      check(
        next !== undefined && next.at <= deadlineMs,
        node,
        () => `the suspicion of ${first.name} ends at ${deadlineMs}, but nothing is set before ${next?.at}`,
      )
    },
  }),
)
