/** What timers are for, and which is next. */

/** Equal deadlines fire in this order (membership spec 12.5). */
export const deadlineOrder = [
  'probe-deadline',
  'suspicion',
  'relay',
  'nack-settle',
  'probe-direct',
  'takeover',
  'api',
  'gossip',
  'probe-tick',
  'push-pull',
  'reap',
  'rejoin',
] as const

/** What a timer is for. */
export type DeadlineReason = (typeof deadlineOrder)[number]

/** When something is due, in monotonic milliseconds, and why. */
export interface Deadline {
  readonly at: number
  readonly reason: DeadlineReason
}

/** Deadlines at which somebody is judged: everything that has arrived must be read before. */
export const isVerdict = (reason: DeadlineReason): boolean =>
  reason === 'probe-deadline' || reason === 'suspicion' || reason === 'probe-direct' || reason === 'takeover'

/** One timer: when it is due next (Infinity: not at all), and what happens then. */
export interface Timer {
  readonly nextAt: () => number
  readonly fire: (now: number) => void
}

/** All timers of a machine. */
export class Agenda {
  readonly #timers: readonly Timer[]
  #latest: Deadline | undefined

  constructor(timers: Readonly<Record<DeadlineReason, Timer>>) {
    this.#timers = deadlineOrder.map((reason) => timers[reason])
  }

  /** The next one; the same object as long as nothing changed. */
  next(): Deadline | undefined {
    let at = Number.POSITIVE_INFINITY
    let which = -1
    for (let each = 0; each < this.#timers.length; each++) {
      const nextAt = this.#timers[each]!.nextAt()
      if (nextAt >= at) continue
      at = nextAt
      which = each
    }
    if (which < 0) return undefined
    const reason = deadlineOrder[which]!
    if (this.#latest?.at !== at || this.#latest.reason !== reason) this.#latest = { at, reason }
    return this.#latest
  }

  /** Fires the one that is due first, if it is due. */
  fire(now: number): void {
    const due = this.next()
    if (due && due.at <= now) this.#timers[deadlineOrder.indexOf(due.reason)]!.fire(now)
  }
}
