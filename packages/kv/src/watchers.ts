import { type ChangeNote, type ChangeOrigin, coalesce } from './change.ts'
import type { UnixMs } from './contract.ts'
import { Mailbox } from './mailbox.ts'

/** A change as watchers and listeners get it. */
export interface KvChange<State = unknown> {
  readonly key: string
  readonly codecId: string
  /** The newest value when it is delivered, without tombstones. */
  readonly value: State
  /** Only what differs from what was delivered before, tombstones included: removed entries are found here. */
  readonly change: State
  readonly version: number
  /** The key is marked for deletion; its value can still be read until the purge. */
  readonly deleted: boolean
  /** Who made the newest of the changes. */
  readonly origin: ChangeOrigin
}

/** How to watch. */
export interface WatchOptions {
  /** Ends the watch. */
  readonly signal?: AbortSignal
  /** Watch all keys that begin so. Default: when the name is empty or ends in a slash. */
  readonly prefix?: boolean
}

/** What a watcher looks at. */
export interface WatchScope {
  /** A key, or what keys begin with. */
  readonly name: string
  readonly prefix: boolean
}

/** Makes a note into what is delivered; `undefined` when the key is gone by then. */
export type Deliver = (note: ChangeNote) => KvChange | undefined

/**
 * One watcher: changes of a key, or of all keys with a prefix, as they come. Whoever is slow gets one change for each
 * key, the newest value with all that changed (kv spec 1.6). Ends with its signal, with `return()` and with the store.
 */
export class Watch implements AsyncIterableIterator<KvChange> {
  readonly scope: WatchScope
  readonly #mailbox: Mailbox
  readonly #deliver: Deliver
  readonly #waiting: ((result: IteratorResult<KvChange, undefined>) => void)[] = []
  readonly #onEnd: (watch: Watch) => void
  readonly #signal: AbortSignal | undefined
  readonly #abort = () => this.end()
  #ended = false

  constructor(
    scope: WatchScope,
    bufferSize: number,
    deliver: Deliver,
    onEnd: (watch: Watch) => void,
    signal: AbortSignal | undefined,
  ) {
    this.scope = scope
    this.#mailbox = new Mailbox(bufferSize)
    this.#deliver = deliver
    this.#onEnd = onEnd
    this.#signal = signal
    signal?.addEventListener('abort', this.#abort)
  }

  /** Whether this watcher wants to hear of a key. */
  wants(key: string): boolean {
    return this.scope.prefix ? key.startsWith(this.scope.name) : key === this.scope.name
  }

  /** Takes a note. False: the mailbox is full and the note is lost. */
  post(note: ChangeNote, wallNow: UnixMs): boolean {
    if (!this.#mailbox.post(note, (older) => coalesce(older, note, wallNow))) return false
    while (this.#waiting.length > 0) {
      const change = this.#take()
      if (change === undefined) break
      this.#waiting.shift()!({ done: false, value: change })
    }
    return true
  }

  /** The next change, when there is one. */
  next(): Promise<IteratorResult<KvChange, undefined>> {
    const change = this.#ended ? undefined : this.#take()
    if (change !== undefined) return Promise.resolve({ done: false, value: change })
    if (this.#ended) return Promise.resolve({ done: true, value: undefined })
    return new Promise((resolve) => this.#waiting.push(resolve))
  }

  /** Stops watching. */
  return(): Promise<IteratorResult<KvChange, undefined>> {
    this.end()
    return Promise.resolve({ done: true, value: undefined })
  }

  [Symbol.asyncIterator](): this {
    return this
  }

  /** Stops watching; what is pending is dropped, whoever waits is told. */
  end(): void {
    if (this.#ended) return
    this.#ended = true
    this.#signal?.removeEventListener('abort', this.#abort)
    this.#onEnd(this)
    for (const resolve of this.#waiting.splice(0)) resolve({ done: true, value: undefined })
  }

  #take(): KvChange | undefined {
    for (let note = this.#mailbox.take(); note !== undefined; note = this.#mailbox.take()) {
      const change = this.#deliver(note)
      if (change !== undefined) return change
    }
    return undefined
  }
}

/** Everybody who watches. */
export class Watchers {
  readonly #watches = new Set<Watch>()
  readonly #dropped = new Map<string, number>()

  /** Number of watchers. */
  get size(): number {
    return this.#watches.size
  }

  /** Notifications lost because a prefix watcher's mailbox was full, by prefix. */
  get dropped(): ReadonlyMap<string, number> {
    return this.#dropped
  }

  /** Starts a watcher. It hears of changes from now on, not of what is there. */
  add(scope: WatchScope, bufferSize: number, deliver: Deliver, signal?: AbortSignal): Watch {
    const watch = new Watch(scope, bufferSize, deliver, (ended) => this.#watches.delete(ended), signal)
    this.#watches.add(watch)
    if (signal?.aborted) watch.end()
    return watch
  }

  /** Tells all whom it concerns. */
  publish(note: ChangeNote, wallNow: UnixMs): void {
    for (const watch of this.#watches) {
      if (!watch.wants(note.key) || watch.post(note, wallNow)) continue
      this.#dropped.set(watch.scope.name, (this.#dropped.get(watch.scope.name) ?? 0) + 1)
    }
  }

  /** Ends all. */
  close(): void {
    for (const watch of [...this.#watches]) watch.end()
  }
}
