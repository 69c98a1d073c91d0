import type { Machine } from '@hearsay/membership'
import { Interest, law } from './checker.ts'

/** Invariants 18 and 21. */
export const confirmations = law(
  {
    name: 'confirmations',
    law: 'Confirmers are distinct, none is the first accuser, at most k count; of one suspicion a member passes on at most k + 1 accusations, and one echo',
    invariants: [18, 21],
    interest: Interest.packets | Interest.changes,
  },
  (beliefs, check) => {
    /** Accusers passed on, of each suspicion under way. */
    const passedOn = new WeakMap<Machine, Map<string, { startedAtMs: number; accusers: Set<string> }>>()
    return {
      afterInput(node, _input, effects) {
        const { reference, self } = beliefs.view
        for (const effect of effects) {
          if (effect.kind === 'event' && effect.event.type === 'fail' && effect.event.evidence.confirmedBy) {
            const { confirmedBy } = effect.event.evidence
            const { suspicion } = beliefs.setting.tuning
            check(
              new Set(confirmedBy).size === confirmedBy.length &&
                confirmedBy.length <= Math.max(0, suspicion.multiplier - 2),
              node,
              () => `the death of ${effect.event.member.name} was confirmed by ${confirmedBy.join(', ')}`,
            )
          }
          if (effect.kind !== 'send-packet') continue
          // The accused hears of it with the ping itself: that is not passing it on.
          const isBuddy = effect.parts[0]?.message.type === 'ping' && effect.parts.length === 2
          for (const { message } of effect.parts) {
            if (message.type !== 'suspect' || (isBuddy && message.from === self)) continue
            const episode = reference.records.get(message.node)?.episode
            if (!episode) continue
            const book = passedOn.get(node.machine) ?? new Map<string, { startedAtMs: number; accusers: Set<string> }>()
            passedOn.set(node.machine, book)
            let page = book.get(message.node)
            if (page?.startedAtMs !== episode.startedAtMs) {
              page = { startedAtMs: episode.startedAtMs, accusers: new Set() }
              book.set(message.node, page)
            }
            const { accusers } = page
            accusers.add(message.from)
            const echoes = beliefs.policyOf(node).echoAccusations ? 1 : 0
            check(
              accusers.size <= episode.expected + 1 + echoes,
              node,
              () => `it passed on ${accusers.size} accusations of ${message.node}: ${[...accusers].join(', ')}`,
            )
            check(
              message.from === episode.accuser ||
                episode.confirmers.has(message.from) ||
                (echoes > 0 && message.from === self),
              node,
              () => `it passed on that ${message.from} accuses ${message.node}, which is no news`,
            )
          }
        }
      },
    }
  },
)
