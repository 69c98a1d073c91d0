/** Everything wrong with some options, gathered before anything is refused. */

/** One thing wrong. */
export interface OptionProblem {
  /** Which option, as a path: `tuning.probe.timeoutMs`. */
  readonly path: string
  /** What is wrong, and what is allowed. */
  readonly message: string
}

const utf8 = new TextEncoder()

/** Takes options one by one and notes what is wrong with each. Nothing that it is given makes it throw. */
export class Problems {
  readonly #found: OptionProblem[] = []

  get all(): readonly OptionProblem[] {
    return this.#found
  }

  /** Notes a problem unless something holds. Returns whether it does. */
  require(holds: boolean, path: string, message: string): boolean {
    if (!holds) this.#found.push({ path, message })
    return holds
  }

  /** An object whose members are looked at next; `undefined` when it is none. */
  group(value: unknown, path: string): Readonly<Record<string, unknown>> | undefined {
    const isGroup = typeof value === 'object' && value !== null && !Array.isArray(value)
    this.require(isGroup, path, `must be an object, not ${shown(value)}`)
    return isGroup ? (value as Readonly<Record<string, unknown>>) : undefined
  }

  /** A finite number from `least` to `most`, both included. */
  number(value: unknown, path: string, least: number, most = Number.POSITIVE_INFINITY): boolean {
    return this.require(
      typeof value === 'number' && Number.isFinite(value) && value >= least && value <= most,
      path,
      `must be a number ${range(least, most)}, not ${shown(value)}`,
    )
  }

  /** A whole number from `least` to `most`, both included. */
  count(value: unknown, path: string, least: number, most = Number.POSITIVE_INFINITY): boolean {
    return this.require(
      Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most,
      path,
      `must be a whole number ${range(least, most)}, not ${shown(value)}`,
    )
  }

  /** True or false. */
  flag(value: unknown, path: string): boolean {
    return this.require(typeof value === 'boolean', path, `must be true or false, not ${shown(value)}`)
  }

  /** A text of so many bytes in UTF-8. */
  text(value: unknown, path: string, leastBytes: number, mostBytes: number): value is string {
    if (!this.require(typeof value === 'string', path, `must be a text, not ${shown(value)}`)) return false
    const sizeBytes = utf8.encode(value as string).length
    const allowed = leastBytes === 0 ? `at most ${mostBytes} bytes` : `${leastBytes} to ${mostBytes} bytes`
    return this.require(
      sizeBytes >= leastBytes && sizeBytes <= mostBytes,
      path,
      `must have ${allowed}, not ${sizeBytes}`,
    )
  }

  /** One of a few texts. */
  choice(value: unknown, path: string, allowed: readonly unknown[]): boolean {
    return this.require(allowed.includes(value), path, `must be one of ${allowed.join(', ')}, not ${shown(value)}`)
  }

  /** Something to call. */
  callable(value: unknown, path: string, what: string): boolean {
    return this.require(typeof value === 'function', path, `must be ${what}, not ${shown(value)}`)
  }
}

const range = (least: number, most: number): string =>
  most === Number.POSITIVE_INFINITY ? `from ${least} on` : `from ${least} to ${most}`

/** A value as a message shows it: short, and never a secret, since bytes are only counted. */
export function shown(value: unknown): string {
  if (typeof value === 'string') return JSON.stringify(value.length > 40 ? `${value.slice(0, 40)}…` : value)
  if (value instanceof Uint8Array) return `${value.length} bytes`
  if (Array.isArray(value)) return 'a list'
  if (typeof value === 'function') return 'a function'
  return typeof value === 'object' && value !== null ? 'an object' : String(value)
}
