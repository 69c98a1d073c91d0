/** Bounds that hold for every transport, whatever its network is. */

import { type Address, TransportError } from './transport.ts'

/** How much one stream may hold unsent: twice the largest state that is accepted, so only a bug or a stall gets there. */
export const MAX_STREAM_QUEUE_BYTES = 128 * 1024 * 1024

/** Dials to one peer that may be under way; more are refused as `DIAL_FAILED`. Far more than any owner needs. */
export const MAX_DIALS_PER_PEER = 256

/** Counts the dials under way to each peer. */
export class DialBudget {
  readonly #underWay = new Map<Address, number>()

  /** Runs `dial` unless too many are under way to `to`; then rejects with `DIAL_FAILED`. */
  async within<T>(to: Address, dial: () => Promise<T>): Promise<T> {
    const underWay = this.#underWay.get(to) ?? 0
    if (underWay >= MAX_DIALS_PER_PEER)
      throw new TransportError('DIAL_FAILED', `${underWay} dials to ${to} are under way already.`, to)
    this.#underWay.set(to, underWay + 1)
    try {
      return await dial()
    } finally {
      const left = (this.#underWay.get(to) ?? 1) - 1
      if (left > 0) this.#underWay.set(to, left)
      else this.#underWay.delete(to)
    }
  }
}
