/** `GET /api/v1/rings/{key}/lookup?key=…&op=…`: who holds a key of a ring, and why. */
import type { InstanceView, OperationName, ReplicationSet } from '@hearsay/ring'
import { ProblemError } from './problem.ts'
import { viewOf } from './rings.ts'
import type { AdminSource } from './source.ts'

const operationNames: readonly OperationName[] = ['write', 'write-no-extend', 'read', 'reporting']

/** An instance that holds a key. */
export interface ReplicaJson {
  readonly id: string
  readonly addr: string
  readonly zone: string
  readonly state: string
}

/** Who holds a key. */
export interface LookupJson {
  /** The first token after the key. */
  readonly token: number
  /** Whose token that is, healthy or not. */
  readonly owner: string
  /** Healthy replicas in ring order from the key. */
  readonly replicas: readonly ReplicaJson[]
  /** So many of them may fail without the operation failing. */
  readonly maxErrors: number
  /** In a sentence. */
  readonly why: string
}

/** Looks a key up. Throws a {@link ProblemError} when the question is wrong or the ring has no answer. */
export function lookup(source: AdminSource, ringKey: string, query: URLSearchParams): LookupJson {
  const view = viewOf(source, ringKey)
  const key = query.get('key')
  if (key === null) throw new ProblemError('query-invalid', 'say which key to look up, as in ?key=job-42')
  if (query.has('rf'))
    throw new ProblemError(
      'query-invalid',
      'rf is not available: lookups use the replication factor the ring is read with',
    )
  const op = operationNames.find((name) => name === (query.get('op') ?? 'write'))
  if (!op) throw new ProblemError('query-invalid', `op must be one of ${operationNames.join(', ')}`)
  const owner = view.owner(key)
  if (!owner) throw new ProblemError('lookup-failed', 'no instance of the ring holds a token')
  const { instances, maxErrors } = replicasOf(source, ringKey, key, op)
  return {
    token: owner.token,
    owner: owner.instance.id,
    replicas: instances.map(({ id, address, zone, state }) => ({ id, addr: address, zone, state })),
    maxErrors,
    why: why(owner, instances),
  }
}

function replicasOf(source: AdminSource, ringKey: string, key: string, op: OperationName): ReplicationSet {
  try {
    return source.ring(ringKey).replicas(key, { op })
  } catch (error) {
    const { code, message } = error as Error & { readonly code?: unknown }
    if (typeof code === 'string') throw new ProblemError('lookup-failed', message, { code })
    throw error
  }
}

function why(
  owner: { readonly token: number; readonly instance: InstanceView },
  replicas: readonly InstanceView[],
): string {
  const { id } = owner.instance
  const first = `the first token after the key is ${owner.token}, held by ${id}`
  if (replicas.some((replica) => replica.id === id)) return first
  const reason = owner.instance.isHeartbeatHealthy ? `it is ${owner.instance.state}` : 'its heartbeat is too old'
  return `${first}, which does not serve because ${reason}`
}
