import type { SimNode } from '../node.ts'
import type { Beliefs } from './beliefs.ts'
import { detectionBoundMs, disseminationBoundMs } from './bounds.ts'
import { type Check, law } from './checker.ts'
import { isUp } from './up.ts'
import { witnesses } from './witnesses.ts'

/** Looks at everybody some time after a restart. */
function whenBack(
  beliefs: Beliefs,
  check: Check,
  isMeant: (node: SimNode, before: string | undefined) => boolean,
  boundMs: (n: number) => number,
) {
  const endpoints = new Map<SimNode, string>()
  return {
    lifecycle(node: SimNode, what: string, now: number): void {
      const before = endpoints.get(node)
      if (what === 'start' || what === 'restart') endpoints.set(node, node.endpoint)
      if (what === 'crash') endpoints.set(node, node.endpoint)
      if (what !== 'restart' || !isMeant(node, before)) return
      const dueMs = now + boundMs(beliefs.nodes.length)
      if (dueMs > beliefs.forecast.endsAtMs || !beliefs.forecast.isFair(now, dueMs)) return
      const { life, name } = node
      const stayed = witnesses(beliefs.nodes)
      beliefs.appointments.make(dueMs, () => {
        if (node.life !== life || !isUp(node)) return
        for (const other of stayed()) {
          const held = other.machine.member(name)
          check(
            held?.status === 'alive' && held.address === node.endpoint,
            other,
            () =>
              `${name} came back at ${now} to ${node.endpoint}; it is ${held?.status ?? 'unknown'} at ${held?.address}`,
          )
        }
      })
    },
  }
}

/** Invariant 53. */
export const restartRecovery = law(
  {
    name: 'restart-recovery',
    law: 'Who comes back to its address, at whatever incarnation, is alive everywhere within an echo and a push/pull of everybody',
    invariants: [53],
  },
  (beliefs, check) => {
    const { tuning } = beliefs.setting
    const boundMs = (n: number): number => tuning.gossip.toTheDeadMs / 3 + disseminationBoundMs(tuning, n)
    return whenBack(beliefs, check, (node, before) => before === node.endpoint, boundMs)
  },
)

/** Invariant 54. */
export const movedRestart = law(
  {
    name: 'moved-restart',
    law: 'Who comes back at another address is accepted there by everybody within detection, reclaim or reaping, and a push/pull',
    invariants: [54],
  },
  (beliefs, check) => {
    const { tuning } = beliefs.setting
    const boundMs = (n: number): number => {
      const { toTheDeadMs } = tuning.gossip
      return detectionBoundMs(tuning, n) + 1.25 * toTheDeadMs + disseminationBoundMs(tuning, n)
    }
    return whenBack(beliefs, check, (node, before) => before !== undefined && before !== node.endpoint, boundMs)
  },
)
