import { extendsIn, type Operation } from './operations.ts'
import type { Topology } from './topology.ts'

/**
 * The position of the first token strictly greater than `key`, or 0 when there is none: the ring wraps. A key equal
 * to a token therefore belongs to the next one (ring spec 5.1). `tokens` ascend and are not empty.
 */
export function firstTokenAfter(tokens: Uint32Array, key: number): number {
  let low = 0
  let high = tokens.length
  while (low < high) {
    const middle = (low + high) >>> 1
    if (tokens[middle]! > key) high = middle
    else low = middle + 1
  }
  return low === tokens.length ? 0 : low
}

/** How {@link findCandidates} goes round the ring. */
export interface Walk {
  /** Where it starts: 0 to 2^32 - 1. */
  readonly key: number
  readonly operation: Operation
  /** Instances wanted. */
  readonly replicationFactor: number
  /** Instances wanted of each named zone; `undefined` when zones do not matter. */
  readonly perZone: number | undefined
  /** The state of an instance by its position. */
  readonly state: (instance: number) => number
  /** Instances to pass over as if they were not there. Default: none. */
  readonly isSkipped?: (instance: number) => boolean
}

/**
 * The instances that hold a key, in ring order, before a replication strategy looks at their health (ring spec 5.2).
 * At most one full turn. Instances whose state extends are taken without counting; in a named zone their replacement
 * comes from the same zone. Instances without a zone name are not limited by zone.
 */
export function findCandidates(topology: Topology, walk: Walk): number[] {
  const { tokens, owners } = topology
  const candidates: number[] = []
  if (tokens.length === 0) return candidates
  const quota = walk.perZone === undefined ? undefined : new ZoneQuota(topology, walk.perZone)
  const seen = new Uint8Array(topology.names.length)
  let target = walk.replicationFactor
  let at = firstTokenAfter(tokens, walk.key)
  for (let step = 0; step < tokens.length && candidates.length < target && !quota?.isFilled; step++) {
    const instance = owners[at]!
    at = at + 1 === tokens.length ? 0 : at + 1
    if (seen[instance] === 1) continue
    if (quota !== undefined && !quota.examine(instance)) continue
    seen[instance] = 1
    if (walk.isSkipped?.(instance)) continue
    candidates.push(instance)
    if (extendsIn(walk.operation, walk.state(instance))) target++
    else quota?.take(instance)
  }
  return candidates
}

/**
 * How many each named zone has given. A zone is done when it gave its share or has nothing more to give; counting
 * only the instances that hold tokens ends the walk earlier than dskit does, with the same result.
 */
class ZoneQuota {
  readonly #topology: Topology
  readonly #perZone: number
  readonly #found: Uint32Array
  readonly #examined: Uint32Array
  #open: number

  constructor(topology: Topology, perZone: number) {
    this.#topology = topology
    this.#perZone = perZone
    this.#found = new Uint32Array(topology.zones.length)
    this.#examined = new Uint32Array(topology.zones.length)
    this.#open = topology.holdersInZone.reduce((open, holders) => open + Number(holders > 0), 0)
  }

  /** Whether no zone wants or has any more. Never true while there is an unnamed zone. */
  get isFilled(): boolean {
    return this.#open === 0
  }

  /** Whether the instance may be taken as far as its zone is concerned; it counts as looked at then. */
  examine(instance: number): boolean {
    const zone = this.#topology.zoneOf[instance]!
    if (this.#topology.zones[zone] === '') return true
    if (this.#found[zone]! >= this.#perZone) return false
    this.#examined[zone]!++
    if (this.#isExhausted(zone)) this.#open--
    return true
  }

  /** The instance counts toward its zone's share. */
  take(instance: number): void {
    const zone = this.#topology.zoneOf[instance]!
    if (this.#topology.zones[zone] === '') return
    this.#found[zone]!++
    if (this.#found[zone] === this.#perZone && !this.#isExhausted(zone)) this.#open--
  }

  #isExhausted(zone: number): boolean {
    return this.#examined[zone]! >= this.#topology.holdersInZone[zone]!
  }
}
