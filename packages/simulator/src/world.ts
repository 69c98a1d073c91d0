/** Virtual time: a clock that moves from event to event, and everything that depends on chance or time hangs on it. */
import type { NodeSystem } from '@hearsay/membership'
import { type MemoryNetwork, type MemoryNetworkOptions, memoryNetwork } from '@hearsay/transport'
import { SimulatorError } from './errors.ts'
import { EventHeap, type Task } from './event-heap.ts'
import { labelled } from './random.ts'
import { afterPromises } from './system.ts'

/** Times are whole multiples of a 65,536th of a millisecond: sums are exact, and traces hash whole numbers. */
export const TICKS_PER_MS = 65_536

/** Wall time at the start of every world. */
const WORLD_EPOCH_MS = Date.UTC(2026, 0, 1)

/** Longest virtual time, and longest delay: beyond it, ticks are no whole numbers any more. */
const MAX_MS = 2 ** 52 / TICKS_PER_MS

/** A clock, a list of events, and chance, all from one seed. */
export class World {
  readonly seed: number
  /** Monotonic milliseconds since the start of the world. Only the world itself may set it. */
  now = 0
  /** Events that happened: deliveries, timers, and whatever was scheduled. */
  eventCount = 0
  /** What `system(…).resolver` finds; other names do not exist. */
  readonly names = new Map<string, readonly string[]>()
  readonly services = new Map<string, readonly { readonly host: string; readonly port: number }[]>()
  readonly #heap = new EventHeap()
  /** What waits until nothing more arrives at this instant. */
  #soon: (() => void)[] = []
  #soonDone = 0
  #running = false

  constructor(options: { readonly seed?: number } = {}) {
    this.seed = options.seed ?? 1
  }

  /** Events that are still to come, timers among them. */
  get pendingCount(): number {
    return this.#heap.size + this.#soon.length - this.#soonDone
  }

  /** Runs something `delayMs` from now, after whatever was scheduled for then before. Returns how to call it off. */
  schedule(delayMs: number, run: () => void): () => void {
    this.post(delayMs, run)
    const heap = this.#heap
    const { lastSlot, lastOrder } = heap
    return () => heap.cancel(lastSlot, lastOrder)
  }

  /** The same without a way back, for tasks that are used again. */
  post(delayMs: number, task: Task | (() => void)): void {
    this.#heap.push(this.due(delayMs), task)
  }

  /**
   * The time of something that is scheduled now: rounded up to a tick. What has any delay comes later than now: a timer that a
   * slower clock finds early by less than a number can say would otherwise be set again for ever.
   */
  due(delayMs: number): number {
    if (delayMs <= 0) return this.now
    const soonest = this.now + 1 / TICKS_PER_MS
    const at = Math.max(soonest, Math.ceil((this.now + delayMs) * TICKS_PER_MS) / TICKS_PER_MS)
    if (!(at <= MAX_MS)) throw new SimulatorError('BAD_TIME', `a delay of ${delayMs} ms cannot be kept`)
    return at
  }

  /** Runs something at this very instant, after everything that arrives or falls due at it. */
  afterIo(run: () => void): void {
    this.#soon.push(run)
  }

  /** Numbers from 0 to below 1, by seed and labels: draws elsewhere do not change them. */
  random(...labels: readonly (string | number)[]): () => number {
    return labelled(this.seed, ...labels)
  }

  /** Lets time pass until `untilMs`; everything due by then, that instant included, has happened. */
  run(untilMs: number): void {
    this.#guarded(() => {
      while (this.#step(untilMs));
      this.now = Math.max(this.now, untilMs)
    })
  }

  /** Lets time pass until something holds, which is looked at after each event; false when it does not by `limitMs`. */
  runUntil(holds: () => boolean, limitMs: number): boolean {
    return this.#guarded(() => {
      while (!holds()) {
        if (this.#step(limitMs)) continue
        this.now = Math.max(this.now, limitMs)
        return holds()
      }
      return true
    })
  }

  /** For whole applications: lets `durationMs` pass, and before each event whatever promises lead to. */
  async advance(durationMs: number): Promise<void> {
    const end = this.now + durationMs
    for (;;) {
      await afterPromises()
      if (!this.#step(end)) break
    }
    this.now = Math.max(this.now, end)
  }

  /** Lets time pass until something holds. Rejects with `TIMED_OUT` after `limitMs`. */
  async until(holds: () => boolean, limitMs = 60_000): Promise<void> {
    const end = this.now + limitMs
    for (;;) {
      await afterPromises()
      if (holds()) return
      if (!this.#step(end)) throw new SimulatorError('TIMED_OUT', `it did not come true within ${limitMs} virtual ms`)
    }
  }

  /** Lets time pass until a promise is settled, and gives what it came to. Rejects with `TIMED_OUT` after `limitMs`. */
  async finish<T>(promise: Promise<T>, limitMs = 60_000): Promise<T> {
    let settled = false
    const note = (): void => {
      settled = true
    }
    promise.then(note, note)
    await this.until(() => settled, limitMs)
    return promise
  }

  /** What a driver of production takes for clock, timers, event loop, chance and name resolution. */
  system(label: string | number): NodeSystem {
    return {
      now: () => this.now,
      wallNow: () => WORLD_EPOCH_MS + this.now,
      random: this.random('system', label),
      arm: (delayMs, callback) => this.schedule(delayMs, callback),
      afterIo: (callback) => this.afterIo(callback),
      resolver: {
        addresses: async (host) => found(this.names, host),
        services: async (name) => found(this.services, name),
      },
    }
  }

  /** A network for transports of production, in this world's time and from its seed. */
  network(options: MemoryNetworkOptions = {}): MemoryNetwork {
    return memoryNetwork({
      random: this.random('memory-network'),
      ...options,
      schedule: (delayMs, run) => this.schedule(delayMs, run),
    })
  }

  /** The next thing, if it is due by `untilMs`. */
  #step(untilMs: number): boolean {
    const at = this.#heap.nextAt
    if (at > this.now) {
      if (this.#soonDone < this.#soon.length) {
        this.#nextSoon()
        return true
      }
      if (at > untilMs) return false
      this.now = at
    }
    const task = this.#heap.pop()
    this.eventCount++
    if (typeof task === 'function') task()
    else task.fire()
    return true
  }

  #nextSoon(): void {
    const run = this.#soon[this.#soonDone++]!
    if (this.#soonDone === this.#soon.length) {
      this.#soon.length = 0
      this.#soonDone = 0
    }
    run()
  }

  #guarded<T>(run: () => T): T {
    if (this.#running)
      throw new SimulatorError('RUNNING', 'the world is running: it cannot be run from inside an event')
    this.#running = true
    try {
      return run()
    } finally {
      this.#running = false
    }
  }
}

function found<T>(table: ReadonlyMap<string, T>, name: string): T {
  const entry = table.get(name)
  if (entry === undefined) throw Object.assign(new Error(`getaddrinfo ENOTFOUND ${name}`), { code: 'ENOTFOUND' })
  return entry
}
