/** Warnings about peers, at most one a minute for each subject: a peer must not be able to fill a log. */
import type { Logger } from './logger.ts'
import type { System } from './turn.ts'

const PERIOD_MS = 60_000
/** Subjects remembered at once. */
const MAX_SUBJECTS = 1024

/** Lets a warning through once a minute for each subject. */
export class Throttle {
  readonly #system: System
  readonly #logger: Logger | undefined
  readonly #warnedAt = new Map<string, number>()

  constructor(system: System, logger: Logger | undefined) {
    this.#system = system
    this.#logger = logger
  }

  warn(subject: string, message: string, fields: Readonly<Record<string, unknown>>): void {
    if (!this.#logger) return
    const now = this.#system.now()
    const last = this.#warnedAt.get(subject)
    if (last !== undefined && now - last < PERIOD_MS) return
    if (this.#warnedAt.size >= MAX_SUBJECTS) this.#warnedAt.clear()
    this.#warnedAt.set(subject, now)
    this.#logger.warn(message, fields)
  }
}
