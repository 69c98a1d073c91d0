/** What signals mean: one SIGTERM or SIGINT asks to leave, another one insists; SIGHUP asks to read files again. */
import { monotonicMs } from './system.ts'

/** A terminal and a launcher both send the same signal: within this time of the first they are one. */
const SAME_SIGNAL_MS = 1000

/** Signals that are listened to. */
type Signal = 'SIGINT' | 'SIGTERM' | 'SIGHUP'

/** Anything that emits signals, such as `process`. */
export interface SignalSource {
  on(signal: Signal, listener: () => void): unknown
  off(signal: Signal, listener: () => void): unknown
}

/** What to do. */
export interface SignalActions {
  /** The first signal. Called once. */
  leave(): void
  /** A signal a second or more after the first. */
  insist(): void
  /** Each SIGHUP. Default: it keeps its own meaning, which is the end of the process. */
  readonly reload?: () => void
  /** Monotonic milliseconds. Default: the system's clock. */
  readonly nowMs?: () => number
}

/** Listens until the returned function is called. */
export function onSignals(source: SignalSource, actions: SignalActions): () => void {
  const nowMs = actions.nowMs ?? monotonicMs
  let firstAtMs: number | undefined
  const listener = () => {
    if (firstAtMs === undefined) {
      firstAtMs = nowMs()
      actions.leave()
    } else if (nowMs() - firstAtMs >= SAME_SIGNAL_MS) actions.insist()
  }
  const { reload } = actions
  for (const signal of ['SIGINT', 'SIGTERM'] as const) source.on(signal, listener)
  if (reload) source.on('SIGHUP', reload)
  return () => {
    for (const signal of ['SIGINT', 'SIGTERM'] as const) source.off(signal, listener)
    if (reload) source.off('SIGHUP', reload)
  }
}
