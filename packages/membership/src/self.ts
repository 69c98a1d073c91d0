/** The local member: its incarnation, its announcements, its departure. */
import { type Alive, Part } from '@hearsay/wire'
import type { BroadcastEnd } from './broadcast.ts'
import type { Context } from './context.ts'
import { MAX_INCARNATION } from './limits.ts'

/** Speaks for the local member. */
export class Self {
  readonly #context: Context
  #hasLeft = false
  #refutations = 0

  constructor(context: Context) {
    this.#context = context
  }

  /** The departure was applied; nothing makes the local record alive any more (invariant 7). */
  get hasLeft(): boolean {
    return this.#hasLeft
  }

  get incarnation(): number {
    const { table } = this.#context
    return table.incarnation(table.selfIndex)
  }

  /** Somebody drove the incarnation up to the last one: whatever comes next, others would take for old. */
  get isExhausted(): boolean {
    return this.incarnation >= MAX_INCARNATION
  }

  /** Claims contradicted since the start. */
  get refutations(): number {
    return this.#refutations
  }

  /** The first announcement, at the start. */
  announce(): void {
    const { table, out } = this.#context
    this.#spread()
    out.event('join', table.selfIndex, { source: 'self' })
  }

  /** Metadata, under the next incarnation. The same as before are announced again, and are no event. */
  updateMeta(meta: Uint8Array, onFinished: (end: BroadcastEnd) => void): void {
    const { table, out } = this.#context
    const isNew = !table.hasMeta(table.selfIndex, meta)
    this.#raise(this.incarnation + 1)
    if (isNew) table.setMeta(table.selfIndex, meta)
    this.#spread(onFinished)
    if (isNew) out.event('update', table.selfIndex, { source: 'self' })
  }

  /** Contradicts a claim made at `accused` (membership spec 1.6): one above both. */
  refute(accused: number): void {
    const { out, awareness } = this.#context
    if (this.isExhausted) return out.ignored('incarnation-exhausted')
    this.#raise(Math.max(this.incarnation, accused) + 1)
    this.#refutations++
    if (awareness.apply(1)) out.push({ kind: 'health', score: awareness.score })
    this.#spread()
  }

  /** Applies the departure and queues the good-bye: one step, so that no accusation can come between. */
  leave(now: number, onFinished: (end: BroadcastEnd) => void): Part {
    const { self, out, table } = this.#context
    this.#hasLeft = true
    table.setStatus(table.selfIndex, 'left', now)
    const part = new Part({ type: 'dead', incarnation: this.incarnation, node: self.name, from: self.name })
    this.#queue(part, onFinished)
    out.event('leave', table.selfIndex, { source: 'self' })
    return part
  }

  /** Comes back after a departure: one above it, so that everybody believes it (DIV-40). */
  rejoin(now: number): void {
    const { out, table } = this.#context
    this.#hasLeft = false
    this.#raise(this.incarnation + 1)
    table.setStatus(table.selfIndex, 'alive', now)
    this.#spread()
    out.event('join', table.selfIndex, { source: 'self' })
  }

  #raise(incarnation: number): void {
    const { table } = this.#context
    table.setIncarnation(table.selfIndex, Math.min(incarnation, MAX_INCARNATION))
    table.setEvidence(table.selfIndex, Math.max(table.evidence(table.selfIndex), this.incarnation))
  }

  #spread(onFinished?: (end: BroadcastEnd) => void): void {
    const { self, table } = this.#context
    const meta = table.meta(table.selfIndex)
    // An empty one is nil, as a member without metadata sends it in Go.
    const alive: Alive = {
      type: 'alive',
      incarnation: this.incarnation,
      node: self.name,
      address: self.address,
      port: self.port,
      meta: meta.length === 0 ? null : meta.slice(),
      versions: self.versions,
    }
    this.#queue(new Part(alive), onFinished)
  }

  #queue(part: Part, onFinished: ((end: BroadcastEnd) => void) | undefined): void {
    const { table, queue, policy } = this.#context
    if (policy.ownNewsFirst) queue.own(table.selfIndex, part, onFinished)
    else queue.control(table.selfIndex, part, onFinished)
  }
}
