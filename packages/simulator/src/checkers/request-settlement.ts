import type { Input, Machine, RequestId } from '@hearsay/membership'
import type { SimNode } from '../node.ts'
import type { Beliefs } from './beliefs.ts'
import { type Check, law } from './checker.ts'

interface Request {
  readonly kind: Input['kind']
  /** Of the member's own clock; infinite where only streams bound it. */
  readonly deadlineMs: number
}

/** Invariant 41. */
export const requestSettlement = law(
  {
    name: 'request-settlement',
    law: 'Every request settles exactly once; a timer is set for its deadline until then; departures and metadata wait for nobody when nobody is left',
    invariants: [41],
  },
  (beliefs, check) => {
    const pending = new WeakMap<Machine, Map<RequestId, Request>>()
    return {
      beforeInput(node, input, now) {
        if (beliefs.viewOf(node)?.stopped || !('request' in input)) return
        const open = pending.get(node.machine) ?? new Map<RequestId, Request>()
        pending.set(node.machine, open)
        open.set(input.request, { kind: input.kind, deadlineMs: deadlineOf(input, beliefs, now) })
      },
      afterInput(node, input, effects) {
        const open = pending.get(node.machine)
        for (const effect of effects) {
          if (effect.kind !== 'settle') continue
          const request = open?.get(effect.request)
          check(request !== undefined, node, () => `request ${effect.request} settled, and was not waiting`)
          open?.delete(effect.request)
        }
        if (input.kind === 'stop') pending.delete(node.machine)
        else if (open && open.size > 0) checkWaiting(node, open, check)
      },
      end() {
        for (const view of beliefs.views()) {
          const { node, stopped, life } = view
          const open = pending.get(node.machine)
          if (!open || stopped || node.life !== life || node.state === 'crashed') continue
          check(open.size === 0, node, () => `${[...open.values()].map(({ kind }) => kind).join(', ')} never settled`)
        }
      },
    }
  },
)

function deadlineOf(input: Input, beliefs: Beliefs, now: number): number {
  if (input.kind === 'leave' || input.kind === 'update-meta') return now + input.timeoutMs
  return input.kind === 'ping' ? now + beliefs.setting.tuning.probe.timeoutMs : Number.POSITIVE_INFINITY
}

function checkWaiting(node: SimNode, open: ReadonlyMap<RequestId, Request>, check: Check): void {
  const next = node.machine.nextDeadline()?.at ?? Number.POSITIVE_INFINITY
  const others = node.machine.memberCount() - (node.machine.self.status === 'alive' ? 1 : 0)
  for (const { kind, deadlineMs } of open.values()) {
    if (deadlineMs < Number.POSITIVE_INFINITY)
      check(next <= deadlineMs, node, () => `${kind} is to settle by ${deadlineMs}, but nothing is set before ${next}`)
    if (kind === 'leave' || kind === 'update-meta')
      check(others > 0, node, () => `${kind} waits, though nobody else is there`)
  }
}
