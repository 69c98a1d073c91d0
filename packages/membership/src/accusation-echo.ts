/** Telling those who are evidently alive what they must refute (DIV-11). */
import type { Dead, Suspect } from '@hearsay/wire'
import type { Context } from './context.ts'

/** A third of the time for which a dead record is kept: each refutation costs the accused some of its health. */
const PERIOD_SHARE = 1 / 3
/** Names whose last echo is remembered; without it an echo might come sooner, not later. */
export const MAX_REMEMBERED_ECHOES = 65_536

/** Sends accusations to the accused, at most one in a while for each name. */
export class AccusationEcho {
  readonly #context: Context
  /** When each was last told, in that order. */
  readonly #toldAt = new Map<string, number>()

  constructor(context: Context) {
    this.#context = context
  }

  /**
   * To the accused itself and to nobody else: others may know better, and a verdict that is gossiped is believed at once
   * (after a partition, healthy members would be lost to whoever had never been away).
   */
  tell(accusation: Suspect | Dead, endpoint: string, now: number): void {
    const { policy, tuning, out } = this.#context
    if (!policy.echoAccusations) return
    const periodMs = tuning.gossip.toTheDeadMs * PERIOD_SHARE
    const { node } = accusation
    const toldAt = this.#toldAt.get(node)
    if (toldAt !== undefined && now - toldAt < periodMs) return
    this.#toldAt.delete(node)
    for (const [oldest, at] of this.#toldAt) {
      if (now - at < periodMs && this.#toldAt.size < MAX_REMEMBERED_ECHOES) break
      this.#toldAt.delete(oldest)
    }
    this.#toldAt.set(node, now)
    out.send(endpoint, [accusation], 'gossip')
  }
}
