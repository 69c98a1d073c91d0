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

/** Who waits for something, and until when (Infinity: for nothing). */
export interface Waiters {
  readonly detector: {
    readonly windowEndsAt: number
    readonly settlesAt: number
    readonly directEndsAt: number
    readonly ticksAt: number
  }
  readonly suspicions: { readonly nextAt: number }
  readonly relays: { readonly nextAt: number }
  readonly takeovers: { readonly nextAt: number }
  readonly commands: { readonly nextAt: number }
  readonly gossip: { readonly nextAt: number }
  readonly antiEntropy: { readonly nextAt: number }
  readonly reaper: { readonly nextAt: number }
  readonly rejoins: { readonly nextAt: number }
}

/** What happens when something is due. */
export type Callbacks = Readonly<Record<DeadlineReason, (now: number) => void>>

/** All timers of a machine. */
export class Agenda {
  readonly #waiters: Waiters
  readonly #callbacks: Callbacks
  /** By place in {@link deadlineOrder}. */
  readonly #times = new Float64Array(deadlineOrder.length)
  #latest: Deadline | undefined

  constructor(waiters: Waiters, callbacks: Callbacks) {
    this.#waiters = waiters
    this.#callbacks = callbacks
  }

  /** The next one; the same object as long as nothing changed. */
  next(): Deadline | undefined {
    this.#ask()
    const times = this.#times
    let at = Number.POSITIVE_INFINITY
    let which = -1
    for (let each = 0; each < times.length; each++) {
      if (times[each]! >= at) continue
      at = times[each]!
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
    if (due && due.at <= now) this.#callbacks[due.reason](now)
  }

  /** Each by its name and in the order of {@link deadlineOrder}: this runs after every input, and a table of functions takes five times as long. */
  #ask(): void {
    const { detector, suspicions, relays, takeovers, commands, gossip, antiEntropy, reaper, rejoins } = this.#waiters
    const times = this.#times
    times[0] = detector.windowEndsAt
    times[1] = suspicions.nextAt
    times[2] = relays.nextAt
    times[3] = detector.settlesAt
    times[4] = detector.directEndsAt
    times[5] = takeovers.nextAt
    times[6] = commands.nextAt
    times[7] = gossip.nextAt
    times[8] = detector.ticksAt
    times[9] = antiEntropy.nextAt
    times[10] = reaper.nextAt
    times[11] = rejoins.nextAt
  }
}
