import { asUnixMs, type KvSystem } from '../src/index.ts'
import { START } from './machine-peer.ts'

/** Time that moves when told, and an event loop of one's own. */
export class VirtualSystem implements KvSystem {
  #now = 0
  #timers: { at: number; run: () => void }[] = []
  #afterIo: (() => void)[] = []
  /** What each look at the clock costs: makes slices end. */
  costPerLookMs = 0

  now(): number {
    this.#now += this.costPerLookMs
    return this.#now
  }

  wallNow() {
    return asUnixMs(START + this.#now)
  }

  arm(delayMs: number, run: () => void) {
    const timer = { at: this.#now + Math.max(0, delayMs), run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }

  afterIo(run: () => void): void {
    this.#afterIo.push(run)
  }

  /** Runs one round of what waits for input and output to be done. Returns how many callbacks ran. */
  io(): number {
    const round = this.#afterIo
    this.#afterIo = []
    for (const run of round) run()
    return round.length
  }

  /** Moves time on, firing timers in order and letting promises settle in between. */
  async advance(byMs: number): Promise<void> {
    const until = this.#now + byMs
    await this.settle()
    for (;;) {
      const next = this.#timers.filter((timer) => timer.at <= until).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#timers = this.#timers.filter((timer) => timer !== next)
      this.#now = Math.max(this.#now, next.at)
      next.run()
      await this.settle()
    }
    this.#now = Math.max(this.#now, until)
  }

  /** Everything that needs no time. */
  async settle(): Promise<void> {
    for (let i = 0; i < 20; i++) {
      while (this.io() > 0);
      await Promise.resolve()
    }
  }

  get armedTimers(): number {
    return this.#timers.length
  }
}
