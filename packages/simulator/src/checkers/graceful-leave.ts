import type { SimNode } from '../node.ts'
import { disseminationBoundMs, longestSuspicionMs } from './bounds.ts'
import { law } from './checker.ts'
import { witnesses } from './witnesses.ts'

/** Invariant 51. One that goes on answering is meant; who stops at once may be missed by somebody, and then is dead. */
export const gracefulLeave = law(
  {
    name: 'graceful-leave',
    law: 'Who leaves, and is heard by anybody, is left or forgotten everywhere, and dead nowhere, while nothing is wrong with the network',
    invariants: [51],
  },
  (beliefs, check) => {
    const leaving = new Map<string, { readonly node: SimNode; readonly life: number; readonly untilMs: number }>()
    return {
      lifecycle(node, what, now) {
        if (what === 'retire' || what === 'crash' || what === 'restart') leaving.delete(node.name)
        if (what !== 'leave') return
        const { tuning } = beliefs.setting
        const n = beliefs.nodes.length
        const untilMs = now + disseminationBoundMs(tuning, n)
        // memberlist tells nobody directly, and whom gossip missed may never hear of it once all others forgot (W-13).
        if (!beliefs.policyOf(node).directGoodbye) return
        if (!beliefs.forecast.isFair(now - longestSuspicionMs(tuning, n), untilMs)) return
        const { life, name } = node
        leaving.set(name, { node, life, untilMs })
        const stayed = witnesses(beliefs.nodes.filter((other) => other !== node))
        beliefs.appointments.make(untilMs, () => {
          if (leaving.get(name)?.life !== life || node.state !== 'left') return
          leaving.delete(name)
          for (const other of stayed()) {
            const status = other.machine.member(name)?.status
            check(status === undefined || status === 'left', other, () => `${name} left at ${now}, and is ${status}`)
          }
        })
      },
      afterInput(node, input, effects) {
        if ((input.kind as string) === 'rejoin') leaving.delete(node.name)
        for (const effect of effects) {
          if (effect.kind !== 'event' || effect.event.type !== 'fail') continue
          const { name } = effect.event.member
          const left = leaving.get(name)
          if (left && left.node.state === 'left')
            check(false, node, () => `${name} left, still answers, and was declared dead`)
        }
      },
    }
  },
)
