import type { Counters } from './counters.ts'
import type { KvHost } from './delegate.ts'
import type { KvBroadcast } from './input.ts'

/** What is on its way out: hands changes to the host's gossip queue and knows which of them still wait there. */
export class Outflow {
  readonly #counters: Counters
  readonly #queued = { local: 0, relayed: 0 }
  #queuedBytes = 0
  #host: KvHost | undefined
  #whenFlushed: (() => void)[] = []

  constructor(counters: Counters) {
    this.#counters = counters
  }

  /** From now on there is a queue. What happened before reaches peers by push/pull. */
  attach(host: KvHost): void {
    this.#host = host
  }

  /** Queues a change. */
  send(item: KvBroadcast): void {
    const host = this.#host
    if (host === undefined) return
    this.#queued[item.class]++
    this.#queuedBytes += item.payload.length
    let isQueued = true
    host.broadcast({
      ...item,
      onFinished: (end) => {
        if (!isQueued) return
        isQueued = false
        this.#queued[item.class]--
        this.#queuedBytes -= item.payload.length
        if (end === 'pruned') this.#counters.messagesToBroadcastDropped++
        if (this.#queued.local === 0) this.#tellFlushed()
      },
    })
  }

  /** Asks the host for push/pulls, if it can do that. */
  requestPushPull(peerCount: number): void {
    this.#host?.requestPushPull?.(peerCount)
  }

  /** Changes that wait, as `queue="local"` and `queue="gossip"`. */
  get queued(): { readonly local: number; readonly gossip: number } {
    return { local: this.#queued.local, gossip: this.#queued.relayed }
  }

  /** Their bytes. */
  get queuedBytes(): number {
    return this.#queuedBytes
  }

  /** Resolves when no local change waits any more, or the signal aborts. True: none waits. */
  async flushed(signal?: AbortSignal): Promise<boolean> {
    if (this.#queued.local > 0 && !signal?.aborted) {
      await new Promise<void>((resolve) => {
        const end = () => {
          signal?.removeEventListener('abort', end)
          resolve()
        }
        this.#whenFlushed.push(end)
        signal?.addEventListener('abort', end)
      })
    }
    return this.#queued.local === 0
  }

  #tellFlushed(): void {
    const waiting = this.#whenFlushed
    this.#whenFlushed = []
    for (const resolve of waiting) resolve()
  }
}
