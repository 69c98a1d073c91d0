/** The stores of a run: one for each process, the driver of production on the virtual time of that process. */
import { setMaxListeners } from 'node:events'
import { asUnixMs, KvStore, type KvSystem } from '@hearsay/kv'
import type { Delegate } from '@hearsay/membership'
import { ringDesc } from '@hearsay/ring'
import { isUp, type SimNode, type SimProcess } from '@hearsay/simulator'
import { subjects } from './keys.ts'
import type { Depths, KvObserver, StoreView } from './observer.ts'
import { EntryReading, type Reading, readState } from './reading.ts'

/** How the stores of a run are made. */
export interface ShelfOptions {
  readonly keptMs: number
  readonly inboxPairsPerKey: number
  readonly mergeSliceMs: number
  /** By how much the wall clock of a member is wrong. */
  readonly skewMs: (node: SimNode) => number
  /** Whether a process finds the last snapshot of the one before. */
  readonly isRestored: (process: SimProcess) => boolean
  /** Is told of what stores do. */
  readonly observer: Required<Pick<KvObserver, 'queued' | 'changed' | 'purged'>>
}

/** A store in its process. */
export class SimStore implements StoreView {
  readonly store: KvStore
  readonly node: SimNode
  readonly life: number
  readonly writer: string
  /** Time and chance of its process. */
  readonly system: SimProcess['system']
  readonly wallNow: () => number

  constructor({ node, life, system }: SimProcess, options: ShelfOptions) {
    this.system = system
    this.node = node
    this.life = life
    this.writer = `${node.name}/${life}`
    const { keptMs, inboxPairsPerKey, mergeSliceMs, observer } = options
    const own: KvSystem = { ...system, wallNow: () => asUnixMs(system.wallNow() + options.skewMs(node)) }
    this.wallNow = own.wallNow
    this.store = new KvStore({
      system: own,
      writer: this.writer,
      types: [ringDesc],
      leftIngestersTimeoutMs: keptMs,
      obsoleteEntriesTimeoutMs: keptMs,
      inboxPairsPerKey,
      mergeSliceMs,
    })
    // Each wait listens for the end of the store; there are many here.
    setMaxListeners(0, this.store.closing)
    this.store.on('purged', (key) => observer.purged(this, key))
    this.store.on('change', ({ key, codecId, change, origin }) => {
      const type = this.store.type(codecId)
      const reading = this.read(key)
      if (type && reading) observer.changed({ store: this, key, origin, change: readState(type, change), reading })
    })
  }

  get member(): string {
    return this.node.name
  }

  get isUp(): boolean {
    return this.node.life === this.life && isUp(this.node)
  }

  get clockMs(): number {
    return this.system.now()
  }

  keys(): readonly string[] {
    return this.store.keys()
  }

  read(key: string): Reading | undefined {
    const entry = this.store.entry(key)
    return entry && new EntryReading(entry)
  }

  depths(): Depths {
    const { messagesInBroadcastQueue, messagesInBroadcastQueueBytes, inboxPairs, inboxBytes } = this.store.metrics()
    const { local, gossip } = messagesInBroadcastQueue
    return { local, relayed: gossip, queuedBytes: messagesInBroadcastQueueBytes, inboxPairs, inboxBytes }
  }

  /** What its process takes along: the store, and somebody who sees what it wants to be gossiped. */
  delegate({ queued }: ShelfOptions['observer']): Delegate {
    const own = this.store.delegate()
    return {
      ...own,
      attach: (host) =>
        own.attach({
          ...host,
          broadcast: (item) => {
            const { key, version, class: lane, names } = item
            queued({ store: this, key, version, class: lane, names })
            host.broadcast(item)
          },
        }),
    }
  }
}

/** All stores that there ever were, and what of them is on disk. */
export class Shelf {
  readonly all: SimStore[] = []
  /** Processes that began with the last snapshot of the one before; and those that began with nothing. */
  restoredCount = 0
  emptyCount = 0
  /** Snapshots that were too old to count at once. */
  hintedCount = 0
  readonly #options: ShelfOptions
  readonly #current = new Map<string, SimStore>()
  readonly #snapshots = new Map<number, Uint8Array>()

  constructor(options: ShelfOptions) {
    this.#options = options
  }

  /** What rides on a new process. */
  open(process: SimProcess): readonly Delegate[] {
    const store = new SimStore(process, this.#options)
    const snapshot = this.#snapshots.get(process.node.index)
    if (process.life > 0) {
      if (snapshot !== undefined && this.#options.isRestored(process)) {
        store.store.restore(snapshot)
        this.restoredCount++
        if (store.store.hints().length > 0) this.hintedCount++
      } else this.emptyCount++
    }
    this.all.push(store)
    this.#current.set(store.member, store)
    return [store.delegate(this.#options.observer)]
  }

  /** The store of a member, or the one that its last process had. */
  of(member: string): SimStore | undefined {
    return this.#current.get(member)
  }

  /** The stores of those who are up. */
  get up(): SimStore[] {
    return this.all.filter((store) => store.isUp)
  }

  /** Writes every store that can be written to disk. */
  save(): void {
    for (const { node, store } of this.up) this.#snapshots.set(node.index, store.snapshot())
  }
}

/** Keys that a run has. */
export const keyCount = subjects.length
