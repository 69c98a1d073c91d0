import type { UnixMs } from './contract.ts'
import { asUnixMs } from './time.ts'

/** Stops what was armed; harmless when it ran already. */
export type Disarm = () => void

/** All that the driver wants of its surroundings. A simulator gives another. */
export interface KvSystem {
  /** Monotonic milliseconds, with fractions. */
  now(): number
  /** Wall-clock milliseconds. */
  wallNow(): UnixMs
  /** Runs something after `delayMs`, perhaps a little early. `hold`: somebody waits for it, so the process must not end before. */
  arm(delayMs: number, run: () => void, hold?: boolean): Disarm
  /** Runs something after the input and output that is ready now. */
  afterIo(run: () => void): void
}

/** The longest delay that a timer takes; a longer one would fire at once. */
const MAX_DELAY_MS = 2 ** 31 - 1

/** Node's clocks and timers. */
export const nodeSystem: KvSystem = {
  now: () => performance.now(),
  wallNow: () => asUnixMs(Date.now()),
  arm: (delayMs, run, hold = false) => {
    const timer = setTimeout(run, Math.min(Math.max(0, delayMs), MAX_DELAY_MS))
    if (!hold) timer.unref()
    return () => clearTimeout(timer)
  },
  afterIo: (run) => {
    setImmediate(run)
  },
}

/** Resolves after a while, or rejects with the reason of the first signal to abort. */
export function sleep(system: KvSystem, delayMs: number, signals: readonly AbortSignal[]): Promise<void> {
  return new Promise((resolve, reject) => {
    const aborted = signals.find((signal) => signal.aborted)
    if (aborted !== undefined) return reject(aborted.reason)
    const end = (settle: () => void) => {
      disarm()
      for (const signal of signals) signal.removeEventListener('abort', abort)
      settle()
    }
    const abort = () => end(() => reject(signals.find((signal) => signal.aborted)?.reason))
    const disarm = system.arm(delayMs, () => end(resolve), true)
    for (const signal of signals) signal.addEventListener('abort', abort)
  })
}

/** A name that nobody else has. */
export const randomName = (): string => Buffer.from(crypto.getRandomValues(new Uint8Array(8))).toString('hex')
