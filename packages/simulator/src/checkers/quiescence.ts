import type { SimNode } from '../node.ts'
import { reunionBoundMs } from './bounds.ts'
import { Interest, law } from './checker.ts'
import { isUp } from './up.ts'

/** At the end of a run, for which traffic is counted. */
const WINDOW_MS = 30_000

interface Traffic {
  pings: number
  acks: number
  rest: number
}

/** Invariant 57. */
export const quiescence = law(
  {
    name: 'quiescence',
    law: 'A while after the last change all queues are empty, and members send one ping a probe interval, its ack, and nothing else but push/pulls',
    invariants: [57],
    interest: Interest.packets,
  },
  (beliefs, check) => {
    const traffic = new Map<SimNode, Traffic>()
    const fromMs = beliefs.forecast.endsAtMs - WINDOW_MS
    return {
      afterInput(node, _input, effects) {
        if (beliefs.worldMs < fromMs) return
        for (const effect of effects) {
          if (effect.kind !== 'send-packet') continue
          const counts = traffic.get(node) ?? { pings: 0, acks: 0, rest: 0 }
          traffic.set(node, counts)
          const type = effect.parts.length === 1 ? effect.parts[0]?.message.type : 'compound'
          if (type === 'ping') counts.pings++
          else if (type === 'ack') counts.acks++
          else counts.rest++
        }
      },
      end(now) {
        const { tuning } = beliefs.setting
        const up = beliefs.nodes.filter(isUp)
        if (now - beliefs.forecast.healedAtMs - WINDOW_MS < reunionBoundMs(tuning, up.length)) return
        for (const node of up) {
          const depths = node.machine.queueDepths()
          const items = depths.control.items + depths.local.items + depths.relayed.items + depths.user.items
          // Whoever is alone has nobody to tell.
          if (up.length > 1) check(items === 0, node, () => `${items} items still wait`)
          const { pings, rest } = traffic.get(node) ?? { pings: 0, acks: 0, rest: 0 }
          const ticks = WINDOW_MS / tuning.probe.intervalMs
          // memberlist loses ticks at the end of each pass, up to every other one (DIV-17).
          const least = up.length < 2 ? 0 : beliefs.policyOf(node).trueStagger ? ticks - 1 : ticks / 2 - 1
          check(
            pings >= Math.floor(least) && pings <= Math.ceil(ticks) + 1 && rest === 0,
            node,
            () => `in the last ${WINDOW_MS} ms it sent ${pings} pings and ${rest} other packets`,
          )
        }
      },
    }
  },
)
