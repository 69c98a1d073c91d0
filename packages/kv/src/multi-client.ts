/**
 * Two stores, or more, behind one client: to move from one to another while everything runs (kv spec 8.4). The primary is read, watched and
 * written; what is written there can be mirrored into the others.
 */
import type { CasOptions, Decide, UpdateResult } from './cas.ts'
import type { KvClient } from './client.ts'
import type { ValueType } from './contract.ts'
import { KvError } from './errors.ts'
import type { KvChange, WatchOptions } from './watchers.ts'

/** How long mirroring one write may take. */
export const DEFAULT_MIRROR_TIMEOUT_MS = 2000

/** How a {@link MultiClient} begins. */
export interface MultiClientOptions {
  /** By name. */
  readonly stores: Readonly<Record<string, KvClient>>
  /** The name of the one that is used. */
  readonly primary: string
  /** Write what the primary has taken into all others. Default false. */
  readonly mirror?: boolean
  /** Default {@link DEFAULT_MIRROR_TIMEOUT_MS}; 0: as long as it takes. */
  readonly mirrorTimeoutMs?: number
  /** Hears of writes that could not be mirrored, and of stores that do not exist. Default: nobody does. */
  readonly logger?: { warn(message: string, fields?: Readonly<Record<string, unknown>>): void }
}

/** Counters of a {@link MultiClient}: dskit's `multikv_…`. */
export interface MultiClientMetrics {
  readonly primary: string
  readonly isMirroring: boolean
  readonly mirrorWrites: number
  readonly mirrorWriteErrors: number
}

/** See the file. `delete` is not mirrored, as in the reference: keys deleted during the move live on in the other stores. */
export class MultiClient implements KvClient {
  readonly #options: MultiClientOptions
  #primary: string
  #mirror: boolean
  #switching = new AbortController()
  #mirrorWrites = 0
  #mirrorWriteErrors = 0

  /** Throws OPTION_INVALID: fewer than two stores, or a primary that is none of them. */
  constructor(options: MultiClientOptions) {
    const names = Object.keys(options.stores)
    const problems = [
      ...(names.length < 2 ? ['stores: two or more are needed'] : []),
      ...(names.includes(options.primary) ? [] : [`primary: one of ${names.join(', ')} is needed`]),
      ...((options.mirrorTimeoutMs ?? 0) >= 0 ? [] : ['mirrorTimeoutMs: a number of at least 0 is needed']),
    ]
    if (problems.length > 0) throw new KvError('OPTION_INVALID', problems.join('; '))
    this.#options = options
    this.#primary = options.primary
    this.#mirror = options.mirror ?? false
  }

  /**
   * Switches the primary, or mirroring, or both. Watches under way go on in the new primary; other calls finish where they began. A
   * store that does not exist changes nothing, and is logged.
   */
  configure({ primary, mirror }: { readonly primary?: string; readonly mirror?: boolean }): void {
    if (mirror !== undefined) this.#mirror = mirror
    if (primary === undefined || primary === '' || primary === this.#primary) return
    if (!Object.hasOwn(this.#options.stores, primary)) {
      this.#options.logger?.warn('there is no such store to switch to', { primary })
      return
    }
    this.#primary = primary
    const before = this.#switching
    this.#switching = new AbortController()
    before.abort()
  }

  metrics(): MultiClientMetrics {
    return {
      primary: this.#primary,
      isMirroring: this.#mirror,
      mirrorWrites: this.#mirrorWrites,
      mirrorWriteErrors: this.#mirrorWriteErrors,
    }
  }

  get(key: string): unknown
  get<State>(key: string, type: ValueType<State>): State | undefined
  get(key: string, type?: ValueType<unknown>): unknown {
    return this.#store.get(key, type as never)
  }

  keys(prefix?: string): string[] {
    return this.#store.keys(prefix)
  }

  update<State>(
    key: string,
    type: ValueType<State>,
    fn: (state: State) => State | Promise<State>,
    options?: Pick<CasOptions, 'attempts' | 'signal'>,
  ): Promise<UpdateResult> {
    return this.#written(key, type, (store) => store.update(key, type, fn, options))
  }

  cas<State>(key: string, type: ValueType<State>, fn: Decide<State>, options?: CasOptions): Promise<UpdateResult> {
    return this.#written(key, type, (store) => store.cas(key, type, fn, options))
  }

  mergeIn<State>(key: string, type: ValueType<State>, state: State): Promise<UpdateResult> {
    return this.#written(key, type, (store) => store.mergeIn(key, type, state))
  }

  delete(key: string): Promise<UpdateResult> {
    return this.#store.delete(key)
  }

  async *watch<State = unknown>(
    name: string,
    options: WatchOptions = {},
  ): AsyncGenerator<KvChange<State>, undefined, undefined> {
    for (;;) {
      const switched = this.#switching.signal
      const signal = options.signal ? AbortSignal.any([options.signal, switched]) : switched
      yield* follow(this.#store.watch<State>(name, { ...options, signal }))
      if (options.signal?.aborted || !switched.aborted) return undefined
    }
  }

  get #store(): KvClient {
    return this.#options.stores[this.#primary]!
  }

  async #written<State>(
    key: string,
    type: ValueType<State>,
    write: (store: KvClient) => Promise<UpdateResult>,
  ): Promise<UpdateResult> {
    const { stores, mirrorTimeoutMs = DEFAULT_MIRROR_TIMEOUT_MS } = this.#options
    const primary = this.#store
    const result = await write(primary)
    const value = primary.get(key, type)
    if (!this.#mirror || !result.changed || value === undefined) return result
    const signal = mirrorTimeoutMs > 0 ? { signal: AbortSignal.timeout(mirrorTimeoutMs) } : {}
    await Promise.all(
      Object.entries(stores).map(async ([name, store]) => {
        if (store !== primary)
          await this.#mirrorInto(name, () => store.cas(key, type, () => value, { attempts: 1, ...signal }))
      }),
    )
    return result
  }

  /** What the primary has taken stands, whatever becomes of the copy. */
  async #mirrorInto(store: string, write: () => Promise<UpdateResult>): Promise<void> {
    this.#mirrorWrites++
    try {
      await write()
    } catch (error) {
      // The other store knew it already.
      if (error instanceof KvError && error.code === 'CAS_NO_CHANGE') return
      this.#mirrorWriteErrors++
      this.#options.logger?.warn('a write could not be mirrored', {
        store,
        error: error instanceof Error ? error.message : String(error),
      })
    }
  }
}

async function* follow<T>(changes: AsyncIterable<T>): AsyncGenerator<T, void, undefined> {
  for await (const change of changes) yield change
}
