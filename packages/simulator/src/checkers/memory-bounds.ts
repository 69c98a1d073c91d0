import { MAX_QUEUED_BYTES, MAX_QUEUED_ITEMS } from '@hearsay/membership'
import { law } from './checker.ts'

/** Inputs between two looks. */
const EVERY = 64

/** Invariant 43, as far as it shows from outside. */
export const memoryBounds = law(
  {
    name: 'memory-bounds',
    law: 'Records are of names that somebody had; queues stay within their bounds',
    invariants: [43],
  },
  (beliefs, check) => {
    const names = new Set<string>()
    let inputs = 0
    return {
      lifecycle(node) {
        names.add(node.name)
      },
      afterInput(node) {
        for (const { name, before, after } of beliefs.touched)
          if (!before && after) check(names.has(name), node, () => `it knows ${name}, which never was`)
        if (++inputs % EVERY !== 0 || beliefs.view.stopped) return
        const depths = node.machine.queueDepths()
        for (const lane of ['local', 'relayed', 'user'] as const)
          check(
            depths[lane].items <= MAX_QUEUED_ITEMS && depths[lane].bytes <= MAX_QUEUED_BYTES,
            node,
            () => `${depths[lane].items} items of ${depths[lane].bytes} bytes wait in ${lane}`,
          )
        const { size } = beliefs.view.records
        check(size <= names.size, node, () => `it has ${size} records of ${names.size} names`)
      },
    }
  },
)
