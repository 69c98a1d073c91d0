/** Whether a figure is where it must be. */
import { figure } from './table.ts'

/** One figure of a faithful profile held against a published or computed one. */
export interface Check {
  readonly what: string
  readonly found: number
  /** The sample's own uncertainty, 99.9 %; without it the figure itself must lie in the band. */
  readonly interval?: { readonly low: number; readonly high: number }
  readonly low: number
  readonly high: number
}

/** Within the band; or outside of it by no more than the size of the sample explains; or not. */
export type Standing = 'inside' | 'within its interval' | 'OUTSIDE'

/**
 * A figure holds unless its whole 99.9 % interval lies outside of the band: a small sample widens the band by that alone.
 * Not 95 %: there are some hundred checks, and none may fail by chance when a change of the machine draws other numbers.
 */
export function standing({ found, interval, low, high }: Check): Standing {
  if (found >= low && found <= high) return 'inside'
  if (interval && interval.low <= high && interval.high >= low) return 'within its interval'
  return 'OUTSIDE'
}

/** Whether none is outside. */
export const allHold = (checks: readonly Check[]): boolean => checks.every((check) => standing(check) !== 'OUTSIDE')

/** What must not be above (or below) a target, for ours: reported, never a reason to fail. */
export const reaches = (found: number, limit: number, comparison: 'atMost' | 'atLeast' = 'atMost'): string =>
  (comparison === 'atMost' ? found <= limit : found >= limit) ? 'reached' : 'missed'

/** `low – high` in three digits. */
export const range = ({ low, high }: { readonly low: number; readonly high: number }): string =>
  `${figure(low)} – ${figure(high)}`
