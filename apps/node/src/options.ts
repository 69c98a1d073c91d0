/** What `createNode` may be told. One object, validated at once. */

import type { AnyValueType } from '@hearsay/kv'
import type { Logger, Tuning } from '@hearsay/membership'
import type { TlsOptions, Transport } from '@hearsay/transport'
import type { DelayTrackerOptions } from './delay-tracker.ts'
import type { JoinOptions } from './join-options.ts'

/** A preset: transport and numbers underneath everything that is said explicitly. */
export type Profile = 'lan' | 'wan' | 'local' | 'mimir'

/** Anything that makes transports, such as `memoryNetwork()`. */
export interface TransportSource {
  transport(options?: { readonly address?: string }): Transport
}

/** Numbers that may be changed one by one; what is absent comes from the profile. Times in milliseconds. */
export interface TuningOverrides {
  readonly probe?: Partial<Tuning['probe']>
  readonly suspicion?: Partial<Tuning['suspicion']>
  readonly gossip?: Partial<Tuning['gossip']>
  readonly pushPull?: Partial<Tuning['pushPull']>
  readonly rejoin?: Partial<Tuning['rejoin']>
  readonly streamTimeoutMs?: number
  readonly deadNodeReclaimMs?: number
}

/** Options of {@link createNode}. */
export interface NodeOptions extends JoinOptions {
  /** Unique in the cluster, 1 to 255 bytes. Default: the host name with eight random hex digits. */
  readonly name?: string
  /** Calls the start off, as long as `createNode` is pending; means nothing afterwards. */
  readonly signal?: AbortSignal
  /** Default `lan`. */
  readonly profile?: Profile
  /** IP addresses to listen on, all on one port; `::` is both families. Default `0.0.0.0`. */
  readonly bindAddress?: string | readonly string[]
  /** Port for packets and streams; 0 picks a free one. Default 7946. */
  readonly bindPort?: number
  /** IP address peers are told. Default: the bound one, or the best private one of this host. */
  readonly advertiseAddress?: string
  /** Port peers are told. Default: the bound one. */
  readonly advertisePort?: number
  /** `udp`: packets by UDP, streams by TCP. `tcp`: dskit's framing. Default: the profile's. Or a transport of your own, or a memory network. */
  readonly transport?: 'udp' | 'tcp' | Transport | TransportSource
  /** TLS between members, all of them or none; with the transport `tcp` only. Default: none. */
  readonly tls?: TlsOptions
  /** Cluster label, at most 255 bytes. Members of another label are refused. Default none. */
  readonly label?: string
  /** What to do with labels of others: see the wire package. Default `strict`. */
  readonly labelMode?: 'strict' | 'stripped-by-proxy' | 'ignore'
  /**
   * Encryption keys of the cluster, 16, 24 or 32 bytes each; the first seals, all of them open. Default none: nothing is
   * encrypted. Changed later with `node.keyring`.
   */
  readonly encryptionKeys?: readonly Uint8Array[]
  /** Refuse what is not encrypted with one of the keys. Off only while a running cluster moves to encryption. Default true. */
  readonly gossipVerifyIncoming?: boolean
  /** Encrypt what is sent, once there is a key. Off only while a running cluster moves to encryption. Default true. */
  readonly gossipVerifyOutgoing?: boolean
  /** memberlist's protocol version, 1 to 5. Default 2, as there. */
  readonly protocolVersion?: number
  /** Networks, such as `10.0.0.0/8`, that members must be in; others are neither heard nor listed. Default: any. */
  readonly allowedCidrs?: readonly string[]
  /** How packets and states are compressed. Default `lzw`. */
  readonly compression?: 'lzw' | 'snappy' | 'none'
  /** Metadata others see, at most 512 bytes. Default empty. */
  readonly meta?: Uint8Array
  /**
   * Zone-aware gossip as dskit's: members gossip within their zone, and its `bridge`s, a few are enough, with those of other
   * zones. Zone and role are announced before `meta`. Zones are at most 16 bytes. Default: none.
   */
  readonly zoneAwareRouting?: { readonly zone: string; readonly role?: 'member' | 'bridge' }
  /** Measure how long changes take to get here, as dskit does; members that do not take part log an error for each beacon. Default: no. */
  readonly propagationDelayTracker?: DelayTrackerOptions
  /** Application protocol versions, checked by every member: minimum, maximum, current. Default 0, 0, 0. */
  readonly delegateProtocol?: { readonly min: number; readonly max: number; readonly current: number }
  /** Overrides of single numbers. */
  readonly tuning?: TuningOverrides
  /** The first incarnation, or with `dataDir` the least. Default: seconds since 2020, so that a restart outranks its former self. */
  readonly initialIncarnation?: number
  /**
   * Directory, this node's alone, for what outlives a restart: its incarnation, which then never goes backwards, whatever the
   * clock does; and the store, which is there again after a restart (see `KvStore.restore`). Made if it is not there. Default:
   * nothing is kept.
   */
  readonly dataDir?: string
  /** How often the store is written to `dataDir`, when something has changed. Default 5000. */
  readonly snapshotIntervalMs?: number
  /** The gossiping store: `false` keeps its traffic off the wire. Default true. */
  readonly kvTraffic?: boolean
  /** Value types of the application; rings and the types of `@hearsay/kv` are always there. */
  readonly values?: readonly AnyValueType[]
  /** Send values that dskit's members do not know. Default: false under `mimir`, else true. */
  readonly allowForeignCodecs?: boolean
  /** How long a removed entry of a value is remembered. Default 300 000. */
  readonly leftIngestersTimeoutMs?: number
  /** How long a deleted key is remembered. Default 30 000 under `mimir`, as there, else 300 000: well above the push/pull interval. */
  readonly obsoleteEntriesTimeoutMs?: number
  /** Collect changes of the store for so long before watchers hear of them. Default 0: at once. */
  readonly notifyIntervalMs?: number
  /** Messages of one key that may wait to be merged. Default 1024. */
  readonly inboxPairsPerKey?: number
  /** Keys that may wait for one watcher of a prefix. Default 128. */
  readonly watchPrefixBufferSize?: number
  /** Bytes of messages sent, and as many of messages received, that are kept to be looked at. Default 0. */
  readonly messageHistoryBytes?: number
  /** Receives log lines. Default: nothing logs. */
  readonly logger?: Logger
}
