/** What a run says while it runs. */

/** Counts by name, and speaks once a second. */
export class Progress {
  readonly #unit: string
  readonly #say: (line: string) => void
  readonly #counts = new Map<string, number>()
  readonly #startedMs = performance.now()
  readonly #startedCpu = process.cpuUsage()
  #saidMs = this.#startedMs
  #saidDone = 0

  constructor(unit: string, say: (line: string) => void) {
    this.#unit = unit
    this.#say = say
  }

  count(name: string, by = 1): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + by)
  }

  /** Call often; cheap. */
  at(done: number): void {
    const now = performance.now()
    if (now - this.#saidMs < 1000) return
    const rate = (done - this.#saidDone) / ((now - this.#saidMs) / 1000)
    this.#saidMs = now
    this.#saidDone = done
    this.#say(`${grouped(done)} ${this.#unit}, ${grouped(rate)}/s`)
  }

  /** All counts, the most frequent first. */
  summary(done: number): string {
    const seconds = (performance.now() - this.#startedMs) / 1000
    // The machine may be busy with other things: what it took of a processor says more.
    const { user, system } = process.cpuUsage(this.#startedCpu)
    const cpuSeconds = (user + system) / 1e6
    const counts = [...this.#counts].sort((a, b) => b[1] - a[1]).map(([name, count]) => `${name} ${grouped(count)}`)
    const rates = `${grouped(done / seconds)}/s, ${grouped(done / cpuSeconds)} per CPU second`
    return `${grouped(done)} ${this.#unit} in ${seconds.toFixed(1)} s (${rates}): ${counts.join(', ')}`
  }
}

const grouped = (value: number): string => Math.round(value).toLocaleString('en-US')
