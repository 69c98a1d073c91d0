import { detectionBoundMs } from './bounds.ts'
import { law } from './checker.ts'
import { witnesses } from './witnesses.ts'

/** Invariant 46. */
export const crashDetection = law(
  {
    name: 'crash-detection',
    law: 'Who crashed is dead or forgotten everywhere within the bound of membership spec 12.7, 46, while the others are connected and lose at most a tenth',
    invariants: [46],
  },
  (beliefs, check) => {
    return {
      lifecycle(node, what, now) {
        if (what !== 'crash') return
        const { tuning } = beliefs.setting
        const { life, name } = node
        const dueMs = now + detectionBoundMs(tuning, beliefs.nodes.length)
        if (dueMs > beliefs.forecast.endsAtMs || !beliefs.forecast.isConnected(now, dueMs)) return
        const stayed = witnesses(beliefs.nodes)
        beliefs.appointments.make(dueMs, () => {
          if (node.life !== life || node.state !== 'crashed') return
          for (const other of stayed()) {
            const status = other.machine.member(name)?.status
            check(
              status === undefined || status === 'dead' || status === 'left',
              other,
              () => `${name} crashed at ${now}, and is still ${status}`,
            )
          }
        })
      },
    }
  },
)
