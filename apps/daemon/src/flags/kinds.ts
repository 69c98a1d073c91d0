/** What a flag's text may mean. Each kind reads one occurrence, and may fold several into one value. */
import { formatDuration, parseDuration } from './duration.ts'

/** A value that was read, or what is wrong with its text. */
export type Reading<T> = { readonly value: T } | { readonly problem: string }

/** How the texts given for a flag become its value. */
export interface Kind<T> {
  /** Shown in the help after the name. */
  readonly placeholder: string
  /** A bare `-flag` means `true`. */
  readonly isBoolean?: boolean
  read(text: string): Reading<T>
  /** What several occurrences mean together; without it the last one wins, as in Go. */
  fold?(values: readonly T[]): T
  /** The notation that {@link read} accepts. */
  show(value: T): string
}

const wrong = (text: string, allowed: string) => ({ problem: `invalid value ${JSON.stringify(text)}: ${allowed}` })

/** Any text. */
export const text: Kind<string> = {
  placeholder: 'text',
  read: (given) => ({ value: given }),
  show: (value) => value,
}

/** Go's spellings of true and false. */
export const bool: Kind<boolean> = {
  placeholder: 'bool',
  isBoolean: true,
  read(given) {
    if (/^(1|t|T|true|TRUE|True)$/.test(given)) return { value: true }
    if (/^(0|f|F|false|FALSE|False)$/.test(given)) return { value: false }
    return wrong(given, 'must be true or false')
  },
  show: String,
}

/** A whole number within bounds, both included. */
export const integer = (min: number, max: number): Kind<number> => ({
  placeholder: 'int',
  read(given) {
    const value = /^(\d+|0[xX][0-9a-fA-F]+)$/.test(given) ? Number(given) : Number.NaN
    return value >= min && value <= max
      ? { value }
      : wrong(given, `must be a whole number from ${min} to ${max.toLocaleString('en-US').replaceAll(',', ' ')}`)
  },
  show: String,
})

/** A port; 0 picks a free one. */
export const port: Kind<number> = {
  placeholder: 'port',
  read(given) {
    const value = /^\d+$/.test(given) ? Number(given) : Number.NaN
    return value <= 65_535 ? { value } : wrong(given, 'must be a port from 0 to 65535')
  },
  show: String,
}

/** A Go duration that is not negative, in milliseconds. */
export const duration: Kind<number> = {
  placeholder: 'duration',
  read(given) {
    const value = parseDuration(given)
    if (value === undefined)
      return wrong(
        given,
        /^\d+(\.\d+)?$/.test(given)
          ? `a duration needs a unit, such as ${given}s or ${given}ms`
          : 'must be a duration such as 200ms, 30s or 1m30s',
      )
    return value >= 0 ? { value } : wrong(given, 'must not be negative')
  },
  show: formatDuration,
}

/** One of a few words. */
export const oneOf = <T extends string>(...words: readonly T[]): Kind<T> => ({
  placeholder: words.join('|'),
  read: (given) =>
    (words as readonly string[]).includes(given)
      ? { value: given as T }
      : wrong(given, `must be one of ${words.join(', ')}`),
  show: (value) => value,
})

/** Repeatable, and each occurrence may be a list separated by commas. Empty items are dropped. */
export const list: Kind<readonly string[]> = {
  placeholder: 'list',
  read: (given) => ({
    value: given
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== ''),
  }),
  fold: (values) => values.flat(),
  show: (value) => value.join(','),
}

/** Versions of the application's own protocol: each 0 to 255, the current one within the others. */
export interface DelegateProtocol {
  readonly min: number
  readonly max: number
  readonly current: number
}

/** `MIN,MAX,CURRENT`. */
export const delegateProtocol: Kind<DelegateProtocol> = {
  placeholder: 'min,max,current',
  read(given) {
    const numbers = given.split(',').map((item) => (/^\d+$/.test(item.trim()) ? Number(item) : Number.NaN))
    const [min, max, current] = numbers as [number, number, number]
    const fits = numbers.length === 3 && numbers.every((number) => number <= 255) && min <= current && current <= max
    return fits
      ? { value: { min, max, current } }
      : wrong(given, 'must be MIN,MAX,CURRENT: three numbers from 0 to 255 with MIN <= CURRENT <= MAX')
  },
  show: ({ min, max, current }) => `${min},${max},${current}`,
}
