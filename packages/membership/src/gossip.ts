/** The gossip tick (membership spec 4.1): what waits in the queue goes to a few random members. */
import type { TransmitLimits } from './broadcast-queue.ts'
import type { Context } from './context.ts'
import type { Deadline } from './deadline.ts'
import { pick } from './random-pick.ts'
import { isLive, type Peer } from './record.ts'

/** Spreads broadcasts. */
export class Gossip {
  readonly #context: Context
  readonly #limits: () => TransmitLimits
  #tickAt: number | undefined

  constructor(context: Context, limits: () => TransmitLimits) {
    this.#context = context
    this.#limits = limits
  }

  start(now: number): void {
    const { intervalMs, nodes } = this.#context.tuning.gossip
    if (intervalMs > 0 && nodes > 0) this.#tickAt = now + intervalMs * this.#context.random()
  }

  stop(): void {
    this.#tickAt = undefined
  }

  nextDeadline(): Deadline | undefined {
    return this.#tickAt === undefined ? undefined : { at: this.#tickAt, reason: 'gossip' }
  }

  /** One round. Each target gets a draw of its own. */
  tick(now: number): void {
    const { tuning, queue, table, random, out } = this.#context
    this.#tickAt = Math.max(this.#tickAt! + tuning.gossip.intervalMs, now + tuning.gossip.intervalMs / 2)
    if (queue.isEmpty) return
    const targets = pick(table.all(), tuning.gossip.nodes, (peer) => this.#listens(peer, now), random)
    const streamed = new Map<string, Set<number>>()
    for (const target of targets) {
      out.gossip(target.endpoint)
      this.#oversize(target, streamed)
    }
  }

  /** Changes larger than a packet go to the same targets, one stream each, counted against their transmit limit. */
  #oversize(target: Peer, streamed: Map<string, Set<number>>): void {
    const { queue, out, tuning } = this.#context
    const done = new Set<number>()
    streamed.set(target.name, done)
    for (
      let item = queue.takeOversize(out.maxPartBytes, this.#limits(), done);
      item;
      item = queue.takeOversize(out.maxPartBytes, this.#limits(), done)
    ) {
      done.add(item.id)
      if (item.part.message.type !== 'user') continue
      out.push({
        kind: 'open-stream',
        exchange: this.#context.nextExchange(),
        to: target.endpoint,
        message: item.part.message,
        expectReply: false,
        timeoutMs: tuning.streamTimeoutMs,
      })
    }
  }

  /** Whoever is there, and the recently dead: that is how the falsely accused hear of it. */
  #listens(peer: Peer, now: number): boolean {
    if (peer.isSelf) return false
    return (
      isLive(peer) || (peer.status === 'dead' && now - peer.statusSinceMs <= this.#context.tuning.gossip.toTheDeadMs)
    )
  }
}
