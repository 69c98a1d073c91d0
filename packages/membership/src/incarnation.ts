/** The first incarnation of a run, and its memory over restarts (DIV-15). */
import { MemberlistError } from './errors.ts'
import { MAX_INCARNATION } from './limits.ts'
import type { Logger } from './logger.ts'
import type { Counters } from './metrics.ts'
import type { System } from './turn.ts'

/** Where an incarnation survives a restart. Both may reject; what they reject with becomes the `cause` of ours. */
export interface IncarnationStore {
  /** The number saved last; `undefined` when there is none, or none that can be used. */
  load(): Promise<number | undefined>
  /** Keeps a number: once this has resolved, `load` finds it, also after a crash. */
  save(incarnation: number): Promise<void>
}

/** 2020-01-01 UTC, from which the default incarnation counts seconds: 32 bits last until 2156. */
const EPOCH_2020_MS = Date.UTC(2020, 0, 1)
/** How often a changed incarnation is saved. */
export const SAVE_INTERVAL_MS = 5000
/** How long closing waits for a save. */
const CLOSING_SAVE_MS = 5000

/** Whole seconds since 2020, at least 1: a restart outranks its former self unless that refuted once a second. */
export const clockIncarnation = (wallNowMs: number): number =>
  Math.min(MAX_INCARNATION - 1, Math.max(1, Math.floor((wallNowMs - EPOCH_2020_MS) / 1000) || 1))

/** What keeping needs. */
export interface KeeperOptions {
  readonly store: IncarnationStore
  readonly system: System
  readonly counters: Counters
  readonly logger: Logger | undefined
}

/** Keeps an incarnation: it never starts below what was saved, and what is saved follows it within {@link SAVE_INTERVAL_MS}. */
export class IncarnationKeeper {
  readonly #options: KeeperOptions
  #current: () => number = () => 0
  #saved = 0
  #saving: Promise<void> | undefined
  #disarm: (() => void) | undefined
  #closed = false

  constructor(options: KeeperOptions) {
    this.#options = options
  }

  /**
   * Chooses the first incarnation, above the saved one and at least `floor`, and saves it before anybody can hear of it.
   * Rejects with `INCARNATION_STORE` when the store can be neither read nor written.
   */
  async first(floor: number): Promise<number> {
    const { store, logger } = this.#options
    const saved = await this.#attempt('read', () => store.load())
    const usable = saved !== undefined && Number.isSafeInteger(saved) && saved >= 0 && saved <= MAX_INCARNATION
    if (saved !== undefined && !usable) logger?.warn('the saved incarnation is none, and is not used', { saved })
    const first = Math.min(MAX_INCARNATION, usable ? Math.max(saved + 1, floor) : floor)
    if (first === MAX_INCARNATION)
      logger?.error('the incarnations of this name are used up: others will not believe it; choose another name', {})
    await this.#attempt('written', () => store.save(first))
    this.#saved = first
    return first
  }

  /** Follows a number from now on. */
  follow(current: () => number): void {
    this.#current = current
    if (!this.#closed) this.#arm()
  }

  /** Saves a last time, within a bound. What fails is logged. */
  async close(): Promise<void> {
    if (this.#closed) return
    this.#closed = true
    this.#disarm?.()
    const following = this.#saved > 0
    await this.#bounded(
      (async () => {
        await this.#saving
        if (following) await this.#save()
      })(),
    )
  }

  #arm(): void {
    this.#disarm = this.#options.system.arm(SAVE_INTERVAL_MS, () => {
      // One that is still being saved is waited for: a slow disk must not get two writers.
      if (!this.#saving) void this.#save()
      this.#arm()
    })
  }

  #save(): Promise<void> {
    const incarnation = this.#current()
    if (incarnation <= this.#saved) return Promise.resolve()
    const { store, counters, logger } = this.#options
    this.#saving = this.#attempt('written', () => store.save(incarnation))
      .then(
        () => {
          this.#saved = incarnation
        },
        (error: unknown) => {
          counters.incarnationSaveErrors++
          logger?.warn('the incarnation could not be saved', { incarnation, error: String(error) })
        },
      )
      .finally(() => {
        this.#saving = undefined
      })
    return this.#saving
  }

  async #attempt<T>(deed: string, work: () => Promise<T>): Promise<T> {
    try {
      return await work()
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error)
      throw new MemberlistError('INCARNATION_STORE', `the saved incarnation cannot be ${deed}: ${why}`, {
        cause: error,
      })
    }
  }

  #bounded(work: Promise<void>): Promise<void> {
    return new Promise((resolve) => {
      const disarm = this.#options.system.arm(CLOSING_SAVE_MS, resolve)
      void work.finally(() => {
        disarm()
        resolve()
      })
    })
  }
}
