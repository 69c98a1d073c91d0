import type { KvEffect, KvOutcome, PairChannel } from './input.ts'
import type { KeyTombstones } from './tombstones.ts'

/** How often a remote pair met an outcome. */
export type OutcomeCounts = { readonly [outcome in KvOutcome]?: number }

/** Counters of a store since it was made, and gauges of now. Names follow kv spec 7.2, so that an exporter has only to add its prefix. */
export interface KvMetrics {
  /** User messages received. */
  readonly receivedBroadcasts: number
  readonly receivedBroadcastsBytes: number
  /** Not a pair, no key, or an unknown codec. */
  readonly receivedBroadcastsInvalid: number
  /** No room in the queue of its key. */
  readonly receivedBroadcastsDropped: number
  /** States received from peers; dskit calls them pushes (kv spec 7.2). */
  readonly statePushes: number
  readonly statePushesBytes: number
  /** States in which a pair could not be read; what came before it was merged. */
  readonly statePushesMalformed: number
  /** Pairs of received states without a key, or without room to wait. */
  readonly statePairsSkipped: number
  /** States made for peers; dskit calls them pulls. */
  readonly statePulls: number
  readonly statePullsBytes: number
  /** What became of the pairs of broadcasts and of states. */
  readonly broadcastOutcomes: OutcomeCounts
  readonly statePairOutcomes: OutcomeCounts
  /** What became of the pairs of restored snapshots. */
  readonly snapshotOutcomes: OutcomeCounts
  /** Entries that peers sent dated too far ahead to be believed, as often as they came. */
  readonly implausibleEntries: number
  /** Changes handed to gossip, by class; and those that could not be encoded, or that the full queue pushed out. */
  readonly broadcasts: { readonly local: number; readonly relayed: number }
  readonly messagesToBroadcastDropped: number
  /** Changes that still wait in the gossip queue (`queue="local"`, `queue="gossip"`). */
  readonly messagesInBroadcastQueue: { readonly local: number; readonly gossip: number }
  readonly messagesInBroadcastQueueBytes: number
  readonly casAttempts: number
  readonly casSuccesses: number
  readonly casFailures: number
  /** Keys, deleted ones included. */
  readonly storeCount: number
  readonly keysPurged: number
  /** Tombstones inside values, by key. */
  readonly valueTombstones: ReadonlyMap<string, KeyTombstones>
  /** Bytes kept of values nobody here can read. */
  readonly foreignBytes: number
  /** Lost notifications, by prefix. */
  readonly watchPrefixDroppedNotifications: ReadonlyMap<string, number>
  readonly pendingKeyNotifications: number
  readonly watchers: number
  /** Pairs that wait to be merged. */
  readonly inboxPairs: number
  readonly inboxBytes: number
}

/** The counters of {@link KvMetrics}, driven by effects. */
export class Counters {
  receivedBroadcasts = 0
  receivedBroadcastsBytes = 0
  receivedBroadcastsInvalid = 0
  receivedBroadcastsDropped = 0
  statePushes = 0
  statePushesBytes = 0
  statePushesMalformed = 0
  statePairsSkipped = 0
  statePulls = 0
  statePullsBytes = 0
  messagesToBroadcastDropped = 0
  casAttempts = 0
  casSuccesses = 0
  casFailures = 0
  keysPurged = 0
  implausibleEntries = 0
  readonly broadcasts = { local: 0, relayed: 0 }
  readonly #outcomes: Record<PairChannel, Map<KvOutcome, number>> = {
    broadcast: new Map(),
    'full-state': new Map(),
    snapshot: new Map(),
  }

  /** Counts what an effect tells. */
  observe(effect: KvEffect): void {
    switch (effect.kind) {
      case 'broadcast':
        this.broadcasts[effect.item.class]++
        break
      case 'broadcast-dropped':
        this.messagesToBroadcastDropped++
        break
      case 'purged':
        this.keysPurged++
        break
      case 'implausible':
        this.implausibleEntries += effect.entries.length
        break
      case 'received': {
        const counts = this.#outcomes[effect.channel]
        counts.set(effect.outcome, (counts.get(effect.outcome) ?? 0) + 1)
        const isInvalid = effect.outcome === 'unknown-codec' || effect.outcome === 'empty-key'
        if (isInvalid && effect.channel === 'broadcast') this.receivedBroadcastsInvalid++
        break
      }
    }
  }

  /** All of them, as they are now. */
  all() {
    return {
      ...this,
      broadcasts: { ...this.broadcasts },
      broadcastOutcomes: outcomeCounts(this.#outcomes.broadcast),
      statePairOutcomes: outcomeCounts(this.#outcomes['full-state']),
      snapshotOutcomes: outcomeCounts(this.#outcomes.snapshot),
    }
  }
}

const outcomeCounts = (counts: ReadonlyMap<KvOutcome, number>): OutcomeCounts => Object.fromEntries(counts)
