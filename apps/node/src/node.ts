/** What `createNode` returns. */
import type { KvStore, PlainValue } from '@hearsay/kv'
import type {
  JoinResult,
  Member,
  MemberEvent,
  MemberlistMetrics,
  Message,
  SpreadResult,
  ZoneRoutingMetrics,
} from '@hearsay/membership'
import type { Ring, RingInstanceOptions } from '@hearsay/ring'
import type { TransportStats } from '@hearsay/transport'
import type { Keyring } from '@hearsay/wire'
import type { DelayMetrics } from './delay-tracker.ts'

/** What became of one configured seed so far. */
export interface SeedStatus {
  readonly seed: string
  /** `pending` until it was tried once. */
  readonly outcome: 'pending' | 'joined' | 'failed'
  /** Why it failed, in one sentence. */
  readonly reason?: string
}

/** Counters of every layer. */
export interface NodeMetrics {
  readonly membership: MemberlistMetrics
  readonly transport: TransportStats
  readonly kv: ReturnType<KvStore['metrics']>
  /** Only with `propagationDelayTracker`. */
  readonly propagationDelay?: DelayMetrics
  /** Only with `zoneAwareRouting`. */
  readonly zoneRouting?: ZoneRoutingMetrics & { readonly zone: string; readonly role: 'member' | 'bridge' }
}

/** How a ring is read and taken part in. */
export interface RingOptions {
  /** Identity in the ring. Default: the node's name. */
  readonly instanceId?: string
  /** `host:port` written into the ring. Default: the node's address. */
  readonly address?: string
  readonly zone?: string
  readonly replicationFactor?: number
  readonly zoneAwareness?: boolean
  readonly heartbeatPeriodMs?: number
  readonly heartbeatTimeoutMs?: number
}

/** A member of a cluster: its view of the others, its store, its rings. */
export interface HearsayNode {
  readonly name: string
  /** `ip:port` that peers use. */
  readonly address: string
  /** Changes at every start: versions of the store compare only within one. */
  readonly bootId: string
  /** True once a seed was joined, or at once when there are no seeds. */
  readonly joined: boolean
  /** Snapshots with true state and incarnation. */
  members(): readonly Member[]
  /** Membership events from now on; ends when the node closes or `signal` aborts. */
  events(options?: { readonly signal?: AbortSignal }): AsyncIterableIterator<MemberEvent>
  readonly kv: KvStore
  /** The encryption keys, to be changed while traffic flows: add everywhere, use everywhere, then remove the old one. */
  readonly keyring: Keyring
  /** Whether what comes in must be encrypted, and what goes out is, once there is a key. */
  readonly encryption: { readonly verifyIncoming: boolean; readonly verifyOutgoing: boolean }
  /**
   * A ring by its key. Reading needs no registration; `join` takes part. The same object for the same key and options;
   * without options, the one that was asked for last.
   */
  ring(key: string, options?: RingOptions): Ring
  /** Keys of the rings the store knows. */
  rings(): readonly string[]
  /**
   * State of this member, of any size, that everybody can read as long as this member is there: it disappears when it leaves or is
   * found dead, and is back when that was wrong. Plain data (see `encodeValue`). Under `mimir` it needs `allowForeignCodecs`, else
   * rejects `CODEC_NOT_SENT`.
   */
  publish(key: string, value: PlainValue): Promise<void>
  /** Takes back what this member publishes under a key. */
  unpublish(key: string): Promise<void>
  /** What members that are there publish under a key, by their names. */
  published<T = PlainValue>(key: string): ReadonlyMap<string, T>
  /** The same as it is now, and again whenever it differs; ends when the node closes or `signal` aborts. */
  watchPublished<T = PlainValue>(
    key: string,
    options?: { readonly signal?: AbortSignal },
  ): AsyncIterableIterator<ReadonlyMap<string, T>>
  /** Send bytes to one member, by name; reliably on a stream unless told otherwise. */
  send(
    to: string,
    payload: Uint8Array,
    options?: { readonly reliable?: boolean; readonly signal?: AbortSignal },
  ): Promise<void>
  /**
   * Gossip bytes: this node tells a few members, `retransmitMultiplier × digits of n`, and nobody passes them on; in a
   * larger cluster, spread state with `kv`. `key`: a newer broadcast of the same key replaces a queued older one.
   */
  broadcast(payload: Uint8Array, options?: { readonly key?: string }): void
  /** Messages of `send` and `broadcast` from others, or membership events as they come. */
  on(type: 'message', listener: (message: Message) => void): this
  on(type: 'member', listener: (event: MemberEvent) => void): this
  off(type: 'message', listener: (message: Message) => void): this
  off(type: 'member', listener: (event: MemberEvent) => void): this
  /** Try seeds now. */
  join(seeds: readonly string[], options?: { readonly signal?: AbortSignal }): Promise<JoinResult>
  /** What became of the configured seeds. */
  seeds(): readonly SeedStatus[]
  /** New metadata, announced to everyone; says how far the news got (within 10 s). It holds in each case. */
  updateMeta(meta: Uint8Array, options?: { readonly signal?: AbortSignal }): Promise<SpreadResult>
  metrics(): NodeMetrics
  /**
   * Leave rings, send what local changes wait (at most 10 s), say good-bye (at most `timeoutMs`, default 20 000), close.
   * Rejects with the `RingError` of a ring that could not be left, after all the rest.
   */
  leave(options?: { readonly timeoutMs?: number }): Promise<void>
  /** Stop without leaving: others will find this member dead. Idempotent. */
  close(): Promise<void>
  [Symbol.asyncDispose](): Promise<void>
}

export type { RingInstanceOptions }
