import type { Machine } from '@hearsay/membership'
import { Interest, law } from './checker.ts'

/** Invariants 6 and 7. */
export const selfStatus = law(
  {
    name: 'self-status',
    law: 'A member holds itself for alive until it leaves and for left from then on, and after that sends no alive about itself',
    invariants: [6, 7],
    interest: Interest.packets | Interest.changes,
  },
  (beliefs, check) => {
    const gone = new WeakSet<Machine>()
    return {
      afterInput(node, input, effects) {
        if (beliefs.view.stopped) return
        const { machine } = node
        const self = beliefs.touched[0]?.after ?? machine.self
        if (input.kind === 'leave') gone.add(machine)
        // Its own command takes it back (DIV-40).
        else if ((input.kind as string) === 'rejoin' && self?.status === 'alive') gone.delete(machine)
        const must = gone.has(machine) ? 'left' : 'alive'
        check(self?.status === must, node, () => `it holds itself for ${self?.status}, and is ${must}`)
        if (must === 'alive') return
        for (const effect of effects) {
          if (effect.kind !== 'send-packet') continue
          const revived = effect.parts.some(({ message }) => message.type === 'alive' && message.node === node.name)
          check(!revived, node, () => `it left, and told ${effect.to} that it is alive`)
        }
      },
    }
  },
)
