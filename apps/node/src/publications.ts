/**
 * State of single members: each owns what it publishes, and it is there for everybody as long as its owner is. In the store it is
 * one map by owner for each key; who is alive is asked when somebody looks, so a member that was declared dead by mistake has its
 * state back with its next sign of life.
 */
import { type KvStore, type LastWriterMap, lastWriterMap, type PlainValue } from '@hearsay/kv'
import type { Member, MemberEvent } from '@hearsay/membership'
import { NodeError } from './errors.ts'
import { pause } from './system.ts'

/** What keys of the store begin with that are published state. */
export const PUBLISHED_PREFIX = 'hearsay/published/'
/** What a member does not renew for so long is forgotten, wherever it is. */
export const PUBLICATION_TTL_MS = 15 * 60_000

/** One member's state, and the run of its process that published it. */
interface Publication {
  readonly boot: string
  readonly value: PlainValue
}

type Published = LastWriterMap<Publication>
const type = lastWriterMap<Publication>()

/** What publications need of a node. */
export interface PublicationsOptions {
  readonly store: KvStore
  readonly name: string
  readonly bootId: string
  /** Whether values for people may be sent at all (not under `mimir`). */
  readonly maySend: boolean
  readonly members: () => readonly Member[]
  readonly events: (options: { readonly signal: AbortSignal }) => AsyncIterableIterator<MemberEvent>
}

/** Publishes for one member, and reads what others publish. */
export class Publications {
  readonly #options: PublicationsOptions
  readonly #own = new Map<string, PlainValue>()
  readonly #closing = new AbortController()
  #isRenewing = false

  constructor(options: PublicationsOptions) {
    this.#options = options
    options.store.on('change', ({ key, value }) => {
      if (key.startsWith(PUBLISHED_PREFIX)) void this.#disown(key, value as Published)
    })
  }

  /** Local at once, with others when gossip gets there. Rejects: `CODEC_NOT_SENT`, and what the store rejects with. */
  async publish(key: string, value: PlainValue): Promise<void> {
    if (!this.#options.maySend)
      throw new NodeError('CODEC_NOT_SENT', 'this profile sends dskit’s values only, unless allowForeignCodecs is set')
    await this.#write(key, value)
    this.#own.set(key, value)
    if (!this.#isRenewing) void this.#renew()
  }

  /** Takes back what this member publishes under a key. */
  async unpublish(key: string): Promise<void> {
    this.#own.delete(key)
    await this.#options.store.update(PUBLISHED_PREFIX + key, type, (map) => map.delete(this.#options.name))
  }

  /** Takes everything back, before leaving. */
  async unpublishAll(): Promise<void> {
    for (const key of [...this.#own.keys()]) await this.unpublish(key)
  }

  /** What members that are there publish under a key, by their names. */
  published<T>(key: string): ReadonlyMap<string, T> {
    const map = this.#options.store.get(PUBLISHED_PREFIX + key, type)
    const found = new Map<string, T>()
    if (map === undefined || map.size === 0) return found
    for (const { name, status } of this.#options.members()) {
      const publication = status === 'alive' || status === 'suspect' ? map.get(name) : undefined
      if (publication !== undefined) found.set(name, publication.value as T)
    }
    return found
  }

  /** The same, first as it is now and then again whenever it differs. Ends with its signal and with the node. */
  async *watch<T>(key: string, signal?: AbortSignal): AsyncGenerator<ReadonlyMap<string, T>, void> {
    const ending = new AbortController()
    const ended = AbortSignal.any([this.#closing.signal, ending.signal, ...(signal ? [signal] : [])])
    let wake = (): void => {}
    const follow = async (changes: AsyncIterable<unknown>) => {
      for await (const _ of changes) wake()
    }
    void follow(this.#options.store.watch(PUBLISHED_PREFIX + key, { signal: ended, prefix: false }))
    void follow(this.#options.events({ signal: ended }))
    try {
      for (let seen: string | undefined; !ended.aborted; ) {
        const changed = new Promise<void>((resolve) => {
          wake = resolve
          ended.addEventListener('abort', () => resolve(), { once: true })
        })
        const now = this.published<T>(key)
        const view = this.#fingerprint(key, now)
        if (view !== seen) {
          seen = view
          yield now
        }
        await changed
      }
    } finally {
      ending.abort()
    }
  }

  /** Publishes nothing any more, and renews nothing. */
  close(): void {
    this.#closing.abort()
  }

  #write(key: string, value: PlainValue) {
    const { store, name, bootId: boot } = this.#options
    return store.update(PUBLISHED_PREFIX + key, type, (map) =>
      map.set(name, { boot, value }, { ttlMs: PUBLICATION_TTL_MS }),
    )
  }

  async #renew(): Promise<void> {
    const { signal } = this.#closing
    this.#isRenewing = true
    while (!signal.aborted) {
      await pause(PUBLICATION_TTL_MS / 3, signal, false)
      if (signal.aborted) return
      for (const [key, value] of this.#own) await this.#write(key, value).catch(() => {})
    }
  }

  /** What a former process under our name has published disappeared with it. */
  async #disown(key: string, map: Published): Promise<void> {
    const { store, name, bootId } = this.#options
    const publication = map.get(name)
    if (publication === undefined || publication.boot === bootId || this.#closing.signal.aborted) return
    const own = key.slice(PUBLISHED_PREFIX.length)
    const value = this.#own.get(own)
    const disowned =
      value === undefined ? store.update(key, type, (state) => state.delete(name)) : this.#write(own, value)
    await disowned.catch(() => {})
  }

  /** Two views with the same one say the same: who is there, and when each wrote. */
  #fingerprint(key: string, view: ReadonlyMap<string, unknown>): string {
    const written = this.#options.store.get(PUBLISHED_PREFIX + key, type)?.written
    return [...view.keys()]
      .sort()
      .map((name) => `${name}\n${written?.get(name)?.timestampMs}`)
      .join('\n')
  }
}
