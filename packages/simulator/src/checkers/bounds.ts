/** How long things may take at most (membership spec 12.7, 46–54). All in milliseconds. */
import type { Tuning } from '@hearsay/membership'

/** Until gossip has reached everybody that it reaches at all: a round for each doubling, and as many again to spare. */
export function gossipBoundMs({ gossip, probe }: Tuning, n: number): number {
  const rounds = 2 * Math.ceil(Math.log2(Math.max(2, n))) + 4
  return rounds * (gossip.intervalMs > 0 ? gossip.intervalMs : probe.intervalMs)
}

/** Until everybody has exchanged states once, twice over: gossip alone may miss somebody. */
export function disseminationBoundMs(tuning: Tuning, n: number): number {
  const { intervalMs } = tuning.pushPull
  let factor = 1
  while (32 * 2 ** (factor - 1) < n) factor++
  return gossipBoundMs(tuning, n) + 2 * intervalMs * factor + 2 * tuning.streamTimeoutMs
}

/** The longest that a suspicion lasts. */
export function longestSuspicionMs({ suspicion, probe }: Tuning, n: number): number {
  const scale = Math.floor(Math.max(1, Math.log10(Math.max(1, n))) * 1000) / 1000
  return suspicion.multiplier * scale * probe.intervalMs * suspicion.maxTimeoutMultiplier
}

/** The shortest. */
export const shortestSuspicionMs = (tuning: Tuning, n: number): number =>
  longestSuspicionMs(tuning, n) / tuning.suspicion.maxTimeoutMultiplier

/** Until a crash is known everywhere (46): the worst place in the order, the worst health. */
export function detectionBoundMs(tuning: Tuning, n: number): number {
  const { intervalMs, awarenessMaxMultiplier: m } = tuning.probe
  return (2 * n - 1) * intervalMs * m + m * intervalMs + longestSuspicionMs(tuning, n) + disseminationBoundMs(tuning, n)
}

/** Until separated members have found each other again (49). */
export function reunionBoundMs(tuning: Tuning, n: number): number {
  const doublings = Math.ceil(Math.log2(Math.max(2, n)))
  return 3 * tuning.rejoin.intervalMs * doublings + disseminationBoundMs(tuning, n)
}
