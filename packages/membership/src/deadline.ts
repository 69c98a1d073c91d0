/** What a timer is for. Equal deadlines fire in this order (membership spec 12.5). */
const order = [
  'probe-deadline',
  'suspicion',
  'relay',
  'nack-settle',
  'probe-direct',
  'api',
  'gossip',
  'probe-tick',
  'push-pull',
  'reap',
] as const

/** What a timer is for. */
export type DeadlineReason = (typeof order)[number]

/** When something is due, in monotonic milliseconds, and why. */
export interface Deadline {
  readonly at: number
  readonly reason: DeadlineReason
}

/** Deadlines at which somebody is judged: everything that has arrived must be read before. */
export const isVerdict = (reason: DeadlineReason): boolean =>
  reason === 'probe-deadline' || reason === 'suspicion' || reason === 'probe-direct'

/** The soonest of some deadlines. */
export function soonest(candidates: Iterable<Deadline | undefined>): Deadline | undefined {
  let best: Deadline | undefined
  for (const candidate of candidates) {
    if (candidate === undefined) continue
    if (
      best === undefined ||
      candidate.at < best.at ||
      (candidate.at === best.at && order.indexOf(candidate.reason) < order.indexOf(best.reason))
    )
      best = candidate
  }
  return best
}
