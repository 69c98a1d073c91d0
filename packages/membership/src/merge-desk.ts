/** Asks delegates whether to merge what a joining member knows; they may take their time, up to a bound (membership spec 9.2). */
import type { Audience } from './audience.ts'
import type { Member } from './member.ts'
import type { Counters } from './metrics.ts'
import type { System } from './turn.ts'

/** What the desk needs. */
export interface MergeDeskOptions {
  readonly audience: Pick<Audience, 'takes'>
  readonly counters: Counters
  readonly system: Pick<System, 'arm'>
  /** How long a decision may take. */
  readonly timeoutMs: number
  readonly answer: (ask: number, accept: boolean) => void
}

/** Questions under way. Each is answered once, unless everything stops before. */
export class MergeDesk {
  readonly #options: MergeDeskOptions
  /** How to call off the limit of each. Bounded by the exchanges that the machine and the rim let happen at once. */
  readonly #waiting = new Map<number, () => void>()

  constructor(options: MergeDeskOptions) {
    this.#options = options
  }

  /** Asks. What is not decided in time is refused. */
  ask(ask: number, members: readonly Member[], from: string): void {
    const { audience, counters, system, timeoutMs } = this.#options
    const disarm = system.arm(timeoutMs, () => {
      counters.mergeTimeouts++
      this.#settle(ask, false)
    })
    this.#waiting.set(ask, disarm)
    void audience.takes(members, { join: true, from }).then((accept) => this.#settle(ask, accept))
  }

  /** Nobody is interested any more. */
  stop(): void {
    for (const disarm of this.#waiting.values()) disarm()
    this.#waiting.clear()
  }

  #settle(ask: number, accept: boolean): void {
    const disarm = this.#waiting.get(ask)
    if (!disarm) return
    this.#waiting.delete(ask)
    disarm()
    if (!accept) this.#options.counters.mergeVetoes++
    this.#options.answer(ask, accept)
  }
}
