/** What membership counts: dskit's names, and ours. */
import { byName, counter, type Definition, gauge, type Sample } from './metric-definition.ts'

const client = 'memberlist_client_'

/** Members, messages, refusals, exchanges, and what the process itself did. */
export const membershipMetrics: readonly Definition[] = [
  gauge(
    `${client}cluster_members_count`,
    'Members that are alive or suspect, this one included',
    ({ membership }) => membership.members,
  ),
  gauge(`${client}cluster_node_health_score`, '0 is healthy', ({ membership }) => membership.healthScore),
  {
    name: `${client}zone_aware_routing_select_nodes_total`,
    help: 'Rounds for which members were chosen by zones; only with zone-aware routing',
    type: 'counter',
    read: ({ metrics: { zoneRouting } }) => (zoneRouting ? zoneRouting.choices : []),
  },
  {
    name: `${client}zone_aware_routing_select_nodes_skipped_total`,
    help: 'Of them, those without a filter, since a zone had no living bridge',
    type: 'counter',
    read: ({ metrics: { zoneRouting } }) => (zoneRouting ? zoneRouting.skipped : []),
  },
  {
    name: 'hearsay_members',
    help: 'Members by state; dead and left ones until they are forgotten',
    type: 'gauge',
    labels: ['state'],
    read: ({ source }) => {
      const counts = { alive: 0, suspect: 0, dead: 0, left: 0 }
      for (const { status } of source.members()) counts[status]++
      return byName('state', counts)
    },
  },
  {
    name: 'hearsay_messages_received_total',
    help: 'Messages received, by type',
    type: 'counter',
    labels: ['type'],
    read: ({ metrics }) => byName('type', metrics.membership.messagesIn),
  },
  {
    name: 'hearsay_messages_sent_total',
    help: 'Messages sent, by type',
    type: 'counter',
    labels: ['type'],
    read: ({ metrics }) => byName('type', metrics.membership.messagesOut),
  },
  {
    name: 'hearsay_drops_total',
    help: 'What came from outside and was refused, by reason',
    type: 'counter',
    labels: ['reason'],
    read: ({ metrics }) => byName('reason', metrics.membership.drops),
  },
  {
    name: 'hearsay_drops_by_peer_total',
    help: "What came from outside and was refused, by the peer's host and reason; only the hosts refused last",
    type: 'counter',
    labels: ['peer', 'reason'],
    read: ({ metrics }) =>
      Object.entries(metrics.membership.dropsByPeer).flatMap(([peer, drops]) =>
        Object.entries(drops).map(([reason, count]): Sample => [{ peer, reason }, count]),
      ),
  },
  {
    name: 'hearsay_encryption_keys',
    help: 'Encryption keys; 0 while nothing is encrypted',
    type: 'gauge',
    read: ({ source }) => source.keyring.size,
  },
  {
    name: 'hearsay_ignored_messages_total',
    help: 'Messages that were understood and ignored, by guard',
    type: 'counter',
    labels: ['reason'],
    read: ({ metrics }) => byName('reason', metrics.membership.ignored),
  },
  {
    name: 'hearsay_membership_events_total',
    help: 'Membership events by type',
    type: 'counter',
    labels: ['type'],
    read: ({ metrics }) => byName('type', metrics.membership.events),
  },
  {
    name: 'hearsay_push_pulls_total',
    help: 'Exchanges of full states: those begun here, those served, and those that failed',
    type: 'counter',
    labels: ['outcome'],
    read: ({ metrics: { membership } }) =>
      byName('outcome', {
        initiated: membership.pushPullsInitiated,
        served: membership.pushPullsServed,
        failed: membership.pushPullsFailed,
      }),
  },
  counter(
    'hearsay_refutations_total',
    'Claims about this member that it contradicted',
    ({ membership }) => membership.refutations,
  ),
  gauge('hearsay_relays', 'Pings on behalf of others that are under way', ({ membership }) => membership.relays),
  {
    name: 'hearsay_rejoins_total',
    help: 'Contacts made to find lost members again: those tried, and those of them that were answered',
    type: 'counter',
    labels: ['outcome'],
    read: ({ metrics: { membership } }) =>
      byName('outcome', { attempted: membership.rejoins.attempts, answered: membership.rejoins.successes }),
  },
  {
    name: 'hearsay_seed_lookups_total',
    help: 'Seeds looked up again while this member was alone: all, and those that brought no address',
    type: 'counter',
    labels: ['outcome'],
    read: ({ metrics: { membership } }) =>
      byName('outcome', { tried: membership.seedLookups, failed: membership.seedLookupFailures }),
  },
  {
    name: 'hearsay_broadcasts_waiting',
    help: 'What waits to be gossiped, by class',
    type: 'gauge',
    labels: ['class'],
    read: ({ metrics }) =>
      Object.entries(metrics.membership.queued).map(([each, { items }]): Sample => [{ class: each }, items]),
  },
  {
    name: 'hearsay_broadcasts_waiting_bytes',
    help: 'Size of what waits to be gossiped, by class',
    type: 'gauge',
    labels: ['class'],
    read: ({ metrics }) =>
      Object.entries(metrics.membership.queued).map(([each, { bytes }]): Sample => [{ class: each }, bytes]),
  },
  counter(
    'hearsay_process_lag_seconds_total',
    'Delays of this process that were long enough for its failure detector to know of them',
    ({ membership }) => membership.lag.totalMs / 1000,
  ),
  gauge(
    'hearsay_process_lag_max_seconds',
    'The longest of these delays since the start',
    ({ membership }) => membership.lag.maxMs / 1000,
  ),
  {
    name: 'hearsay_hooks_total',
    help: 'Hooks and listeners of the application: those that failed, merges refused, and of these those not decided in time',
    type: 'counter',
    labels: ['outcome'],
    read: ({ metrics: { membership } }) =>
      byName('outcome', {
        failed: membership.delegateErrors,
        'merge-refused': membership.mergeVetoes,
        'merge-timed-out': membership.mergeTimeouts,
      }),
  },
  counter(
    'hearsay_events_lost_total',
    'Events that readers of the event streams lost because they did not read',
    ({ membership }) => membership.eventsLost,
  ),
  counter(
    'hearsay_notifications_hurried_total',
    'Notifications that were delivered early because too many waited',
    ({ membership }) => membership.noticesHurried,
  ),
  counter(
    'hearsay_incarnation_save_errors_total',
    'Times that the incarnation could not be saved',
    ({ membership }) => membership.incarnationSaveErrors,
  ),
]
