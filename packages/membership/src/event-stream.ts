/** Events as an async iterator, within a bound. */
import { Fifo } from './fifo.ts'

/** Events that may wait for a slow reader, if the cluster is not larger than that. */
export const MAX_WAITING_EVENTS = 4096

/** What becomes of a stream of events. */
export interface EventStreamNews<T> {
  /** It is over. */
  readonly ended: (stream: EventStream<T>) => void
  /** An event gave way. */
  readonly lost?: () => void
  /**
   * How many may wait just now, if more than {@link MAX_WAITING_EVENTS}: one exchange of states can bring as many events as
   * there are members, before any reader gets its turn.
   */
  readonly room?: () => number
}

/** A queue that one reader empties. The oldest events give way when it does not. */
export class EventStream<T> implements AsyncIterableIterator<T> {
  readonly #waiting = new Fifo<T>()
  readonly #news: EventStreamNews<T>
  readonly #readers: ((result: IteratorResult<T>) => void)[] = []
  readonly #unsubscribe: () => void
  #ended = false
  #lostCount = 0

  constructor(news: EventStreamNews<T>, signal?: AbortSignal) {
    this.#news = news
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
    if (this.#waiting.length <= Math.max(MAX_WAITING_EVENTS, this.#news.room?.() ?? 0)) return
    this.#waiting.shift()
    this.#lostCount++
    this.#news.lost?.()
  }

  /** No more events; what waits can still be read. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#unsubscribe()
    for (const reader of this.#readers.splice(0)) reader({ value: undefined, done: true })
    this.#news.ended(this)
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
