/** Whoever wants to hear of a store: its watchers and its listeners. They are told when a turn is over, and everything is done. */
import { EventEmitter } from 'node:events'
import { Announcements } from './announcements.ts'
import type { ChangeNote } from './change.ts'
import type { UnixMs } from './contract.ts'
import type { Entry } from './entry.ts'
import { type KvStoreEvents, rejectionOf } from './events.ts'
import type { KvEffect } from './input.ts'
import { type KvChange, type Watch, Watchers, type WatchScope } from './watchers.ts'

/** What a bulletin needs of its store. */
export interface BulletinParts {
  readonly entry: (key: string) => Entry | undefined
  readonly wallNow: () => UnixMs
}

/** Tells. */
export class Bulletin {
  readonly #parts: BulletinParts
  readonly #watchers = new Watchers()
  readonly #events = new EventEmitter<KvStoreEvents>()
  readonly #announcements = new Announcements()

  constructor(parts: BulletinParts) {
    this.#parts = parts
  }

  /** Notifications lost because a prefix watcher's mailbox was full, by prefix. */
  get dropped(): ReadonlyMap<string, number> {
    return this.#watchers.dropped
  }

  get watcherCount(): number {
    return this.#watchers.size
  }

  watch(scope: WatchScope, bufferSize: number, signal: AbortSignal | undefined): Watch {
    return this.#watchers.add(scope, bufferSize, (note) => this.#read(note), signal)
  }

  on<Name extends keyof KvStoreEvents>(name: Name, listener: (...args: KvStoreEvents[Name]) => void): void {
    this.#events.on(name, listener as never)
  }

  off<Name extends keyof KvStoreEvents>(name: Name, listener: (...args: KvStoreEvents[Name]) => void): void {
    this.#events.off(name, listener as never)
  }

  /** An effect of which somebody may want to hear. */
  note(effect: KvEffect): void {
    switch (effect.kind) {
      case 'notify':
        return this.#announcements.push(() => this.#publish(effect.note))
      case 'purged':
        return this.#announcements.push(() => this.#events.emit('purged', effect.key))
      case 'implausible': {
        const { key, codecId, entries } = effect
        return this.#announcements.push(() => this.#events.emit('implausible', { key, codecId, entries }))
      }
      case 'received':
        if (effect.outcome === 'stored' || effect.outcome === 'shrunk' || effect.outcome === 'unchanged') return
        return this.#announcements.push(() => this.#events.emit('rejected', rejectionOf(effect)))
    }
  }

  /** The turn is over. */
  tell(): void {
    this.#announcements.tell()
  }

  /** Ends watches. */
  close(): void {
    this.#watchers.close()
  }

  #publish(note: ChangeNote): void {
    this.#watchers.publish(note, this.#parts.wallNow())
    if (this.#events.listenerCount('change') === 0) return
    const change = this.#read(note)
    if (change !== undefined) this.#events.emit('change', change)
  }

  /** A change as it is delivered: with the newest value; `undefined` when the key is gone. */
  #read(note: ChangeNote): KvChange | undefined {
    const entry = this.#parts.entry(note.key)
    if (entry === undefined || entry.type !== note.type) return undefined
    const { key, change, origin } = note
    const { visible: value, version, deleted } = entry
    return { key, codecId: entry.type.codecId, value, change, version, deleted, origin }
  }
}
