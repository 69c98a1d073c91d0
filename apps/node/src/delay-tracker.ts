/**
 * Measures how long changes take to reach this member: members publish beacons with the time in the store, and look how old those of
 * others are when they come (kv spec 6.3). Only as good as clocks agree.
 */
import { randomBytes } from 'node:crypto'
import type { KvStore } from '@hearsay/kv'
import { asUnixMs } from '@hearsay/kv'
import type { Logger } from '@hearsay/membership'
import { type Beacons, beacon, DELAY_TRACKER_KEY, propagationDelayTracker } from '@hearsay/ring'
import type { ConfigProblem } from './errors.ts'
import { chance, pause } from './system.ts'

/** Upper bounds of the histogram, in seconds: Prometheus' usual ones. */
export const DELAY_BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const

/** How a member measures. */
export interface DelayTrackerOptions {
  /** About one beacon in so long in the whole cluster. Default 60 000. */
  readonly beaconIntervalMs?: number
  /** A beacon is deleted when it is so old. Default 600 000. */
  readonly beaconLifetimeMs?: number
  /** Warn of beacons that took so long; 0: never. Default 0. */
  readonly logLongerThanMs?: number
}

/** What was measured. */
export interface DelayMetrics {
  readonly beaconsPublished: number
  readonly beaconsReceived: number
  /** {@link DELAY_BUCKETS_S}, and how many delays are at most as long as each. */
  readonly bucketsS: readonly number[]
  readonly buckets: readonly number[]
  readonly count: number
  readonly sumSeconds: number
}

/** What a tracker needs of a node. */
export interface DelayTrackerParts {
  readonly store: KvStore
  readonly name: string
  readonly logger: Logger | undefined
  readonly wallNowMs?: () => number
}

/** Publishes and measures, from `start` to `close`. */
export class DelayTracker {
  readonly #parts: DelayTrackerParts
  readonly #intervalMs: number
  readonly #lifetimeMs: number
  readonly #logLongerThanMs: number
  readonly #wallNowMs: () => number
  readonly #closing = new AbortController()
  /** Ids that need no look any more: our own, and those that were measured. */
  readonly #seen = new Set<string>()
  readonly #buckets = new Array<number>(DELAY_BUCKETS_S.length).fill(0)
  /** On its way into the store: it is ours although it is not there yet. */
  #publishing: string | undefined
  #startedAtMs = 0
  #published = 0
  #received = 0
  #count = 0
  #sumSeconds = 0

  constructor(parts: DelayTrackerParts, options: DelayTrackerOptions) {
    this.#parts = parts
    this.#intervalMs = options.beaconIntervalMs ?? 60_000
    this.#lifetimeMs = options.beaconLifetimeMs ?? 600_000
    this.#logLongerThanMs = options.logLongerThanMs ?? 0
    this.#wallNowMs = parts.wallNowMs ?? Date.now
  }

  /** Begins, once the first round of joining is over. */
  start(): void {
    this.#startedAtMs = this.#wallNowMs()
    void this.#watch()
    void this.#publish()
  }

  get metrics(): DelayMetrics {
    return {
      beaconsPublished: this.#published,
      beaconsReceived: this.#received,
      bucketsS: DELAY_BUCKETS_S,
      buckets: [...this.#buckets],
      count: this.#count,
      sumSeconds: this.#sumSeconds,
    }
  }

  close(): void {
    this.#closing.abort()
  }

  async #publish(): Promise<void> {
    const { signal } = this.#closing
    await pause(chance() * this.#intervalMs, signal, false)
    while (!signal.aborted) {
      await this.#tick().catch((error: unknown) => {
        if (!signal.aborted) this.#parts.logger?.warn('a beacon could not be published', { error: String(error) })
      })
      await pause(this.#intervalMs, signal, false)
    }
  }

  /** Deletes what is too old, and publishes one unless somebody did so lately. */
  async #tick(): Promise<void> {
    const { store, name } = this.#parts
    const now = this.#wallNowMs()
    const live = store.get(DELAY_TRACKER_KEY, propagationDelayTracker) ?? propagationDelayTracker.empty()
    const isRecent = [...live.values()].some(({ publishedAt }) => now - Number(publishedAt) < this.#intervalMs)
    const id = isRecent ? undefined : newId()
    // Ours are not measured: known before they are written.
    if (id !== undefined) this.#seen.add(id)
    this.#publishing = id
    const { changed } = await store.update(DELAY_TRACKER_KEY, propagationDelayTracker, (beacons) => {
      const young = [...beacons].filter(([, { publishedAt }]) => now - Number(publishedAt) < this.#lifetimeMs)
      return new Map(id === undefined ? young : [...young, [id, beacon(asUnixMs(now), name)]])
    })
    this.#publishing = undefined
    if (id !== undefined && changed) this.#published++
  }

  async #watch(): Promise<void> {
    const { store } = this.#parts
    const changes = store.watch<Beacons>(DELAY_TRACKER_KEY, { prefix: false, signal: this.#closing.signal })
    for await (const { value } of changes) {
      for (const [id, { publishedAt, publishedBy }] of value)
        if (!this.#seen.has(id)) this.#measure(id, Number(publishedAt), publishedBy)
      for (const id of this.#seen) if (!value.has(id) && id !== this.#publishing) this.#seen.delete(id)
    }
  }

  #measure(id: string, publishedAtMs: number, publishedBy: string): void {
    this.#seen.add(id)
    // It may have waited in the state of whom we joined: that says nothing.
    if (publishedAtMs < this.#startedAtMs) return
    this.#received++
    const delayMs = this.#wallNowMs() - publishedAtMs
    if (delayMs < 0) return
    this.#count++
    this.#sumSeconds += delayMs / 1000
    for (const [index, bound] of DELAY_BUCKETS_S.entries()) if (delayMs <= bound * 1000) this.#buckets[index]!++
    if (this.#logLongerThanMs > 0 && delayMs >= this.#logLongerThanMs)
      this.#parts.logger?.warn('a beacon took long to get here', { publishedBy, delayMs })
  }
}

/** Not 0, as dskit's. */
const newId = (): string => String(randomBytes(8).readBigUInt64BE() || 1n)

/** What is wrong with the options. */
export function delayTrackerProblems(options: DelayTrackerOptions | undefined): ConfigProblem[] {
  if (options === undefined) return []
  const least = { beaconIntervalMs: 1, beaconLifetimeMs: 1, logLongerThanMs: 0 }
  return Object.entries(options).flatMap(([name, value]: [string, unknown]) => {
    const path = `propagationDelayTracker.${name}`
    if (!Object.hasOwn(least, name)) return [{ path, message: 'no such option' }]
    const from = least[name as keyof typeof least]
    const isFit = typeof value === 'number' && Number.isFinite(value) && value >= from
    return isFit ? [] : [{ path, message: `must be a number of milliseconds of at least ${from}, not ${value}` }]
  })
}
