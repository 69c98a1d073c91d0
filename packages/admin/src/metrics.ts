/** `GET /metrics`: Prometheus text under dskit's names (kv spec 7.2, 7.3; ring spec 9.3), and a few of our own. */
import { Counter, Gauge, Registry } from 'prom-client'
import { delayMetrics } from './delay-metrics.ts'
import { membershipMetrics } from './membership-metrics.ts'
import { byName, counter, type Definition, gauge, type Sample, type Snapshot } from './metric-definition.ts'
import type { AdminSource, RingViewSource, SourceMetrics } from './source.ts'

/** The metrics of one node. */
export class Metrics {
  readonly #registry = new Registry()
  #snapshot: Snapshot | undefined

  constructor() {
    for (const definition of definitions) this.#register(definition)
  }

  /** For the answer's Content-Type. */
  get contentType(): string {
    return this.#registry.contentType
  }

  /** Everything as text. Without a node yet: only names and meanings. */
  async text(source: AdminSource | undefined): Promise<string> {
    this.#snapshot = source && { metrics: source.metrics(), source }
    return this.#registry.metrics()
  }

  #register({ name, help, type, labels = [], read }: Definition): void {
    const collect = (metric: Counter | Gauge) => {
      // Counters of the library only go up by their own steps; ours count elsewhere, so each scrape starts afresh.
      metric.reset()
      if (!this.#snapshot) return
      const values = read(this.#snapshot)
      if (typeof values === 'number') add(metric, {}, values)
      else for (const [labelled, value] of values) add(metric, labelled, value)
    }
    const options = { name, help, labelNames: [...labels], registers: [this.#registry] }
    if (type === 'counter')
      new Counter({
        ...options,
        collect() {
          collect(this)
        },
      })
    else
      new Gauge({
        ...options,
        collect() {
          collect(this)
        },
      })
  }
}

function add(metric: Counter | Gauge, labels: Readonly<Record<string, string>>, value: number): void {
  if (metric instanceof Counter) metric.inc(labels, value)
  else metric.set(labels, value)
}

const client = 'memberlist_client_'
const transport = 'memberlist_tcp_transport_'

const storeMetrics: readonly Definition[] = [
  counter(`${client}received_broadcasts_total`, 'User messages received', ({ kv }) => kv.receivedBroadcasts),
  counter(
    `${client}received_broadcasts_bytes_total`,
    'Size of the user messages received',
    ({ kv }) => kv.receivedBroadcastsBytes,
  ),
  counter(
    `${client}received_broadcasts_invalid_total`,
    'User messages that are no pair, have no key, or an unknown codec',
    ({ kv }) => kv.receivedBroadcastsInvalid,
  ),
  counter(
    `${client}received_broadcasts_dropped_total`,
    'User messages for which the queue of their key had no room',
    ({ kv }) => kv.receivedBroadcastsDropped,
  ),
  counter(`${client}state_pushes_total`, 'Full states received from peers', ({ kv }) => kv.statePushes),
  counter(`${client}state_pushes_bytes_total`, 'Size of the full states received', ({ kv }) => kv.statePushesBytes),
  counter(`${client}state_pulls_total`, 'Full states made for peers', ({ kv }) => kv.statePulls),
  counter(`${client}state_pulls_bytes_total`, 'Size of the full states made', ({ kv }) => kv.statePullsBytes),
  {
    name: `${client}messages_in_broadcast_queue`,
    help: 'Changes that wait to be gossiped: local ones, and those passed on',
    type: 'gauge',
    labels: ['queue'],
    read: ({ metrics }) => byName('queue', { ...metrics.kv.messagesInBroadcastQueue }),
  },
  gauge(
    `${client}messages_in_broadcast_queue_bytes`,
    'Size of the changes that wait to be gossiped',
    ({ kv }) => kv.messagesInBroadcastQueueBytes,
  ),
  counter(
    `${client}messages_to_broadcast_dropped_total`,
    'Changes that were not gossiped',
    ({ kv }) => kv.messagesToBroadcastDropped,
  ),
  counter(`${client}cas_attempt_total`, 'Attempts of compare-and-set', ({ kv }) => kv.casAttempts),
  counter(`${client}cas_success_total`, 'Successful compare-and-sets', ({ kv }) => kv.casSuccesses),
  counter(`${client}cas_failure_total`, 'Failed compare-and-sets', ({ kv }) => kv.casFailures),
  gauge(`${client}kv_store_count`, 'Keys, deleted ones included', ({ kv }) => kv.storeCount),
  {
    name: `${client}kv_store_value_tombstones`,
    help: 'Tombstones inside a value',
    type: 'gauge',
    labels: ['key'],
    read: ({ metrics }) =>
      Array.from(metrics.kv.valueTombstones, ([key, { remainingCount }]): Sample => [{ key }, remainingCount]),
  },
  {
    name: `${client}kv_store_value_tombstones_removed_total`,
    help: 'Tombstones dropped from a value',
    type: 'counter',
    labels: ['key'],
    read: ({ metrics }) =>
      Array.from(metrics.kv.valueTombstones, ([key, { removedTotal }]): Sample => [{ key }, removedTotal]),
  },
  {
    name: `${client}watch_prefix_dropped_notifications`,
    help: 'Notifications that a slow watcher of a prefix lost',
    type: 'counter',
    labels: ['prefix'],
    read: ({ metrics }) =>
      Array.from(metrics.kv.watchPrefixDroppedNotifications, ([prefix, count]): Sample => [{ prefix }, count]),
  },
  gauge(
    `${client}pending_key_notifications`,
    'Keys whose notification waits for the interval',
    ({ kv }) => kv.pendingKeyNotifications,
  ),
]

const drops = ({ transport }: SourceMetrics, ...reasons: string[]): number =>
  reasons.reduce((sum, reason) => sum + (transport.drops[reason] ?? 0), 0)

// Filled whatever the transport is: dashboards know these names.
const transportMetrics: readonly Definition[] = [
  counter(`${transport}incoming_streams_total`, 'Streams accepted', ({ transport }) => transport.streamsAccepted),
  counter(`${transport}outgoing_streams_total`, 'Streams opened', ({ transport }) => transport.streamsOpened),
  counter(`${transport}outgoing_stream_errors_total`, 'Streams that could not be opened', (m) =>
    drops(m, 'dial-failed'),
  ),
  counter(`${transport}packets_received_total`, 'Packets received', ({ transport }) => transport.packetsReceived),
  counter(
    `${transport}packets_received_bytes_total`,
    'Payload of the packets received',
    ({ transport }) => transport.packetBytesReceived,
  ),
  counter(`${transport}packets_received_errors_total`, 'Packets that could not be read', (m) =>
    drops(m, 'digest-mismatch', 'frame-malformed'),
  ),
  counter(`${transport}packets_sent_total`, 'Packets sent', ({ transport }) => transport.packetsSent),
  counter(
    `${transport}packets_sent_bytes_total`,
    'Payload of the packets sent',
    ({ transport }) => transport.packetBytesSent,
  ),
  counter(`${transport}packets_sent_errors_total`, 'Packets that could not be sent', (m) =>
    drops(m, 'send-failed', 'write-failed'),
  ),
  counter(`${transport}packets_dropped_total`, 'Packets for which no writer was free', (m) =>
    drops(m, 'no-writer', 'queue-full'),
  ),
  {
    name: 'hearsay_transport_drops_total',
    help: 'What the transport did not deliver, in or out, by reason',
    type: 'counter',
    labels: ['reason'],
    read: ({ metrics }) => byName('reason', metrics.transport.drops),
  },
]

/** States that are always there, even with nobody in them. */
const instanceStates = ['Unhealthy', 'ACTIVE', 'LEAVING', 'PENDING', 'JOINING'] as const

function* ringSamples(
  { source }: Snapshot,
  read: (key: string, view: RingViewSource) => Iterable<Sample>,
): Generator<Sample> {
  for (const key of source.rings()) yield* read(key, source.ring(key).view())
}

function byState(view: RingViewSource): Map<string, number[]> {
  const heartbeats = new Map<string, number[]>(instanceStates.map((state) => [state, []]))
  for (const { isHeartbeatHealthy, state, heartbeatAtMs } of view.instances) {
    const name = isHeartbeatHealthy ? state : 'Unhealthy'
    heartbeats.set(name, [...(heartbeats.get(name) ?? []), heartbeatAtMs / 1000])
  }
  return heartbeats
}

const ringMetrics: readonly Definition[] = [
  {
    name: 'ring_members',
    help: 'Instances of a ring by state; those whose heartbeat is too old are Unhealthy',
    type: 'gauge',
    labels: ['name', 'state'],
    read: (snapshot) =>
      ringSamples(snapshot, (name, view) =>
        Array.from(byState(view), ([state, heartbeats]): Sample => [{ name, state }, heartbeats.length]),
      ),
  },
  {
    name: 'ring_oldest_member_timestamp',
    help: 'The oldest heartbeat of a ring by state, in Unix seconds; 0 if there is none',
    type: 'gauge',
    labels: ['name', 'state'],
    read: (snapshot) =>
      ringSamples(snapshot, (name, view) =>
        Array.from(
          byState(view),
          ([state, heartbeats]): Sample => [
            { name, state },
            heartbeats.length === 0 ? 0 : heartbeats.reduce((oldest, next) => Math.min(oldest, next)),
          ],
        ),
      ),
  },
  {
    name: 'ring_tokens_total',
    help: 'Tokens of a ring',
    type: 'gauge',
    labels: ['name'],
    read: (snapshot) => ringSamples(snapshot, (name, view) => [[{ name }, view.tokenCount]]),
  },
]

const definitions: readonly Definition[] = [
  ...storeMetrics,
  ...membershipMetrics,
  ...delayMetrics,
  ...transportMetrics,
  ...ringMetrics,
]
