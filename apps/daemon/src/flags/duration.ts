/** Durations as Go writes them: `200ms`, `1m30s`, `1.5h`. */

const unitMs: Readonly<Record<string, number>> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1000,
  m: 60_000,
  h: 3_600_000,
}

/** Go's durations are 64-bit nanoseconds: about 292 years. */
const MAX_DURATION_MS = 9_223_372_036_854.775
const whole = /^([+-])?((?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/
const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g

/** Milliseconds of a Go duration, or `undefined` when `text` is not one. `0` needs no unit. */
export function parseDuration(text: string): number | undefined {
  if (/^[+-]?0$/.test(text)) return 0
  const sign = whole.exec(text)
  if (!sign) return undefined
  let totalMs = 0
  for (const [, number, unit] of text.matchAll(part)) totalMs += Number(number) * unitMs[unit!]!
  if (totalMs > MAX_DURATION_MS) return undefined
  return sign[1] === '-' ? -totalMs : totalMs
}

/** The inverse, in Go's notation: `1m30s`, `200ms`, `0s`. */
export function formatDuration(durationMs: number): string {
  if (durationMs < 0) return `-${formatDuration(-durationMs)}`
  if (durationMs < 1000) return durationMs === 0 ? '0s' : durationMs < 1 ? `${durationMs * 1000}µs` : `${durationMs}ms`
  const hours = Math.floor(durationMs / 3_600_000)
  const minutes = Math.floor((durationMs % 3_600_000) / 60_000)
  const seconds = (durationMs % 60_000) / 1000
  return `${hours > 0 ? `${hours}h` : ''}${hours > 0 || minutes > 0 ? `${minutes}m` : ''}${seconds}s`
}
