/** A store and a clock for tests: a key's value with its tombstones kept and hidden, as the real store does it. */
import type { UnixMs, ValueType } from '@hearsay/kv/contract'
import { RingDesc, type RingStore, type RingSystem, ringDesc } from '../src/index.ts'

/** Time that passes only when told to. Timers run in order of their moment, then of their making. */
export class VirtualSystem implements RingSystem {
  /** Monotonic milliseconds. */
  time = 0
  /** Wall-clock milliseconds at monotonic 0; changing it sets the clock. */
  epoch = 1_000_000_000
  #timers: { at: number; run: () => void }[] = []
  #seed = 1

  now = (): number => this.time
  wallNow = (): UnixMs => (this.epoch + this.time) as UnixMs
  arm = (delayMs: number, run: () => void): (() => void) => {
    const timer = { at: this.time + Math.max(0, delayMs), run }
    this.#timers.push(timer)
    return () => {
      this.#timers = this.#timers.filter((other) => other !== timer)
    }
  }
  /** A small multiplicative generator: good enough for tokens, the same in every run. */
  random = (): number => {
    this.#seed = (this.#seed * 48271) % 0x7fff_ffff
    return this.#seed / 0x7fff_ffff
  }

  /** Lets time pass; what is due runs at its moment, and the promises it starts go on at once. */
  async advance(ms: number): Promise<void> {
    const end = this.time + ms
    await settle()
    for (;;) {
      const next = this.#timers.filter(({ at }) => at <= end).sort((a, b) => a.at - b.at)[0]
      if (next === undefined) break
      this.#timers = this.#timers.filter((timer) => timer !== next)
      this.time = Math.max(this.time, next.at)
      next.run()
      await settle()
    }
    this.time = end
  }

  get armed(): number {
    return this.#timers.length
  }
}

/** Lets promises that are ready go on. */
export async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn++) await Promise.resolve()
}

/** A store in which several rings may meet. */
export class VirtualStore implements RingStore {
  readonly system: VirtualSystem
  /** With tombstones. */
  ring = RingDesc.empty
  /** What every update fails with, while set. */
  failure: Error | undefined
  #visible: { of: RingDesc; ring: RingDesc } | undefined
  #watchers = new Set<() => void>()

  constructor(system: VirtualSystem) {
    this.system = system
  }

  get<State>(_key: string, _type: ValueType<State>): State | undefined {
    if (this.#visible?.of !== this.ring)
      this.#visible = { of: this.ring, ring: ringDesc.dropTombstones(this.ring, undefined).state }
    return this.#visible!.ring as State
  }

  async update<State>(key: string, type: ValueType<State>, fn: (state: State) => State): Promise<{ changed: boolean }> {
    if (this.failure !== undefined) throw this.failure
    const next = fn(this.get(key, type) as State) as RingDesc
    return { changed: this.#store(ringDesc.replace(this.ring, next, this.system.wallNow())) }
  }

  /** News from elsewhere. */
  receive(incoming: RingDesc): boolean {
    return this.#store(ringDesc.merge(this.ring, incoming, this.system.wallNow()))
  }

  watch(_key: string, { signal }: { readonly signal: AbortSignal }): AsyncIterable<unknown> {
    let pending = false
    let wake: () => void = () => {}
    const note = (): void => {
      pending = true
      wake()
    }
    this.#watchers.add(note)
    signal.addEventListener('abort', () => wake(), { once: true })
    const watchers = this.#watchers
    return (async function* () {
      try {
        while (!signal.aborted) {
          if (pending) {
            pending = false
            yield 'changed'
          } else await new Promise<void>((resolve) => (wake = resolve))
        }
      } finally {
        watchers.delete(note)
      }
    })()
  }

  #store({ state, change }: { state: RingDesc; change: RingDesc | undefined }): boolean {
    this.ring = state
    if (change === undefined) return false
    for (const watcher of this.#watchers) watcher()
    return true
  }
}
