import type { Counters } from './counters.ts'
import { decodePair, type KvPair } from './frames.ts'
import { decodeFullState } from './full-state.ts'
import type { Inbox, QueuedPair } from './inbox.ts'
import type { KvSystem } from './system.ts'

/** How long pairs are merged before input and output get their turn again. A peer gives a direct probe only 2 s (kv spec 1.7). */
export const DEFAULT_MERGE_SLICE_MS = 4

/**
 * The rim of what comes in: opens messages and states, counts what is no pair, queues the rest, and hands pairs to
 * the store one by one in slices of a few milliseconds.
 */
export class Inflow {
  readonly #system: KvSystem
  readonly #counters: Counters
  readonly #inbox: Inbox
  readonly #sliceMs: number
  readonly #merge: (item: QueuedPair) => void
  #scheduled = false
  #whenIdle: (() => void)[] = []

  constructor(system: KvSystem, counters: Counters, inbox: Inbox, sliceMs: number, merge: (item: QueuedPair) => void) {
    this.#system = system
    this.#counters = counters
    this.#inbox = inbox
    this.#sliceMs = sliceMs
    this.#merge = merge
  }

  /** One broadcast (kv spec 1.3). The payload is lent. */
  message(payload: Uint8Array, member?: string): void {
    this.#counters.receivedBroadcasts++
    this.#counters.receivedBroadcastsBytes += payload.length
    const pair = decodePair(payload)
    if (pair === undefined || pair.key === '') this.#counters.receivedBroadcastsInvalid++
    else if (!this.#offer({ ...pair, value: pair.value.slice() }, 'broadcast', member))
      this.#counters.receivedBroadcastsDropped++
  }

  /** A peer's full state (kv spec 1.4). The bytes are lent. Gives the keys in it; `undefined` when they are not all. */
  state(state: Uint8Array, member?: string): ReadonlySet<string> | undefined {
    this.#counters.statePushes++
    this.#counters.statePushesBytes += state.length
    // One copy; the pairs are views of it and let go of it when they are merged.
    const { pairs, skippedCount, fault } = decodeFullState(state.slice())
    if (fault !== undefined) this.#counters.statePushesMalformed++
    this.#counters.statePairsSkipped += skippedCount
    for (const pair of pairs) if (!this.#offer(pair, 'full-state', member)) this.#counters.statePairsSkipped++
    return fault === undefined ? new Set(pairs.map(({ key }) => key)) : undefined
  }

  /** Resolves when everything received so far is merged. */
  idle(): Promise<void> {
    if (this.#inbox.size === 0) return Promise.resolve()
    return new Promise((resolve) => this.#whenIdle.push(resolve))
  }

  /** Forgets what waits. */
  close(): void {
    this.#inbox.clear()
    this.#tellIdle()
  }

  #offer(pair: KvPair, channel: QueuedPair['channel'], member: string | undefined): boolean {
    if (!this.#inbox.offer({ pair, channel, member })) return false
    this.#schedule()
    return true
  }

  #schedule(): void {
    if (this.#scheduled) return
    this.#scheduled = true
    this.#system.afterIo(() => this.#slice())
  }

  #slice(): void {
    this.#scheduled = false
    const until = this.#system.now() + this.#sliceMs
    do {
      const item = this.#inbox.take()
      if (item === undefined) break
      this.#merge(item)
    } while (this.#system.now() < until)
    if (this.#inbox.size > 0) this.#schedule()
    else this.#tellIdle()
  }

  #tellIdle(): void {
    const waiting = this.#whenIdle
    this.#whenIdle = []
    for (const resolve of waiting) resolve()
  }
}
