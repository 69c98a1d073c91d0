/** Commands that wait for the machine. Each is settled exactly once. */
import { MemberlistError } from './errors.ts'
import type { Outcome, RequestId } from './input.ts'

interface Waiting {
  readonly resolve: (outcome: Outcome) => void
  readonly reject: (error: Error) => void
}

/** Requests under way, by number. */
export class Requests {
  readonly #waiting = new Map<RequestId, Waiting>()
  #nextId = 1

  /** Makes a request, hands its number to `begin`, and waits for the outcome or for `signal`. */
  make(begin: (request: RequestId) => void, signal?: AbortSignal): Promise<Outcome> {
    if (signal?.aborted) return Promise.reject(aborted())
    const request = this.#nextId++
    return new Promise<Outcome>((resolve, reject) => {
      const onAbort = (): void => this.#take(request)?.reject(aborted())
      signal?.addEventListener('abort', onAbort, { once: true })
      const done = (): void => signal?.removeEventListener('abort', onAbort)
      this.#waiting.set(request, {
        resolve: (outcome) => {
          done()
          resolve(outcome)
        },
        reject: (error) => {
          done()
          reject(error)
        },
      })
      begin(request)
    })
  }

  settle(request: RequestId, outcome: Outcome): void {
    this.#take(request)?.resolve(outcome)
  }

  /** One request came to nothing. */
  fail(request: RequestId, error: Error): void {
    this.#take(request)?.reject(error)
  }

  /** Nothing will answer any more. */
  rejectAll(error: Error): void {
    for (const request of [...this.#waiting.keys()]) this.#take(request)?.reject(error)
  }

  #take(request: RequestId): Waiting | undefined {
    const waiting = this.#waiting.get(request)
    this.#waiting.delete(request)
    return waiting
  }
}

/** A wait that `signal` ends. What the promise comes to later is of no interest then. */
export function unlessAborted<T>(promise: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (!signal) return promise
  return new Promise<T>((resolve, reject) => {
    const onAbort = (): void => reject(aborted())
    if (signal.aborted) onAbort()
    signal.addEventListener('abort', onAbort, { once: true })
    promise.then(resolve, reject).finally(() => signal.removeEventListener('abort', onAbort))
  })
}

/** A promise that may be dropped: when nobody waits for it, its failure ends no process. */
export function droppable<T>(promise: Promise<T>): Promise<T> {
  promise.catch(() => {})
  return promise
}

const aborted = (): MemberlistError => new MemberlistError('ABORTED', 'the operation was called off')
