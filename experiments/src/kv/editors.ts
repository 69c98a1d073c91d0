/** Those who write to the stores of a run, at random, and wait now and then until it has got around. */
import { DEFAULT_CAS_ATTEMPTS, type UpdateResult } from '@hearsay/kv'
import { type EditWish, edited, entryNames, namesOf, type Subject, subjects } from './keys.ts'
import type { KvObserver } from './observer.ts'
import { type Contents, readState } from './reading.ts'
import type { SimStore } from './stores.ts'
import { codeOf, type Patience, Waits, type WaitsOptions } from './waits.ts'

/** What editors need. */
export interface EditorsOptions extends WaitsOptions {
  /** Is told what was done. */
  readonly observer: Required<Pick<KvObserver, 'edited' | 'deleted' | 'confirmed'>>
}

const DELETION_SHARE = 0.3
const REMOVAL_SHARE = 0.3
const SLOW_SHARE = 0.12
/** So that some are given up. */
const SLOW_ATTEMPTS = 2
const TTL_SHARE = 0.1
const ALL_SHARE = 0.08
const BURST_SHARE = 0.1
const BURST_EDITS = 12
const WAIT_SHARE = 0.6

/** Writes. Draws are of the world, by the number of the edit. */
export class Editors {
  readonly #options: EditorsOptions
  readonly #waits: Waits
  #serial = 0

  constructor(options: EditorsOptions) {
    this.#options = options
    this.#waits = new Waits(options)
  }

  /** So many edits between two times, or bursts of them. */
  schedule(count: number, fromMs: number, toMs: number): void {
    const { world } = this.#options.cluster
    const random = world.random('edits', fromMs)
    for (let each = 0; each < count; each++) {
      const atMs = fromMs + random() * (toMs - fromMs)
      const times = random() < BURST_SHARE ? BURST_EDITS : 1
      world.schedule(atMs - world.now, () => {
        for (let time = 0; time < times; time++) this.#one()
      })
    }
  }

  /** Somebody who is up does something. */
  #one(): void {
    const serial = ++this.#serial
    const random = this.#options.cluster.world.random('edit', serial)
    const one = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!
    const { up } = this.#options.shelf
    if (up.length === 0) return
    const store = one(up)
    const subject = one(subjects)
    const patience: Patience | undefined =
      random() < WAIT_SHARE
        ? {
            fraction: one([0.3, 0.5, 1]),
            patienceMs: one([1000, 10_000, 60_000]),
            exchange: random() < 0.8,
            changeOnly: random() < 0.7,
          }
        : undefined
    if (subject.deletable && random() < DELETION_SHARE) return void this.#delete(store, subject, patience)
    const wish: Omit<EditWish, 'wallMs'> = {
      subject,
      serial,
      name: one(entryNames),
      all: random() < ALL_SHARE,
      removes: random() < REMOVAL_SHARE,
      sizeBytes: one([0, 0, 10, 100, 3000]),
      ttlMs: random() < TTL_SHARE ? one([300, 5000, 40_000]) : undefined,
    }
    const slowMs = random() < SLOW_SHARE ? one([1, 30, 400, 2000]) : undefined
    void this.#edit(store, wish, slowMs, patience)
  }

  async #edit(
    store: SimStore,
    wish: Omit<EditWish, 'wallMs'>,
    slowMs: number | undefined,
    patience: Patience | undefined,
  ) {
    const { happenings, observer } = this.#options
    const { key, type } = wish.subject
    if (slowMs !== undefined) happenings.count('edit that took its time')
    let seen: Contents = { marks: [], removals: [] }
    const make = patiently(store, slowMs, (state) => {
      seen = readState(type, state)
      return edited({ ...wish, wallMs: store.wallNow() }, state, store.writer)
    })
    let result: UpdateResult
    try {
      const attempts = slowMs === undefined ? DEFAULT_CAS_ATTEMPTS : SLOW_ATTEMPTS
      result = await store.store.update(key, type, make, { attempts })
    } catch (error) {
      if (codeOf(error) !== 'CAS_EXHAUSTED') throw error
      return happenings.count('edit given up')
    }
    if (result.attempts > 1) happenings.count('edit tried again')
    if (!result.changed) return happenings.count('edit without effect')
    const isCount = type.codecId === 'hearsay.counter'
    const removes = wish.removes && !isCount
    const names = namesOf(wish, store.writer)
    const change = readState(type, result.change)
    happenings.count(isCount ? 'counted' : removes ? 'entry removed' : 'entry written')
    if (names.size > 1) happenings.count('several entries at once')
    if (change.marks.some(({ expiresAtMs }) => expiresAtMs !== undefined)) happenings.count('entry with a time to live')
    observer.edited({ store, key, seen, change, names, removes })
    if (patience && store.isUp)
      await this.#waits.forEdit(store, key, { contents: change, state: result.change }, patience)
  }

  async #delete(store: SimStore, subject: Subject, patience: Patience | undefined) {
    const { happenings, observer } = this.#options
    const { changed } = await store.store.delete(subject.key)
    if (!changed) return happenings.count('edit without effect')
    happenings.count('key deleted')
    observer.deleted(store, subject.key)
    if (patience) await this.#waits.forDeletion(store, subject.key, patience)
  }
}

/** The function of an edit, which may take its time; time is of the process. */
function patiently(store: SimStore, slowMs: number | undefined, make: (state: unknown) => unknown) {
  if (slowMs === undefined) return make
  return async (state: unknown) => {
    await new Promise<void>((resolve) => store.system.arm(slowMs, resolve))
    return make(state)
  }
}
