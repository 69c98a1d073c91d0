/** The local member: its incarnation, its announcements, its departure. */
import { type Alive, Part } from '@hearsay/wire'
import type { BroadcastEnd } from './broadcast.ts'
import type { Context } from './context.ts'
import { MAX_INCARNATION } from './limits.ts'

/** Speaks for the local member. */
export class Self {
  readonly #context: Context
  #hasLeft = false

  constructor(context: Context) {
    this.#context = context
  }

  /** The departure was applied; nothing makes the local record alive any more (invariant 7). */
  get hasLeft(): boolean {
    return this.#hasLeft
  }

  /** The first announcement, at the start. */
  announce(): void {
    const { self, out } = this.#context
    this.#spread()
    out.event('join', self, { source: 'self' })
  }

  /** New metadata, under the next incarnation. */
  updateMeta(meta: Uint8Array, onFinished: (end: BroadcastEnd) => void): void {
    const { self, out } = this.#context
    this.#raise(self.incarnation + 1)
    self.meta = meta
    this.#spread(onFinished)
    out.event('update', self, { source: 'self' })
  }

  /** Contradicts a claim made at `accused` (membership spec 1.6): one above both. */
  refute(accused: number): void {
    const { self, out, awareness } = this.#context
    if (self.incarnation >= MAX_INCARNATION) return out.ignored('incarnation-exhausted')
    this.#raise(Math.max(self.incarnation, accused) + 1)
    if (awareness.apply(1)) out.push({ kind: 'health', score: awareness.score })
    this.#spread()
  }

  /** Applies the departure and queues the good-bye: one step, so that no accusation can come between. */
  leave(now: number, onFinished: (end: BroadcastEnd) => void): Part {
    const { self, out, queue, table } = this.#context
    this.#hasLeft = true
    table.setStatus(self, 'left', now)
    const part = new Part({ type: 'dead', incarnation: self.incarnation, node: self.name, from: self.name })
    queue.control(self.name, part, onFinished)
    out.event('leave', self, { source: 'self' })
    return part
  }

  #raise(incarnation: number): void {
    const { self } = this.#context
    self.incarnation = Math.min(incarnation, MAX_INCARNATION)
    self.evidence = Math.max(self.evidence, self.incarnation)
  }

  #spread(onFinished?: (end: BroadcastEnd) => void): void {
    const { self, queue } = this.#context
    const { name, address, port, meta, versions, incarnation } = self
    // An empty one is nil, as a member without metadata sends it in Go.
    const alive: Alive = {
      type: 'alive',
      incarnation,
      node: name,
      address,
      port,
      meta: meta.length === 0 ? null : meta,
      versions,
    }
    queue.control(name, new Part(alive), onFinished)
  }
}
