/** The smallest plan that still breaks the same law. */
import { type Fault, type FaultPlan, isSpell } from './plan.ts'

/** What is cut down: a plan, and the cluster it happens to. */
export interface Scenario {
  readonly nodes: number
  readonly plan: FaultPlan
}

/** How far to go. */
export interface ShrinkOptions {
  /** Trials at most. Default 200. */
  readonly trials?: number
  /** Is told of each that is smaller and still fails. */
  readonly onProgress?: (scenario: Scenario, trials: number) => void
}

/** Durations are not cut below this. */
const SHORTEST_MS = 100

/**
 * Leaves out faults by halves, then quarters, and so on (Zeller's ddmin), then members, then makes what lasts shorter;
 * again as long as something helps. `fails` must say whether the law that was broken first is broken.
 */
export function shrink(start: Scenario, fails: (scenario: Scenario) => boolean, options: ShrinkOptions = {}): Scenario {
  const { trials: most = 200, onProgress } = options
  let best = start
  let trials = 0
  const accepts = (candidate: Scenario): boolean => {
    if (trials >= most) return false
    trials++
    if (!fails(candidate)) return false
    best = candidate
    onProgress?.(best, trials)
    return true
  }
  for (let before = ''; before !== JSON.stringify(best) && trials < most; ) {
    before = JSON.stringify(best)
    dropFaults(() => best, accepts)
    dropMembers(() => best, accepts)
    shorten(() => best, accepts)
  }
  return best
}

type Accepts = (candidate: Scenario) => boolean

function dropFaults(best: () => Scenario, accepts: Accepts): void {
  for (let size = Math.ceil(best().plan.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
    for (let at = 0; at < best().plan.length; ) {
      const plan = best().plan.filter((_, index) => index < at || index >= at + size)
      if (!accepts({ ...best(), plan })) at += size
    }
  }
}

function dropMembers(best: () => Scenario, accepts: Accepts): void {
  for (let step = Math.floor(best().nodes / 2); step >= 1; step = Math.floor(step / 2))
    while (best().nodes - step >= 1 && accepts({ ...best(), nodes: best().nodes - step }));
}

function shorten(best: () => Scenario, accepts: Accepts): void {
  for (let at = 0; at < best().plan.length; at++) {
    for (;;) {
      const plan = best().plan.map((fault, index) => (index === at ? shorter(fault) : fault))
      if (plan[at] === best().plan[at] || !accepts({ ...best(), plan })) break
    }
  }
}

/** Half as long; the very same where there is nothing to cut. */
function shorter(fault: Fault): Fault {
  const half = (ms: number): number => Math.floor(ms / 2)
  if ((isSpell(fault) || fault.kind === 'stall') && half(fault.forMs) >= SHORTEST_MS)
    return { ...fault, forMs: half(fault.forMs) }
  if (fault.kind === 'crash' && fault.downMs !== undefined && half(fault.downMs) >= SHORTEST_MS)
    return { ...fault, downMs: half(fault.downMs) }
  return fault
}
