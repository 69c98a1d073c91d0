/** What is to be looked at later: laws that promise something for a time. */

/** Things to do, by world time. */
export class Appointments {
  #waiting: { readonly atMs: number; readonly run: () => void }[] = []
  #nextMs = Number.POSITIVE_INFINITY

  make(atMs: number, run: () => void): void {
    this.#waiting.push({ atMs, run })
    this.#nextMs = Math.min(this.#nextMs, atMs)
  }

  /** Keeps those that are due. Call it with each input: cheap while none is. */
  keep(nowMs: number): void {
    if (nowMs < this.#nextMs) return
    const due = this.#waiting.filter(({ atMs }) => atMs <= nowMs)
    this.#waiting = this.#waiting.filter(({ atMs }) => atMs > nowMs)
    this.#nextMs = this.#waiting.reduce((next, { atMs }) => Math.min(next, atMs), Number.POSITIVE_INFINITY)
    for (const { run } of due.sort((a, b) => a.atMs - b.atMs)) run()
  }
}
