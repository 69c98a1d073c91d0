/** Carries a plan out on a cluster. */

import type { Cluster } from '../cluster.ts'
import { type DelayModel, logNormal } from '../delay.ts'
import { Blows } from './blows.ts'
import { type Fault, type FaultPlan, isSpell } from './plan.ts'
import { Spells } from './spells.ts'

/** Options of {@link apply}. */
export interface ApplyOptions {
  /** What holds on every link when nothing is wrong. Default: that of the network. */
  readonly delay?: DelayModel
}

/**
 * Schedules every fault of a plan, and its end. Times are of the world; what is past already happens at once. Members that
 * are not there are passed over, so that a plan can be tried on a smaller cluster. Gives how many faults of each kind were
 * carried out; it grows while the world runs.
 */
export function apply(plan: FaultPlan, cluster: Cluster, options: ApplyOptions = {}): Map<Fault['kind'], number> {
  const { world, network, nodes } = cluster
  const delay = options.delay ?? logNormal({ medianMs: 0.25, p99Ms: 1 })
  const spells = new Spells(network, nodes, delay)
  const blows = new Blows(cluster)
  const done = new Map<Fault['kind'], number>()
  const note = (kind: Fault['kind']): void => {
    done.set(kind, (done.get(kind) ?? 0) + 1)
  }
  for (const fault of plan) {
    const inMs = Math.max(0, fault.atMs - world.now)
    if (!isSpell(fault)) {
      world.schedule(inMs, () => {
        if (!blows.strike(fault)) return
        note(fault.kind)
        // Spells hold for newcomers, too.
        if (fault.kind === 'newcomer') spells.refresh()
      })
      continue
    }
    world.schedule(inMs, () => {
      note(fault.kind)
      if (fault.kind === 'clock') nodes[fault.node]?.setClockRate(fault.rate)
      else spells.begin(fault)
    })
    world.schedule(inMs + fault.forMs, () => {
      if (fault.kind === 'clock') nodes[fault.node]?.setClockRate(1)
      else spells.end(fault)
    })
  }
  return done
}
