/** `/api/v1/rings`: hash rings as their readers see them. */
import type { InstanceView, OwnershipShare } from '@hearsay/ring'
import { ProblemError } from './problem.ts'
import type { AdminSource, RingViewSource } from './source.ts'

/** A ring as the list shows it. */
export interface RingSummaryJson {
  readonly key: string
  readonly instances: number
  /** How many instances are in each state. */
  readonly states: Readonly<Record<string, number>>
  readonly unhealthy: number
  readonly tokens: number
  readonly zones: readonly string[]
}

/** An instance of a ring. */
export interface InstanceJson {
  readonly id: string
  readonly addr: string
  readonly zone: string
  readonly state: string
  /** Its last heartbeat is recent enough. */
  readonly healthy: boolean
  /** Unix seconds of the last heartbeat. */
  readonly timestamp: number
  /** Unix seconds; 0 when unknown. */
  readonly registeredTimestamp: number
  readonly readOnly: boolean
  /** Ascending, without those that another instance holds. */
  readonly tokens: readonly number[]
  /** Share of the whole ring, 0 to 1. */
  readonly ownership: number
  /** Share among the instances of its zone, 0 to 1. */
  readonly zoneOwnership: number
}

/** One ring. */
export interface RingJson extends Omit<RingSummaryJson, 'instances'> {
  /** When heartbeats were judged, in ISO 8601. */
  readonly at: string
  /** In order of their ids. */
  readonly instances: readonly InstanceJson[]
}

/** Every ring the store knows, in order of their keys. */
export const ringsJson = (source: AdminSource): { readonly rings: readonly RingSummaryJson[] } => ({
  rings: [...source.rings()].sort().map((key) => summary(key, source.ring(key).view())),
})

/** One ring with its instances. Throws a {@link ProblemError} for a key that is no ring. */
export function ringJson(source: AdminSource, key: string): RingJson {
  const view = viewOf(source, key)
  const shares = view.ownership()
  return {
    ...summary(key, view),
    at: new Date(view.wallNow).toISOString(),
    instances: view.instances.map((instance) => instanceJson(instance, shares.get(instance.id))),
  }
}

/** The view of a key that holds a ring. */
export function viewOf(source: AdminSource, key: string): RingViewSource {
  if (!source.rings().includes(key)) throw new ProblemError('ring-unknown', `there is no ring ${JSON.stringify(key)}`)
  return source.ring(key).view()
}

function summary(key: string, view: RingViewSource): RingSummaryJson {
  const states: Record<string, number> = {}
  for (const { state } of view.instances) states[state] = (states[state] ?? 0) + 1
  return {
    key,
    instances: view.instances.length,
    states,
    unhealthy: view.instances.filter((instance) => !instance.isHeartbeatHealthy).length,
    tokens: view.tokenCount,
    zones: view.zones,
  }
}

function instanceJson(instance: InstanceView, share: OwnershipShare | undefined): InstanceJson {
  return {
    id: instance.id,
    addr: instance.address,
    zone: instance.zone,
    state: instance.state,
    healthy: instance.isHeartbeatHealthy,
    timestamp: instance.heartbeatAtMs / 1000,
    registeredTimestamp: instance.registeredAtMs / 1000,
    readOnly: instance.isReadOnly,
    tokens: [...instance.tokens],
    ownership: share?.ring ?? 0,
    zoneOwnership: share?.zone ?? 0,
  }
}
