import { law } from './checker.ts'

/** Invariant 36, as far as it shows: what was accepted waits to be gossiped, or left with this very input. */
export const newsQueued = law(
  {
    name: 'news-queued',
    law: 'Every claim that is accepted, and every refutation, is passed on',
    invariants: [36],
  },
  (beliefs, check) => ({
    afterInput(node, input, effects) {
      if (beliefs.view.stopped || input.kind === 'start') return
      const news = beliefs.touched.filter(
        ({ before, after }) =>
          after !== undefined && (after.status !== before?.status || after.incarnation !== before.incarnation),
      )
      if (news.length === 0) return
      const { items } = node.machine.queueDepths().control
      const sent = effects.some(
        (effect) =>
          effect.kind === 'send-packet' &&
          effect.parts.some(({ message }) => 'node' in message && 'incarnation' in message),
      )
      check(
        items >= news.length || (items > 0 && sent) || (sent && news.length === 1),
        node,
        () => `${news.map(({ name }) => name).join(', ')} changed, and ${items} items wait`,
      )
    },
  }),
)
