import type { Machine } from '@hearsay/membership'
import { Interest, law } from './checker.ts'

interface Turns {
  /** Probes since the membership last changed. */
  count: number
  /** At which of them each member was last probed. */
  readonly last: Map<string, number>
}

/** Invariant 25. */
export const probeFairness = law(
  {
    name: 'probe-fairness',
    law: 'While nobody comes, goes or is suspected, each member is probed at least once in 2n − 1 probes',
    invariants: [25],
    interest: Interest.probes | Interest.changes,
  },
  (beliefs, check) => {
    const turns = new WeakMap<Machine, Turns>()
    return {
      afterInput(node) {
        const { view, touched, probe } = beliefs
        const mine: Turns = turns.get(node.machine) ?? { count: 0, last: new Map() }
        turns.set(node.machine, mine)
        const isStable = touched.every(
          ({ before, after }) => before?.status === after?.status && before !== undefined && after !== undefined,
        )
        if (!isStable) {
          mine.count = 0
          mine.last.clear()
        }
        for (const { target } of probe.began) {
          mine.count++
          mine.last.set(target, mine.count)
          const n = view.records.size
          if (mine.count < 2 * n - 1 || mine.count % n !== 0) continue
          for (const { name, status } of view.records.values()) {
            if (name === view.self || (status !== 'alive' && status !== 'suspect')) continue
            const gap = mine.count - (mine.last.get(name) ?? 0)
            check(gap < 2 * n - 1, node, () => `${name} was not probed in ${gap} probes, of ${n} records`)
          }
        }
      },
    }
  },
)
