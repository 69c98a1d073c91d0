import type { Machine, MemberEvent } from '@hearsay/membership'
import { law } from './checker.ts'

type Type = MemberEvent['type']
type Standing = 'unknown' | 'alive' | 'suspect' | 'gone'

/** What may follow: of a live member, of a suspected one, of one that is gone, of one that is not known. */
const next: Readonly<Record<Standing, Partial<Record<Type, Standing>>>> = {
  unknown: { join: 'alive' },
  alive: { update: 'alive', suspect: 'suspect', leave: 'gone', fail: 'gone' },
  suspect: { update: 'suspect', alive: 'alive', leave: 'gone', fail: 'gone' },
  gone: { join: 'alive', reap: 'unknown' },
}

/** Invariant 39. */
export const eventGrammar = law(
  {
    name: 'event-grammar',
    law: 'Of each name, join comes first, then any updates and suspicions, then leave or fail, then join again or reap',
    invariants: [39],
  },
  (beliefs, check) => {
    const states = new WeakMap<Machine, Map<string, Standing>>()
    return {
      beforeInput(node, input) {
        if (input.kind !== 'start') return
        const known = new Map<string, Standing>()
        states.set(node.machine, known)
        for (const { name, status } of beliefs.viewOf(node)?.records.values() ?? [])
          known.set(name, status === 'alive' || status === 'suspect' ? status : 'gone')
        // Its own arrival is told with the start, unless the cluster stood before.
        known.delete(beliefs.view.self)
      },
      afterInput(node, input, effects) {
        const known = states.get(node.machine)
        if (!known) return
        for (const effect of effects) {
          if (effect.kind !== 'event' || effect.event.type === 'conflict') continue
          const { type, member } = effect.event
          const before = known.get(member.name) ?? 'unknown'
          const after = next[before][type]
          check(after !== undefined, node, () => `${type} of ${member.name}, which was ${before}`)
          if (after === 'unknown') known.delete(member.name)
          else known.set(member.name, after ?? (member.status === 'alive' ? 'alive' : before))
        }
        if (input.kind === 'start' && !known.has(beliefs.view.self)) known.set(beliefs.view.self, 'alive')
      },
    }
  },
)
