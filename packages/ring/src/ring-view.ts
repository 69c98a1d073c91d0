import type { UnixMs } from '@hearsay/kv/contract'
import { RingError } from './errors.ts'
import { fnv1a32 } from './fnv1a.ts'
import type { RingDesc } from './instance-ring/model.ts'
import { MAX_SKEW_MS } from './instance-ring/order.ts'
import { InstanceState } from './instance-ring/state.ts'
import { InstanceView, isHeartbeatHealthy } from './instance-view.ts'
import { findCandidates, firstTokenAfter } from './lookup.ts'
import { makeOperation, type Operation, operations } from './operations.ts'
import { type OwnershipShare, ownershipShares } from './ownership.ts'
import { quorumReplication, type ReplicationSet, type ReplicationStrategy } from './replication.ts'
import { ringHash } from './ring-hash.ts'
import { type NamedInstance, type Topology, topologyOf } from './topology.ts'

/** How a ring is read. All readers of one ring must agree on the first two, or they place keys differently. */
export interface RingViewOptions {
  /** Replicas of each key, at least 1. Default 3. */
  readonly replicationFactor?: number
  /** Whether replicas lie in different zones. Default false. */
  readonly zoneAwareness?: boolean
  /** An instance whose last heartbeat is longer ago serves nothing. Milliseconds, default 60,000. */
  readonly heartbeatTimeoutMs?: number
  /** Instances in these zones are as good as absent. Default none. */
  readonly excludedZones?: readonly string[]
  /** Who of the candidates serves. Default {@link quorumReplication}. */
  readonly strategy?: ReplicationStrategy
}

/** What one lookup may ask for. */
export interface GetOptions {
  /** Replicas wanted this once; below the ring's own factor it is ignored (ring spec 5.2). */
  readonly replicationFactor?: number | undefined
}

/** Anything that is not ACTIVE is passed over in favour of the next instance. */
const takesWork = makeOperation([InstanceState.ACTIVE])

/**
 * A ring at one moment, for reading: tombstones gone, contested tokens settled, health as of `wallNow`. Immutable.
 * Keys are 32-bit numbers, or strings, which are hashed with 32-bit FNV-1a over UTF-8.
 */
export class RingView {
  /** The moment at which the health of heartbeats was judged. */
  readonly wallNow: UnixMs
  /** Up to this moment every heartbeat counts as it does now, except perhaps at it; `Infinity` when that never ends. */
  readonly validUntil: number
  /** In byte order of their ids. */
  readonly instances: readonly InstanceView[]
  readonly #topology: Topology
  readonly #replicationFactor: number
  readonly #zoneAwareness: boolean
  readonly #strategy: ReplicationStrategy
  #hash: string | undefined
  #ownership: ReadonlyMap<string, OwnershipShare> | undefined

