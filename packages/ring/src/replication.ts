import { RingError } from './errors.ts'
import type { InstanceView } from './instance-view.ts'
import type { Operation } from './operations.ts'

/** Who serves a key. */
export interface ReplicationSet {
  /** Healthy replicas in ring order from the key. */
  readonly instances: readonly InstanceView[]
  /** So many of them may fail without the operation failing. */
  readonly maxErrors: number
}

/** What a strategy is asked. */
export interface ReplicationRequest {
  /** In ring order, healthy or not. */
  readonly candidates: readonly InstanceView[]
  readonly operation: Operation
  readonly replicationFactor: number
  /** Only for the wording of errors. */
  readonly zoneAwareness: boolean
}

/** Decides which candidates serve and how many may fail. Throws {@link RingError} NOT_ENOUGH_REPLICAS. */
export interface ReplicationStrategy {
  /** Whether one call may ask for more replicas than the ring is configured for. */
  readonly supportsExpansion: boolean
  filter(request: ReplicationRequest): ReplicationSet
}

/**
 * A majority has to be healthy (ring spec 5.3). Candidates that extended the set raise the majority, too: products
 * with rolling restarts look up with `write-no-extend` for that reason.
 */
export const quorumReplication: ReplicationStrategy = {
  supportsExpansion: false,
  filter(request) {
    const needed = Math.floor(Math.max(request.replicationFactor, request.candidates.length) / 2) + 1
    return requireHealthy(request, needed)
  },
}

/** One healthy replica is enough (ring spec 5.3). */
export const ignoreUnhealthyReplication: ReplicationStrategy = {
  supportsExpansion: true,
  filter: (request) => requireHealthy(request, 1),
}

function requireHealthy({ candidates, operation, zoneAwareness }: ReplicationRequest, needed: number): ReplicationSet {
  const healthy = candidates.filter((instance) => instance.serves(operation))
  if (healthy.length >= needed) return { instances: healthy, maxErrors: healthy.length - needed }
  const across = zoneAwareness ? ' across different availability zones' : ''
  const unhealthy = candidates.filter((instance) => !instance.serves(operation)).map((instance) => instance.address)
  const who = unhealthy.length === 0 ? '' : ` - unhealthy instances: ${unhealthy.join(',')}`
  throw new RingError(
    'NOT_ENOUGH_REPLICAS',
    `at least ${needed} live replicas required${across}, could only find ${healthy.length}${who}`,
  )
}
