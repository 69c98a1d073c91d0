/** The gossip tick (membership spec 4.1): what waits in the queue goes to a few random members. */
import type { TransmitLimits } from './broadcast-queue.ts'
import type { Context } from './context.ts'
import { isLive, type PeerIndex } from './peer-table.ts'
import { pickForRound } from './routing.ts'

const NEVER = Number.POSITIVE_INFINITY

/** Spreads broadcasts. Ticks lie on a grid; those at which nothing waits do not take place. */
export class Gossip {
  readonly #context: Context
  readonly #limits: () => TransmitLimits
  /** One tick of the grid. */
  #phaseMs = NEVER
  #tickAt = NEVER

  constructor(context: Context, limits: () => TransmitLimits) {
    this.#context = context
    this.#limits = limits
  }

  /** Ours has a grid of its own (DIV-16); Go's begins one interval after the start. */
  start(now: number): void {
    const { tuning, policy, random } = this.#context
    const { intervalMs, nodes } = tuning.gossip
    if (intervalMs > 0 && nodes > 0) this.#phaseMs = now + (policy.trueStagger ? intervalMs * random() : intervalMs)
  }

  stop(): void {
    this.#phaseMs = this.#tickAt = NEVER
  }

  get nextAt(): number {
    return this.#tickAt
  }

  /** Something may have been queued: the next tick takes place. */
  wake(now: number): void {
    if (this.#tickAt !== NEVER || this.#phaseMs === NEVER || this.#context.queue.isEmpty) return
    this.#tickAt = this.#tickAfter(now)
  }

  /** One round. Each target gets a draw of its own. */
  tick(now: number): void {
    const { tuning, queue, table, random, out, routing } = this.#context
    const listens = (peer: PeerIndex): boolean => this.#listens(peer, now)
    const targets = pickForRound(table, tuning.gossip.nodes, listens, random, routing)
    for (const target of targets) {
      const to = table.endpoint(target)
      out.gossip(to, target)
      this.#oversize(to)
    }
    this.#tickAt = queue.isEmpty ? NEVER : this.#tickAfter(now)
  }

  /** The first tick of the grid after `now`: what was missed is not made up for. */
  #tickAfter(now: number): number {
    const { intervalMs } = this.#context.tuning.gossip
    const phaseMs = this.#phaseMs
    return now < phaseMs ? phaseMs : phaseMs + (Math.floor((now - phaseMs) / intervalMs) + 1) * intervalMs
  }

  /** Changes larger than a packet go to the same targets, one stream each, counted against their transmit limit. */
  #oversize(to: string): void {
    const { queue, out, tuning } = this.#context
    const done = new Set<number>()
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
        to,
        message: item.part.message,
        expectReply: false,
        timeoutMs: tuning.streamTimeoutMs,
      })
    }
  }

  /** Whoever is there, and the recently dead: that is how the falsely accused hear of it. */
  #listens(peer: PeerIndex, now: number): boolean {
    const { table, tuning } = this.#context
    if (peer === table.selfIndex) return false
    return (
      isLive(table, peer) ||
      (table.status(peer) === 'dead' && now - table.statusSinceMs(peer) <= tuning.gossip.toTheDeadMs)
    )
  }
}
