/** The node itself: transport, membership, store and rings, composed. It holds no protocol, no merge and no lookup. */
import { KvStore, type PlainValue } from '@hearsay/kv'
import {
  type JoinResult,
  type Member,
  type MemberEvent,
  Memberlist,
  MemberlistError,
  type Message,
  type SpreadResult,
  type ZoneRouting,
} from '@hearsay/membership'
import { dskitCodecIds, partitionRingDesc, propagationDelayTracker, Ring, replicaDesc, ringDesc } from '@hearsay/ring'
import type { Transport } from '@hearsay/transport'
import type { Keyring } from '@hearsay/wire'
import { DelayTracker } from './delay-tracker.ts'
import { NodeError } from './errors.ts'
import { flushLocalBroadcasts } from './flush.ts'
import { membershipOptions } from './membership-options.ts'
import type { HearsayNode, NodeMetrics, RingOptions, SeedStatus } from './node.ts'
import { Publications } from './publications.ts'
import { SeedRounds } from './seed-rounds.ts'
import type { Settings } from './settings.ts'
import { StoreFile } from './store-file.ts'
import { StoreLog } from './store-log.ts'
import { storeOptions } from './store-options.ts'
import { isStorePair } from './store-pair.ts'
import { newBootId } from './system.ts'
import { chooseTransport } from './transport.ts'
import { announcedMeta, zoneRouting } from './zones.ts'

type MessageListener = (message: Message) => void
type MemberListener = (event: MemberEvent) => void

/** A member of a cluster; made by `createNode`. */
export class ClusterNode implements HearsayNode {
  readonly name: string
  readonly bootId = newBootId()
  readonly kv: KvStore
  readonly #settings: Settings
  readonly #transport: Transport
  readonly #memberlist: Memberlist
  readonly #seeds: SeedRounds
  readonly #storeFile: StoreFile | undefined
  readonly #publications: Publications
  readonly #delays: DelayTracker | undefined
  readonly #routing: ZoneRouting | undefined
  readonly #rings = new Map<string, Ring>()
  readonly #latestRings = new Map<string, Ring>()
  /** Each listener of messages, and what listens for it: pairs of the store are kept from it. */
  readonly #messageListeners = new Map<MessageListener, MessageListener>()
  #leaving: Promise<void> | undefined
  #closing: Promise<void> | undefined

