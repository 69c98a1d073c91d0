import type { MemberEvent } from '@hearsay/membership'
import { sameBytes } from './agreement.ts'
import { law } from './checker.ts'

const statusAfter: Readonly<Record<MemberEvent['type'], string | undefined>> = {
  join: 'alive',
  update: undefined,
  suspect: 'suspect',
  alive: 'alive',
  leave: 'left',
  fail: 'dead',
  reap: undefined,
  conflict: undefined,
}

/** Invariant 40. */
export const eventOrder = law(
  {
    name: 'event-order',
    law: 'An event shows the member as it then was; the last of an input shows it as it is, and every change of status is told',
    invariants: [40],
  },
  (beliefs, check) => ({
    afterInput(node, input, effects) {
      const last = new Map<string, MemberEvent>()
      for (const effect of effects) {
        if (effect.kind !== 'event' || effect.event.type === 'conflict') continue
        const { type, member } = effect.event
        last.set(member.name, effect.event)
        const must = statusAfter[type]
        if (must) check(member.status === must, node, () => `${type} shows ${member.name} as ${member.status}`)
      }
      for (const { name, before, after } of beliefs.touched) {
        const event = last.get(name)
        if (!event) {
          if (input.kind === 'start') continue
          check(
            before?.status === after?.status,
            node,
            () => `${name} went from ${before?.status} to ${after?.status} untold`,
          )
          continue
        }
        if (event.type === 'reap') {
          check(after === undefined, node, () => `${name} was reaped, and is ${after?.status}`)
          continue
        }
        const { member } = event
        check(
          after !== undefined &&
            after.status === member.status &&
            after.incarnation >= member.incarnation &&
            (after.incarnation > member.incarnation || sameBytes(after.meta, member.meta)),
          node,
          () =>
            `${event.type} shows ${name} as ${member.status}@${member.incarnation}; it is ${after?.status}@${after?.incarnation}`,
        )
      }
    },
  }),
)
