/** Clock and timers of this package: the only place that touches them. */

/** What the handler needs of its host. */
export interface AdminSystem {
  /** Wall clock, in milliseconds since 1970. */
  wallNowMs(): number
  /** Calls `tick` every `periodMs` until the returned function is called. Does not keep the process alive. */
  every(periodMs: number, tick: () => void): () => void
}

/** The host's own clock and timers. */
export const hostSystem: AdminSystem = {
  wallNowMs: () => Date.now(),
  every(periodMs, tick) {
    const timer = setInterval(tick, periodMs)
    timer.unref()
    return () => clearInterval(timer)
  },
}
