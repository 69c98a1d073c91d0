/**
 * Notifications on their way to listeners and hooks (membership spec 9.2): one queue for all of them, emptied outside of
 * any change, in order. What somebody is told never is newer than what `members()` shows.
 */
import { Fifo } from './fifo.ts'
import { MAX_WAITING_NOTICE_BYTES, MAX_WAITING_NOTICES } from './limits.ts'
import type { System } from './turn.ts'

/** Notices delivered in one go; then the sockets get their turn. */
const NOTICES_PER_TURN = 256

interface Notice {
  readonly deliver: () => void
  readonly sizeBytes: number
}

/** The queue. Nothing in it is ever lost: at its bounds the oldest is delivered early, and that is counted. */
export class Notices {
  readonly #afterIo: System['afterIo']
  readonly #onHurried: () => void
  readonly #waiting = new Fifo<Notice>()
  #waitingBytes = 0
  #open = false
  #scheduled = false
  #delivering = false

  constructor(system: Pick<System, 'afterIo'>, onHurried: () => void) {
    this.#afterIo = (callback) => system.afterIo(callback)
    this.#onHurried = onHurried
  }

  /** Queues one; `sizeBytes` is what it holds. `deliver` must not throw. */
  push(deliver: () => void, sizeBytes = 0): void {
    this.#waiting.push({ deliver, sizeBytes })
    this.#waitingBytes += sizeBytes
    while (this.#waiting.length > MAX_WAITING_NOTICES || this.#waitingBytes > MAX_WAITING_NOTICE_BYTES) {
      this.#onHurried()
      this.#deliverOne()
    }
    if (this.#open) this.#schedule()
  }

  /** Begins to deliver, once whoever waits for the start has been told of it. */
  open(): void {
    this.#afterIo(() => {
      this.#open = true
      this.#deliverSome()
    })
  }

  /** Delivers everything now. */
  flush(): void {
    while (this.#deliverOne());
  }

  #schedule(): void {
    if (this.#scheduled || this.#delivering || this.#waiting.length === 0) return
    this.#scheduled = true
    // Before the promises that the same turn settles: who waits for a join has been told of its members by then.
    queueMicrotask(() => this.#deliverSome())
  }

  #deliverSome(): void {
    this.#scheduled = false
    if (this.#delivering) return
    this.#delivering = true
    for (let count = 0; count < NOTICES_PER_TURN && this.#deliverOne(); count++);
    this.#delivering = false
    if (this.#waiting.length === 0) return
    this.#scheduled = true
    this.#afterIo(() => this.#deliverSome())
  }

  #deliverOne(): boolean {
    const notice = this.#waiting.shift()
    if (!notice) return false
    this.#waitingBytes -= notice.sizeBytes
    notice.deliver()
    return true
  }
}
