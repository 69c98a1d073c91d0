/** What is told to listeners and watchers, when a turn is over. */
export class Announcements {
  readonly #waiting: (() => void)[] = []
  #isAnnouncing = false

  /** To be told once everything is done. */
  push(tell: () => void): void {
    this.#waiting.push(tell)
  }

  /**
   * Tells all of it, in the order in which things happened, also when a listener writes. What a listener throws is its
   * owner's affair: it surfaces as uncaught, outside of the turn.
   */
  tell(): void {
    if (this.#isAnnouncing) return
    this.#isAnnouncing = true
    for (let next = this.#waiting.shift(); next !== undefined; next = this.#waiting.shift()) {
      try {
        next()
      } catch (error) {
        queueMicrotask(() => {
          throw error
        })
      }
    }
    this.#isAnnouncing = false
  }
}
