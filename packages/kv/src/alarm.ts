import type { Disarm, KvSystem } from './system.ts'

/** What has deadlines. */
export interface Clockwork {
  /** Monotonic time of the next deadline. */
  readonly nextAt: () => number | undefined
  /** One deadline is due. */
  readonly fire: () => void
}

/** One timer for the next deadline of something. */
export class Alarm {
  readonly #system: KvSystem
  readonly #clockwork: Clockwork
  #armed: { readonly at: number; readonly disarm: Disarm } | undefined

  constructor(system: KvSystem, clockwork: Clockwork) {
    this.#system = system
    this.#clockwork = clockwork
  }

  /** The next deadline may be another. */
  set(): void {
    const at = this.#clockwork.nextAt()
    if (at === this.#armed?.at) return
    this.stop()
    if (at !== undefined) this.#armed = { at, disarm: this.#system.arm(at - this.#system.now(), () => this.#wake()) }
  }

  stop(): void {
    this.#armed?.disarm()
    this.#armed = undefined
  }

  /** Timers may be early, so only the clock says what is due. */
  #wake(): void {
    this.#armed = undefined
    const { nextAt, fire } = this.#clockwork
    for (let at = nextAt(); at !== undefined && at <= this.#system.now(); at = nextAt()) fire()
    this.set()
  }
}
