/** The package's only clock outside its socket files: real timers, for the memory network and the contract kit. */

/** Runs `run` once, `delayMs` from now and never before returning; calling the result first prevents it. */
export type Schedule = (delayMs: number, run: () => void) => () => void

/** {@link Schedule} on the real clock: `setImmediate` when there is nothing to wait for, else `setTimeout`. */
export const realSchedule: Schedule = (delayMs, run) => {
  if (delayMs <= 0) {
    const immediate = setImmediate(run)
    return () => clearImmediate(immediate)
  }
  const timer = setTimeout(run, delayMs)
  return () => clearTimeout(timer)
}