  constructor(settings: Settings) {
    const { options, profile, name } = settings
    this.name = name
    this.#settings = settings
    this.#transport = chooseTransport(settings)
    const tracked = options.propagationDelayTracker ? [propagationDelayTracker] : []
    const allowForeignCodecs = options.allowForeignCodecs ?? profile.allowForeignCodecs
    this.kv = new KvStore({
      types: [ringDesc, partitionRingDesc, replicaDesc, ...tracked, ...(options.values ?? [])],
      // Told by people, and no other process's, nor our own next one's: what a counter counts by (see `counter`).
      writer: `${name}/${this.bootId}`,
      ...(allowForeignCodecs ? {} : { maySend: (codecId: string) => dskitCodecIds.includes(codecId) }),
      ...(options.leftIngestersTimeoutMs === undefined
        ? {}
        : { leftIngestersTimeoutMs: options.leftIngestersTimeoutMs }),
      obsoleteEntriesTimeoutMs: settings.obsoleteEntriesTimeoutMs,
      ...storeOptions(options),
    })
    if (options.logger) new StoreLog(this.kv, options.logger)
    this.#routing = zoneRouting(options)
    this.#memberlist = new Memberlist(membershipOptions(options, settings, this.#transport, this.#routing))
    if (options.kvTraffic !== false) this.#memberlist.use(this.kv.delegate())
    this.#publications = new Publications({
      store: this.kv,
      name,
      bootId: this.bootId,
      maySend: allowForeignCodecs,
      members: () => this.members(),
      events: (asked) => this.events(asked),
    })
    this.#delays =
      options.propagationDelayTracker &&
      new DelayTracker({ store: this.kv, name, logger: options.logger }, options.propagationDelayTracker)
    this.#storeFile =
      options.dataDir === undefined
        ? undefined
        : new StoreFile({
            directory: options.dataDir,
            store: this.kv,
            intervalMs: settings.snapshotIntervalMs,
            logger: options.logger,
          })
    this.#seeds = new SeedRounds({
      ...settings.joining,
      memberlist: this.#memberlist,
      logger: options.logger,
    })
  }

  /** Listens, tries each seed once, and goes on trying in the background. */
  async start(): Promise<void> {
    await this.#storeFile?.open()
    await this.#memberlist.start().catch((error: unknown) => {
      throw this.#explained(error)
    })
    const reachedCount = await this.#seeds.first()
    if (this.#routing) this.#routing.hasJoined = true
    // What the seeds told is merged in slices: whoever waited for the join also gets to see what it brought.
    await this.kv.idle()
    // Alone, nobody can know better than an old snapshot.
    if (this.members().length === 1) this.kv.useHints()
    const { options, joining } = this.#settings
    if (options.requireJoin && joining.seeds.length > 0 && reachedCount < joining.minNodes) {
      await this.close()
      throw this.#seeds.failure()
    }
    this.#delays?.start()
    this.#seeds.background()
  }

  get address(): string {
    return this.#memberlist.address
  }

  get keyring(): Keyring {
    return this.#memberlist.keyring
  }

  get encryption(): HearsayNode['encryption'] {
    const { gossipVerifyIncoming, gossipVerifyOutgoing } = this.#settings.options
    return { verifyIncoming: gossipVerifyIncoming !== false, verifyOutgoing: gossipVerifyOutgoing !== false }
  }

  get joined(): boolean {
    return this.#seeds.joined
  }

  members(): readonly Member[] {
    return this.#memberlist.members()
  }

  events(options: { readonly signal?: AbortSignal } = {}): AsyncIterableIterator<MemberEvent> {
    return this.#memberlist.events(options)
  }

  ring(key: string, options: RingOptions = {}): Ring {
    // One object for each key and way of reading it; without options, the one that was asked for last.
    const asked = JSON.stringify([key, options])
    const known = Object.keys(options).length === 0 ? this.#latestRings.get(key) : this.#rings.get(asked)
    if (known) return known
    const { instanceId = this.name, address = this.address, zone = '', ...rest } = options
    const { logger } = this.#settings.options
    const instance = { id: instanceId, address, zone }
    const ring = new Ring({ key, store: this.kv, instance, ...(logger ? { logger } : {}), ...rest })
    this.#rings.set(asked, ring)
    this.#latestRings.set(key, ring)
    return ring
  }

  rings(): readonly string[] {
    return this.kv.entries().flatMap((entry) => (entry.codecId === ringDesc.codecId ? [entry.key] : []))
  }

  publish(key: string, value: PlainValue): Promise<void> {
    return this.#publications.publish(key, value)
  }

  unpublish(key: string): Promise<void> {
    return this.#publications.unpublish(key)
  }

  published<T = PlainValue>(key: string): ReadonlyMap<string, T> {
    return this.#publications.published(key)
  }

  watchPublished<T = PlainValue>(
    key: string,
    { signal }: { readonly signal?: AbortSignal } = {},
  ): AsyncIterableIterator<ReadonlyMap<string, T>> {
    return this.#publications.watch(key, signal)
  }

  async send(
    to: string,
    payload: Uint8Array,
    options: { readonly reliable?: boolean; readonly signal?: AbortSignal } = {},
  ): Promise<void> {
    this.#refuseAmbiguous(payload)
    const { reliable = true, signal } = options
    await this.#memberlist.send(to, payload, signal ? { reliable, signal } : { reliable })
  }

  broadcast(payload: Uint8Array, options: { readonly key?: string } = {}): void {
    this.#refuseAmbiguous(payload)
    this.#memberlist.broadcast(options.key ?? newBootId(), payload)
  }

  on(type: 'message', listener: MessageListener): this
  on(type: 'member', listener: MemberListener): this
  on(type: 'message' | 'member', listener: MessageListener | MemberListener): this {
    if (type === 'member') this.#memberlist.on('member', listener as MemberListener)
    else this.#listen(listener as MessageListener)
    return this
  }

  off(type: 'message', listener: MessageListener): this
  off(type: 'member', listener: MemberListener): this
  off(type: 'message' | 'member', listener: MessageListener | MemberListener): this {
    if (type === 'member') this.#memberlist.off('member', listener as MemberListener)
    else {
      const listening = this.#messageListeners.get(listener as MessageListener)
      if (listening) this.#memberlist.off('message', listening)
      this.#messageListeners.delete(listener as MessageListener)
    }
    return this
  }

  join(seeds: readonly string[], options: { readonly signal?: AbortSignal } = {}): Promise<JoinResult> {
    return this.#memberlist.join(seeds, options)
  }

  seeds(): readonly SeedStatus[] {
    return this.#seeds.status()
  }

  updateMeta(meta: Uint8Array, options: { readonly signal?: AbortSignal } = {}): Promise<SpreadResult> {
    return this.#memberlist.updateMeta(announcedMeta(this.#settings.options, meta), options)
  }

  metrics(): NodeMetrics {
    const { zoneAwareRouting } = this.#settings.options
    return {
      membership: this.#memberlist.metrics(),
      transport: this.#transport.stats(),
      kv: this.kv.metrics(),
      ...(this.#delays ? { propagationDelay: this.#delays.metrics } : {}),
      ...(this.#routing && zoneAwareRouting
        ? { zoneRouting: { role: 'member', ...zoneAwareRouting, ...this.#routing.metrics } }
        : {}),
    }
  }

  leave(options: { readonly timeoutMs?: number } = {}): Promise<void> {
    this.#leaving ??= this.#leave(options)
    return this.#leaving
  }

  close(): Promise<void> {
    this.#closing ??= this.#close()
    return this.#closing
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  async #leave({ timeoutMs }: { readonly timeoutMs?: number }): Promise<void> {
    if (this.#closing) return this.#closing
    this.#seeds.stop()
    this.#delays?.close()
    // Rings first: their departure is a change of the store, which must have been sent before the good-bye.
    const departures = await Promise.allSettled([...this.#rings.values()].map((ring) => ring.leave()))
    try {
      await this.#publications.unpublishAll()
      await flushLocalBroadcasts(this.kv, this.#memberlist)
      await this.#memberlist.leave(timeoutMs === undefined ? {} : { timeoutMs })
    } catch (error) {
      // Closed in the middle of leaving: whoever did that does not want to wait.
      if (!this.#closing) throw error
    }
    const isCutShort = this.#closing !== undefined
    await this.close()
    // A ring that could not be left is told, but keeps nobody from the good-bye and nothing open.
    const stuck = departures.find((departure) => departure.status === 'rejected')
    if (stuck && !isCutShort) throw stuck.reason
  }

  async #close(): Promise<void> {
    this.#seeds.stop()
    this.#publications.close()
    this.#delays?.close()
    for (const ring of this.#rings.values()) await ring.close()
    await this.kv.close()
    await this.#storeFile?.close()
    await this.#memberlist.close()
  }

  /** Payloads that are pairs of the store are the store's; everything else is the application's. */
  #listen(listener: MessageListener): void {
    if (this.#messageListeners.has(listener)) return
    const listening: MessageListener = (message) => {
      if (!this.#usesKv || !isStorePair(message.payload)) listener(message)
    }
    this.#messageListeners.set(listener, listening)
    this.#memberlist.on('message', listening)
  }

  /** What keeps a member from starting, in the words of a node's options. */
  #explained(error: unknown): unknown {
    if (!(error instanceof MemberlistError) || error.code !== 'INCARNATION_STORE') return error
    const { cause } = error
    const why = cause instanceof Error ? cause.message : String(cause)
    const message = `dataDir ${this.#settings.options.dataDir} cannot be used: ${why}`
    return new NodeError('DATA_DIR_UNUSABLE', message, { cause })
  }

  #refuseAmbiguous(payload: Uint8Array): void {
    if (this.#usesKv && isStorePair(payload))
      throw new NodeError(
        'PAYLOAD_AMBIGUOUS',
        'this payload is a well-formed pair of the key-value store and would be merged as one: wrap it',
      )
  }

  get #usesKv(): boolean {
    return this.#settings.options.kvTraffic !== false
  }
}
