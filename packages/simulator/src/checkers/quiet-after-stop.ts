import type { Machine } from '@hearsay/membership'
import { law } from './checker.ts'

/** Invariant 42. */
export const quietAfterStop = law(
  {
    name: 'quiet-after-stop',
    law: 'Who stopped puts nothing out any more and has no timer set; who crashed gets no input',
    invariants: [42],
  },
  (beliefs, check) => {
    const stopped = new WeakSet<Machine>()
    const crashed = new WeakSet<Machine>()
    return {
      lifecycle(node, what) {
        if (what === 'crash') crashed.add(node.machine)
      },
      afterInput(node, input, effects) {
        if (crashed.has(node.machine)) check(false, node, () => `after its crash it was given ${input.kind}`)
        if (input.kind === 'stop') stopped.add(node.machine)
        if (!stopped.has(node.machine)) return
        check(
          effects.length === 0 && node.machine.nextDeadline() === undefined,
          node,
          () =>
            `after its stop it did ${effects.map((effect) => effect.kind).join(', ')}, with a timer for ${node.machine.nextDeadline()?.reason}`,
        )
      },
      end() {
        for (const { node } of beliefs.views())
          if (crashed.has(node.machine)) check(node.state === 'crashed', node, () => `it crashed, and is ${node.state}`)
      },
    }
  },
)
