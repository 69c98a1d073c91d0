/** Events as an async iterator, within a bound. */

/** Events that may wait for a slow reader. */
export const MAX_WAITING_EVENTS = 4096

/** A queue that one reader empties. The oldest events give way when it does not. */
export class EventStream<T> implements AsyncIterableIterator<T> {
  readonly #waiting: T[] = []
  readonly #onEnd: (stream: EventStream<T>) => void
  readonly #readers: ((result: IteratorResult<T>) => void)[] = []
  readonly #unsubscribe: () => void
  #ended = false
  #lostCount = 0

  constructor(onEnd: (stream: EventStream<T>) => void, signal?: AbortSignal) {
    this.#onEnd = onEnd
    const onAbort = (): void => this.end()
    this.#unsubscribe = () => signal?.removeEventListener('abort', onAbort)
    if (signal?.aborted) this.end()
    else signal?.addEventListener('abort', onAbort, { once: true })
  }

  /** Events that gave way because nobody read. */
  get lostCount(): number {
    return this.#lostCount
  }

  push(event: T): void {
    if (this.#ended) return
    const reader = this.#readers.shift()
    if (reader) return reader({ value: event, done: false })
    this.#waiting.push(event)
    if (this.#waiting.length <= MAX_WAITING_EVENTS) return
    this.#waiting.shift()
    this.#lostCount++
  }

  /** No more events; what waits can still be read. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#unsubscribe()
    for (const reader of this.#readers.splice(0)) reader({ value: undefined, done: true })
    this.#onEnd(this)
  }

  next(): Promise<IteratorResult<T>> {
    const event = this.#waiting.shift()
    if (event !== undefined) return Promise.resolve({ value: event, done: false })
    if (this.#ended) return Promise.resolve({ value: undefined, done: true })
    return new Promise((resolve) => {
      this.#readers.push(resolve)
    })
  }

  return(): Promise<IteratorResult<T>> {
    this.end()
    return Promise.resolve({ value: undefined, done: true })
  }

  [Symbol.asyncIterator](): this {
    return this
  }
}
