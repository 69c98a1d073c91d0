/** The life of a transport: new, opening, open, closed. */

import { type Listening, TransportError } from '../transport.ts'
import { closed } from './tcp-dial.ts'

/** Sees to it that a transport opens once and closes once, in whatever order it is asked to. */
export class Lifecycle {
  #phase: 'new' | 'opening' | 'open' | 'closed' = 'new'
  #opening: Promise<unknown> = Promise.resolve()
  #closing: Promise<void> | undefined

  get isOpen(): boolean {
    return this.#phase === 'open'
  }

  /**
   * Runs `start`. Rejects with `ALREADY_STARTED` for a second call and with `CLOSED` when `close` came before the end;
   * `undo` then releases what was opened. After a failure, `open` may be called again.
   */
  async open(start: () => Promise<Listening>, undo: () => Promise<void>): Promise<Listening> {
    if (this.#phase === 'closed') throw closed()
    if (this.#phase !== 'new') throw new TransportError('ALREADY_STARTED', 'listen was already called.')
    this.#phase = 'opening'
    const attempt = start()
    this.#opening = attempt.catch(() => {})
    try {
      const listening = await attempt
      if (this.#hasClosed()) throw closed()
      this.#phase = 'open'
      return listening
    } catch (error) {
      await undo()
      if (!this.#hasClosed()) this.#phase = 'new'
      throw error
    }
  }

  /** Runs `stop` once, after an opening has settled; every call resolves when it is done. */
  close(stop: () => Promise<void>): Promise<void> {
    this.#phase = 'closed'
    this.#closing ??= this.#opening.then(stop)
    return this.#closing
  }

  // A method, since the compiler would take the phase for unchanged across an await.
  #hasClosed(): boolean {
    return this.#phase === 'closed'
  }
}
