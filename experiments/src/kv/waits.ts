/** Those who wait until what they wrote has got around. */
import { KvError, type Propagation } from '@hearsay/kv'
import type { Cluster } from '@hearsay/simulator'
import type { Chronicle } from './chronicle.ts'
import type { Happenings } from './happenings.ts'
import type { Confirmation, KvObserver } from './observer.ts'
import { type Contents, holds } from './reading.ts'
import type { Shelf, SimStore } from './stores.ts'

/** How something is waited for. */
export interface Patience {
  readonly fraction: number
  readonly patienceMs: number
  readonly exchange: boolean
  /** For the edit alone, not for all that the key holds. */
  readonly changeOnly: boolean
}

/** What waits need. */
export interface WaitsOptions {
  readonly cluster: Cluster
  readonly shelf: Shelf
  readonly happenings: Happenings
  readonly chronicle: Chronicle
  /** Is told what came of them. */
  readonly observer: Required<Pick<KvObserver, 'confirmed'>>
}

/** What is known before a confirmation is there. */
type Expected = Omit<Confirmation, 'proven' | 'unprovenCount'>

/** The waits of a run. */
export class Waits {
  readonly #options: WaitsOptions

  constructor(options: WaitsOptions) {
    this.#options = options
  }

  /** For an edit, or for all that its key holds with it. */
  forEdit(
    store: SimStore,
    key: string,
    edit: { readonly contents: Contents; readonly state: unknown },
    patience: Patience,
  ): Promise<void> {
    const { contents, state } = edit
    if (patience.changeOnly) return this.#wait(store, this.#expected(store, key, contents, patience), patience, state)
    return this.#wait(store, this.#expected(store, key, store.read(key) ?? contents, patience), patience)
  }

  /** For a key to be deleted with others. */
  forDeletion(store: SimStore, key: string, patience: Patience): Promise<void> {
    const expected = this.#expected(store, key, store.read(key) ?? { marks: [], removals: [] }, patience)
    return this.#wait(store, { ...expected, isDeletion: true }, patience)
  }

  #expected(store: SimStore, key: string, { marks, removals }: Contents, { fraction }: Patience): Expected {
    return { store, key, fraction, marks, removals, isDeletion: false, sinceMs: this.#options.cluster.world.now }
  }

  async #wait(store: SimStore, expected: Expected, patience: Patience, change?: unknown): Promise<void> {
    const { cluster, happenings } = this.#options
    const { fraction, patienceMs, exchange } = patience
    const called = new AbortController()
    cluster.world.schedule(patienceMs, () => called.abort())
    const lives = new Map(cluster.nodes.map((node) => [node.name, node.life]))
    happenings.count('wait for propagation')
    try {
      const options = { fraction, exchange, signal: called.signal, ...(change !== undefined && { change }) }
      this.#confirmed(expected, await store.store.whenPropagated(expected.key, options), lives)
    } catch (error) {
      if (codeOf(error) !== 'NOT_PROPAGATED') throw error
      happenings.count('not confirmed in time')
    }
  }

  #confirmed(expected: Expected, { proven, unproven }: Propagation, lives: ReadonlyMap<string, number>): void {
    const { shelf, happenings, observer } = this.#options
    const stores = proven.flatMap((member) => {
      const store = shelf.of(member)
      return store ? [{ store, isSame: store.life === lives.get(member) }] : []
    })
    happenings.count('confirmed')
    this.#countLimits({ ...expected, proven: stores, unprovenCount: unproven.length })
    observer.confirmed({ ...expected, proven: stores, unprovenCount: unproven.length })
  }

  /** What is said, and true no longer, without anybody having said what is not so. */
  #countLimits({ key, marks, isDeletion, proven }: Confirmation): void {
    const { happenings, chronicle } = this.#options
    for (const { store, isSame } of proven) {
      const reading = store.read(key)
      if (isDeletion && reading !== undefined && reading.deletedAtMs === undefined)
        happenings.count('deletion confirmed by a store in which the key is alive')
      const isLost = (): boolean =>
        marks.some((mark) => !(reading && holds(reading, mark)) && !chronicle.mayBeGone(key, mark))
      if (!isDeletion && !isSame && isLost()) happenings.count('confirmed by a store that is lost since')
    }
  }
}

/** The reason of a store's error. */
export const codeOf = (error: unknown): string | undefined => (error instanceof KvError ? error.code : undefined)
