import type { UnixMs } from '@hearsay/kv/contract'

/** Stops what was armed; harmless when it ran already. */
export type Disarm = () => void

/** All that a ring wants of its surroundings. A simulator gives another. */
export interface RingSystem {
  /** Monotonic milliseconds, with fractions. */
  now(): number
  /** Wall-clock milliseconds. */
  wallNow(): UnixMs
  /** Runs something after `delayMs`, perhaps a little early. `hold`: somebody waits for it, so the process must not end before. */
  arm(delayMs: number, run: () => void, hold?: boolean): Disarm
  /** From 0 to below 1, evenly: tokens are made of it. */
  random(): number
}

/** The longest delay that a timer takes; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1

/** Node's clocks and timers. */
export const nodeSystem: RingSystem = {
  now: () => performance.now(),
  wallNow: () => Date.now() as UnixMs,
  arm: (delayMs, run, hold = false) => {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), MAX_DELAY_MS))
    if (!hold) timer.unref()
    return () => clearTimeout(timer)
  },
  random: () => Math.random(),
}
