import type { Machine, Tuning } from '@hearsay/membership'
import type { Fault } from '../faults/plan.ts'
import { gossipBoundMs, longestSuspicionMs, shortestSuspicionMs } from './bounds.ts'
import { law } from './checker.ts'
import { isUp } from './up.ts'

/** Beside the longest suspicion: one that began while something was wrong may end in a death long after. */
const MARGIN_MS = 10_000

/**
 * The latest that the accused hears of it, and is heard. The spec says the minimum timeout; but gossip reaches everybody
 * only very probably (of nine members with memberlist's preset for one machine, which sends everything twice, it misses the
 * accused in one of eight cases), and then the next probe by the one who suspects it carries the accusation.
 */
function latestMs(tuning: Tuning, n: number): number {
  const probedMs = (2 * n - 1) * tuning.probe.intervalMs + gossipBoundMs(tuning, n)
  return Math.max(shortestSuspicionMs(tuning, n), probedMs)
}

/** Invariant 48. */
export const refutation = law(
  {
    name: 'refutation',
    law: 'While nothing is lost, every suspicion of a member that lives ends in alive, with the next gossip or the next probe',
    invariants: [48],
  },
  (beliefs, check) => {
    const begun = new WeakMap<Machine, Map<string, { atMs: number; life: number }>>()
    // Who moves is looked for where it was, and a verdict that is forged ends in death without a suspicion.
    const unfit = (fault: Fault): boolean =>
      fault.kind === 'loss' ||
      (fault.kind === 'crash' && fault.address === 'new') ||
      (fault.kind === 'slander' && fault.claim === 'dead')
    const kinds = new Set(['loss', 'crash', 'slander'] as const)
    const { tuning } = beliefs.setting
    return {
      afterInput(node, _input, effects) {
        for (const effect of effects) {
          if (effect.kind !== 'event') continue
          const { type, member } = effect.event
          const suspicions = begun.get(node.machine) ?? new Map<string, { atMs: number; life: number }>()
          begun.set(node.machine, suspicions)
          const accused = beliefs.nodes.find(({ name }) => name === member.name)
          // Not one that has moved: where it was, nobody answers.
          if (type === 'suspect' && accused?.endpoint === member.address)
            suspicions.set(member.name, { atMs: beliefs.worldMs, life: accused.life })
          if (type !== 'alive' && type !== 'fail') continue
          const begin = suspicions.get(member.name)
          suspicions.delete(member.name)
          if (!begin || !accused || accused.life !== begin.life || !isUp(accused)) continue
          const sinceMs = begin.atMs - longestSuspicionMs(tuning, beliefs.nodes.length) - MARGIN_MS
          if (!beliefs.forecast.isFair(sinceMs, beliefs.worldMs)) continue
          if (beliefs.forecast.during(sinceMs, beliefs.worldMs, kinds).some(unfit)) continue
          const lastedMs = beliefs.worldMs - begin.atMs
          check(
            type === 'alive' && lastedMs <= latestMs(tuning, beliefs.view.records.size),
            node,
            () => `${member.name} lives; the suspicion of it ended in ${type} after ${lastedMs} ms`,
          )
        }
      },
    }
  },
)
