import { compareText } from '@hearsay/encoding'
import { resolveTokens, type TokenOwnership } from './instance-ring/conflicts.ts'
import type { InstanceDesc } from './instance-ring/instance-desc.ts'
import { InstanceState } from './instance-ring/state.ts'

/** A live instance with its name, which is its id (ring spec 5.1: old writers leave the field empty). */
export type NamedInstance = readonly [name: string, entry: InstanceDesc]

/** Where everything lies: what heartbeats leave alone. Instances and zones are known by their positions. */
export interface Topology extends TokenOwnership {
  /** In byte order. */
  readonly names: readonly string[]
  /** Every distinct zone of any instance, in byte order; the unnamed zone counts. */
  readonly zones: readonly string[]
  /** For each instance the position of its zone. */
  readonly zoneOf: Uint32Array
  /** For each zone how many of its instances hold tokens. */
  readonly holdersInZone: Uint32Array
  /** What it was made from, to see whether it still holds. */
  readonly instances: readonly InstanceDesc[]
}

/**
 * Works out a topology; gives back `previous` when only heartbeats and states differ. `live` are the instances that
 * are not tombstones, in byte order of their names.
 */
export function topologyOf(live: readonly NamedInstance[], previous?: Topology): Topology {
  if (previous !== undefined && stillHolds(previous, live)) return previous
  const instances = live.map(([, entry]) => entry)
  const zones = [...new Set(instances.map((entry) => entry.zone))].sort(compareText)
  const ownership = resolveTokens(instances)
  const zoneOf = Uint32Array.from(instances, (entry) => zones.indexOf(entry.zone))
  const holdersInZone = new Uint32Array(zones.length)
  for (const [index, held] of ownership.held.entries()) if (held.length > 0) holdersInZone[zoneOf[index]!]!++
  return { ...ownership, names: live.map(([name]) => name), zones, zoneOf, holdersInZone, instances }
}

function stillHolds(topology: Topology, live: readonly NamedInstance[]): boolean {
  return (
    topology.names.length === live.length &&
    live.every(([name, entry], index) => {
      const before = topology.instances[index]!
      return (
        name === topology.names[index] &&
        entry.zone === before.zone &&
        // Merging keeps one array for equal lists, so that this is a comparison of two pointers.
        entry.tokens === before.tokens &&
        (!topology.isContested || isLeaving(entry) === isLeaving(before))
      )
    })
  )
}

const isLeaving = (entry: InstanceDesc): boolean => entry.state === InstanceState.LEAVING
