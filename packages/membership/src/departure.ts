/** Leaving: once, however often it is asked for (membership spec 6.3, DIV-38, DIV-40). */
import type { SpreadResult } from './outcome.ts'
import { unlessAborted } from './requests.ts'
import type { System } from './turn.ts'

/** How one caller waits for a departure. */
export interface DepartureWait {
  readonly timeoutMs: number
  readonly signal: AbortSignal | undefined
}

/** The departure of a member, shared by all who ask for it. */
export class Departure {
  readonly #system: Pick<System, 'arm'>
  #leaving: Promise<SpreadResult> | undefined

  constructor(system: Pick<System, 'arm'>) {
    this.#system = system
  }

  /**
   * The first call begins; each later one waits, within its own bound, for what the first began, or has its result at once.
   * A caller that gives up ends only its own wait.
   */
  async leave(begin: () => Promise<SpreadResult>, { timeoutMs, signal }: DepartureWait): Promise<SpreadResult> {
    const earlier = this.#leaving
    return unlessAborted(earlier ? this.#within(timeoutMs, earlier) : this.#begin(begin), signal)
  }

  /** The member is back: the next departure is another one. */
  undo(): void {
    this.#leaving = undefined
  }

  #begin(begin: () => Promise<SpreadResult>): Promise<SpreadResult> {
    const leaving = begin()
    this.#leaving = leaving
    // One that came to nothing can be tried again.
    leaving.catch(() => {
      if (this.#leaving === leaving) this.#leaving = undefined
    })
    return leaving
  }

  #within(timeoutMs: number, leaving: Promise<SpreadResult>): Promise<SpreadResult> {
    if (timeoutMs === Number.POSITIVE_INFINITY) return leaving
    return new Promise((resolve, reject) => {
      const disarm = this.#system.arm(timeoutMs, () => resolve('timeout'))
      leaving.then(resolve, reject).finally(disarm)
    })
  }
}
