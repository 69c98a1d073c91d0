/** What the handler needs of a node: a structural interface, which `createNode()`'s result satisfies. */
import type { KvMetrics, KvStore } from '@hearsay/kv'
import type { Member, MemberEvent, MemberlistMetrics, ZoneRoutingMetrics } from '@hearsay/membership'
import type { Ring, RingView } from '@hearsay/ring'
import type { Keyring } from '@hearsay/wire'

/** What became of one configured seed. */
export interface SeedSource {
  readonly seed: string
  readonly outcome: 'pending' | 'joined' | 'failed'
  readonly reason?: string
}

/** The key-value store, as far as the API reaches. */
export type KvSource = Pick<
  KvStore,
  'entries' | 'entry' | 'get' | 'type' | 'foreign' | 'mergeIn' | 'cas' | 'delete' | 'watch' | 'history'
>

/** A ring at one moment. */
export type RingViewSource = Pick<RingView, 'wallNow' | 'instances' | 'zones' | 'tokenCount' | 'owner' | 'ownership'>

/** A ring, for reading. */
export interface RingSource extends Pick<Ring, 'replicas'> {
  view(): RingViewSource
}

/** The encryption keys, to be shown by fingerprint and changed. */
export type KeyringSource = Pick<Keyring, 'size' | 'keys' | 'fingerprints' | 'add' | 'use' | 'remove'>

/** Counters of the transport since the start, by direction and by reason. */
export interface TransportCounters {
  readonly packetsSent: number
  readonly packetsReceived: number
  readonly packetBytesSent: number
  readonly packetBytesReceived: number
  readonly streamsOpened: number
  readonly streamsAccepted: number
  readonly drops: Readonly<Partial<Record<string, number>>>
}

/** How long beacons took to get here. */
export interface DelaySource {
  readonly beaconsPublished: number
  readonly beaconsReceived: number
  /** Upper bounds, in seconds, and how many took at most so long. */
  readonly bucketsS: readonly number[]
  readonly buckets: readonly number[]
  readonly count: number
  readonly sumSeconds: number
}

/** Counters of every layer. */
export interface SourceMetrics {
  readonly membership: MemberlistMetrics
  readonly transport: TransportCounters
  readonly kv: KvMetrics
  /** Where the delay of beacons is measured. */
  readonly propagationDelay?: DelaySource
  /** Where gossip goes by zones. */
  readonly zoneRouting?: ZoneRoutingMetrics & { readonly zone: string; readonly role: 'member' | 'bridge' }
}

/** A node. */
export interface AdminSource {
  readonly name: string
  /** `ip:port` that peers use. */
  readonly address: string
  /** Changes at every start. Versions of the store compare only within one. */
  readonly bootId: string
  /** True once a seed was joined, or at once when there are none. */
  readonly joined: boolean
  members(): readonly Member[]
  /** Membership events from now on, until `signal` aborts. */
  events(options: { readonly signal: AbortSignal }): AsyncIterable<MemberEvent>
  seeds(): readonly SeedSource[]
  readonly kv: KvSource
  readonly keyring: KeyringSource
  /** Whether what comes in must be encrypted, and what goes out is, once there is a key. */
  readonly encryption: { readonly verifyIncoming: boolean; readonly verifyOutgoing: boolean }
  /** Keys of the rings the store knows. */
  rings(): readonly string[]
  ring(key: string): RingSource
  metrics(): SourceMetrics
}
