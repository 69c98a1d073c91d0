/** How long until somebody probes a member that is gone (evaluation spec 2.1), for rings of any size. */

/** Mean number of synchronous periods when each member draws its target anew: e/(e − 1). */
export const ENDLESS_PERIODS = Math.E / (Math.E - 1)

const STEPS = 20_000

/**
 * Mean wait in probe intervals, phases independent. One member's ring visits the target once in a pass of n − 1, in
 * another order each time: from a random instant it has not been there for x passes with probability 1 − x + x³/6. Nobody
 * of n − 1 has: that to the power of n − 1.
 */
export function meanWait(size: number): number {
  const others = size - 1
  let sum = 0
  // Beyond that nothing is left to be added up.
  const far = Math.min(1, 40 / others)
  for (let step = 0; step < STEPS; step++) {
    const x = ((step + 0.5) / STEPS) * far
    sum += (1 - x + x ** 3 / 6) ** others
  }
  return (sum / STEPS) * far * others
}

/** Mean number of periods when all members probe at the same instants, by the same argument in whole periods. */
export function meanPeriods(size: number): number {
  const others = size - 1
  let sum = 1
  for (let periods = 1; periods <= others; periods++) sum += silentFor(periods, others) ** others
  return sum
}

/** The chance that one member's ring does not come to the target in so many periods, averaged over its place in it. */
function silentFor(periods: number, pass: number): number {
  let sum = 0
  for (let left = 0; left < pass; left++)
    sum += periods <= left ? 1 - periods / pass : (1 - left / pass) * (1 - (periods - left) / pass)
  return sum / pass
}

/** The p99 of an exponential wait: what random targets come to in large clusters. */
export const EXPONENTIAL_P99 = Math.log(100)