  /** `previous`, a view of the same ring with the same options, saves work when only heartbeats differ. */
  constructor(ring: RingDesc, wallNow: UnixMs, options: RingViewOptions = {}, previous?: RingView) {
    const timeoutMs = options.heartbeatTimeoutMs ?? 60_000
    this.#replicationFactor = options.replicationFactor ?? 3
    this.#zoneAwareness = options.zoneAwareness ?? false
    this.#strategy = options.strategy ?? quorumReplication
    if (!Number.isInteger(this.#replicationFactor) || this.#replicationFactor < 1)
      throw new RingError('OPTION_INVALID', `replicationFactor: not a whole number above 0: ${this.#replicationFactor}`)
    if (!(timeoutMs > 0)) throw new RingError('OPTION_INVALID', `heartbeatTimeoutMs: not above 0: ${timeoutMs}`)
    const live = liveInstances(ring, options.excludedZones ?? [])
    this.#topology = topologyOf(live, previous === undefined ? undefined : previous.#topology)
    this.wallNow = wallNow
    this.validUntil = healthChangesAt(live, wallNow, timeoutMs)
    this.instances = live.map(
      ([name, entry], index) =>
        new InstanceView(name, entry, this.#topology.held[index]!, isHeartbeatHealthy(entry, wallNow, timeoutMs)),
    )
  }

  /** The instance with this id. */
  instance(id: string): InstanceView | undefined {
    // Kept in byte order, not in a map: a view is made for every heartbeat, and asked for an id now and then.
    return this.instances.find((instance) => instance.id === id)
  }

  /** Every distinct zone of any instance, in byte order; the unnamed zone counts. */
  get zones(): readonly string[] {
    return this.#topology.zones
  }

  /** Number of distinct tokens. */
  get tokenCount(): number {
    return this.#topology.tokens.length
  }

  /**
   * The instance that holds the first token after the key, whatever its state and health; with that token
   * (ring spec 5.1). `undefined` when there are no tokens.
   */
  owner(key: number | string): { readonly token: number; readonly instance: InstanceView } | undefined {
    const { tokens, owners } = this.#topology
    if (tokens.length === 0) return undefined
    const at = firstTokenAfter(tokens, tokenOf(key))
    return { token: tokens[at]!, instance: this.instances[owners[at]!]! }
  }

  /**
   * The replicas of a key for an operation (ring spec 5.2). Throws {@link RingError}: EMPTY_RING, NOT_ENOUGH_REPLICAS,
   * or REPLICATION_FACTOR_UNSUPPORTED when more replicas are asked for than the strategy can give.
   */
  get(key: number | string, operation: Operation = operations.write, options: GetOptions = {}): ReplicationSet {
    const asked = options.replicationFactor ?? 0
    const replicationFactor = Math.max(asked, this.#replicationFactor)
    if (replicationFactor > this.#replicationFactor && !this.#strategy.supportsExpansion)
      throw new RingError(
        'REPLICATION_FACTOR_UNSUPPORTED',
        `replication factor ${asked} is above the ring's ${this.#replicationFactor}, which its strategy does not support`,
      )
    if (this.tokenCount === 0) throw new RingError('EMPTY_RING', 'no instance of the ring holds a token')
    const candidates = this.#walk(key, operation, replicationFactor)
    return this.#strategy.filter({
      candidates,
      operation,
      replicationFactor,
      zoneAwareness: this.#zoneAwareness,
    })
  }

  /**
   * The instances to give a key's work to, best first: ACTIVE ones with a recent heartbeat in ring order from the
   * key, spread over zones if the ring is zone-aware; others are passed over. In a ring where all are well, the same as
   * {@link get}. Never throws: fewer than asked for, or none, when there are no more.
   */
  preferred(key: number | string, replicationFactor: number = this.#replicationFactor): readonly InstanceView[] {
    const isSkipped = (index: number): boolean => !this.instances[index]!.serves(takesWork)
    return this.#walk(key, takesWork, replicationFactor, isSkipped)
  }

  /** How much of the key space each instance holds, by id (ring spec 5.8). */
  ownership(): ReadonlyMap<string, OwnershipShare> {
    this.#ownership ??= ownershipShares(this.#topology)
    return this.#ownership
  }

  /**
   * A fingerprint of what the ring says: ids, addresses, zones, states and tokens, without timestamps. Two processes
   * that read the same ring get the same one (see `ringHash`).
   */
  hash(): string {
    this.#hash ??= ringHash(this.instances)
    return this.#hash
  }

  #walk(
    key: number | string,
    operation: Operation,
    replicationFactor: number,
    isSkipped?: (index: number) => boolean,
  ): InstanceView[] {
    const perZone = Math.max(1, Math.floor(replicationFactor / this.#replicationFactor))
    return findCandidates(this.#topology, {
      key: tokenOf(key),
      operation,
      replicationFactor,
      perZone: this.#zoneAwareness ? perZone : undefined,
      state: (index) => this.instances[index]!.stateNumber,
      ...(isSkipped === undefined ? {} : { isSkipped }),
    }).map((index) => this.instances[index]!)
  }
}

/** Where a key lies: numbers as they are, strings by 32-bit FNV-1a over UTF-8. Throws OPTION_INVALID for other numbers. */
export function tokenOf(key: number | string): number {
  if (typeof key === 'string') return fnv1a32(key)
  if (!Number.isInteger(key) || key < 0 || key > 0xffff_ffff)
    throw new RingError('OPTION_INVALID', `key: neither a string nor a whole number of 32 bits: ${key}`)
  return key
}

function liveInstances(ring: RingDesc, excludedZones: readonly string[]): NamedInstance[] {
  return [...ring].filter(([, entry]) => !entry.isTombstone && !excludedZones.includes(entry.zone))
}

/** The next moment at which a heartbeat runs out, or at which one from the future becomes believable. */
function healthChangesAt(live: readonly NamedInstance[], wallNow: UnixMs, timeoutMs: number): number {
  let earliest = Number.POSITIVE_INFINITY
  for (const [, entry] of live) {
    const heartbeatAtMs = Number(entry.timestamp) * 1000
    const believableAt = heartbeatAtMs - MAX_SKEW_MS
    const runsOutAfter = heartbeatAtMs + timeoutMs
    if (believableAt > wallNow) earliest = Math.min(earliest, believableAt)
    else if (runsOutAfter >= wallNow) earliest = Math.min(earliest, runsOutAfter)
  }
  return earliest
}
