/** One axis of a plot: where a value goes, and which values are written at it. */
import { figure } from './table.ts'

/** What an axis shows. Ends that are not given are taken from the values. */
export interface AxisOptions {
  readonly label: string
  /** Values at or below 0 have no place on it then. */
  readonly logarithmic?: boolean
  readonly min?: number
  readonly max?: number
}

/** An axis laid out between two ends of the picture. */
export interface Axis {
  readonly label: string
  readonly ticks: readonly { readonly at: number; readonly label: string }[]
  /** `NaN` for a value that has no place. */
  place(value: number): number
}

/** Lays out an axis from `from` to `to`, in the picture's coordinates. */
export function axis(options: AxisOptions, values: readonly number[], from: number, to: number): Axis {
  const { label, logarithmic = false } = options
  const usable = values.filter((value) => Number.isFinite(value) && (!logarithmic || value > 0))
  const min = options.min ?? Math.min(...usable, Number.POSITIVE_INFINITY)
  const max = options.max ?? Math.max(...usable, Number.NEGATIVE_INFINITY)
  const [low, high] =
    !Number.isFinite(min) || !Number.isFinite(max) ? [1, 10] : min === max ? [min, min + 1] : [min, max]
  const scale = logarithmic ? Math.log10 : (value: number) => value
  const place = (value: number): number =>
    from + ((scale(value) - scale(low)) / (scale(high) - scale(low))) * (to - from)
  const marked = logarithmic ? decades(low, high) : steps(low, high)
  return { label, place, ticks: marked.map((value) => ({ at: place(value), label: tickText(value) })) }
}

/** 1, 2 and 5 of each power of ten, or the powers alone when there are many. */
function decades(low: number, high: number): number[] {
  const found: number[] = []
  const digits = Math.log10(high / low) > 4 ? [1] : [1, 2, 5]
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
    for (const digit of digits) found.push(digit * 10 ** power)
  return found.filter((value) => value >= low * 0.999 && value <= high * 1.001)
}

/** Four to ten round values. */
function steps(low: number, high: number): number[] {
  const raw = (high - low) / 6
  const power = 10 ** Math.floor(Math.log10(raw))
  const step = [1, 2, 5, 10].map((digit) => digit * power).find((each) => each >= raw)!
  const found: number[] = []
  for (let count = Math.ceil(low / step - 1e-9); count * step <= high + step * 1e-9; count++) found.push(count * step)
  return found
}

function tickText(value: number): string {
  if (value === 0) return '0'
  if (Math.abs(value) >= 1e5 || Math.abs(value) < 1e-3) return value.toExponential(0).replace('e+', 'e')
  return String(Number(figure(value, 6)))
}
