import type { Part } from '@hearsay/wire'
import { Interest, law } from './checker.ts'

/** Invariant 33. A queued item is sent as one and the same part each time. */
export const transmissions = law(
  {
    name: 'transmissions',
    law: 'Nothing is sent more often than the transmit limit, as it was at any of its transmissions, or once',
    invariants: [33],
    interest: Interest.packets,
  },
  (beliefs, check) => {
    const sent = new WeakMap<Part, { times: number; limit: number }>()
    return {
      afterInput(node, _input, effects) {
        const { retransmitMultiplier } = beliefs.setting.tuning.gossip
        for (const effect of effects) {
          if (effect.kind !== 'send-packet') continue
          for (const part of effect.parts) {
            if (!isQueued(part)) continue
            const entry = sent.get(part) ?? { times: 0, limit: 1 }
            sent.set(part, entry)
            entry.times++
            // The count of known names may have changed within the input.
            const digits = String(beliefs.view.records.size + Number(effects.length > 1)).length
            entry.limit = Math.max(entry.limit, retransmitMultiplier * digits)
            check(
              entry.times <= entry.limit,
              node,
              () => `${part.message.type} was sent ${entry.times} times; the limit is ${entry.limit}`,
            )
          }
        }
      },
    }
  },
)

/** Pings and their answers are made for the occasion. */
const isQueued = ({ message: { type } }: Part): boolean =>
  type === 'alive' || type === 'suspect' || type === 'dead' || type === 'user'
