/** Callbacks for one kind of news. */
export class ListenerList<T> {
  /** Replaced, never changed: news goes to those who listened when it was made. */
  #all: readonly ((told: T) => void)[] = []

  get all(): readonly ((told: T) => void)[] {
    return this.#all
  }

  add(listener: (told: T) => void): void {
    if (!this.#all.includes(listener)) this.#all = [...this.#all, listener]
  }

  remove(listener: (told: T) => void): void {
    this.#all = this.#all.filter((each) => each !== listener)
  }
}
