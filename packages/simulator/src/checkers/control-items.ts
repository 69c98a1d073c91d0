import { law } from './checker.ts'

/** Invariant 31. */
export const controlItems = law(
  {
    name: 'control-items',
    law: 'Of membership, at most one item for each known name waits to be gossiped',
    invariants: [31],
  },
  (beliefs, check) => ({
    afterInput(node) {
      if (beliefs.view.stopped) return
      const { items } = node.machine.queueDepths().control
      const names = beliefs.view.records.size
      check(items <= names, node, () => `${items} items wait, and ${names} names are known`)
    },
  }),
)
