/** A clock that moves only when told, for everything that takes a `schedule`. */
export class VirtualClock {
  nowMs = 0
  readonly #timers: { at: number; order: number; run: () => void }[] = []
  #order = 0

  readonly now = () => this.nowMs

  readonly schedule = (delayMs: number, run: () => void): (() => void) => {
    const timer = { at: this.nowMs + Math.max(0, delayMs), order: this.#order++, run }
    this.#timers.push(timer)
    return () => {
      const index = this.#timers.indexOf(timer)
      if (index >= 0) this.#timers.splice(index, 1)
    }
  }

  get pending(): number {
    return this.#timers.length
  }

  /** Runs everything due within the next `ms`, in order, letting promises settle in between. */
  async advance(ms: number): Promise<void> {
    const end = this.nowMs + ms
    for (;;) {
      await settle()
      this.#timers.sort((a, b) => a.at - b.at || a.order - b.order)
      const next = this.#timers[0]
      if (next === undefined || next.at > end) break
      this.#timers.shift()
      this.nowMs = next.at
      next.run()
    }
    this.nowMs = end
    await settle()
  }
}

async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await Promise.resolve()
}
