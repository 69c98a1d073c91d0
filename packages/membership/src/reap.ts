/** Forgetting (membership spec 6.5, DIV-41): dead and left records are dropped some time after. */
import type { Context } from './context.ts'
import type { Deadline } from './deadline.ts'

/** Drops old records on a timer of its own. */
export class Reaper {
  readonly #context: Context
  #tickAt: number | undefined

  constructor(context: Context) {
    this.#context = context
  }

  start(now: number): void {
    this.#tickAt = now + this.#periodMs
  }

  stop(): void {
    this.#tickAt = undefined
  }

  nextDeadline(): Deadline | undefined {
    return this.#tickAt === undefined ? undefined : { at: this.#tickAt, reason: 'reap' }
  }

  /** Forgets whoever is gone for longer than `gossip.toTheDeadMs`; never the local member. */
  tick(now: number): void {
    const { table, tuning, out, queue } = this.#context
    this.#tickAt = now + this.#periodMs
    const gone = table
      .all()
      .filter(
        (peer) =>
          !peer.isSelf &&
          (peer.status === 'dead' || peer.status === 'left') &&
          now - peer.statusSinceMs > tuning.gossip.toTheDeadMs,
      )
    for (const peer of gone) {
      table.remove(peer)
      queue.dropControl(peer.name)
      out.event('reap', peer, { source: 'self' })
    }
  }

  get #periodMs(): number {
    return Math.max(1000, this.#context.tuning.gossip.toTheDeadMs / 4)
  }
}
