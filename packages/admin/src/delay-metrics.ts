/** What the propagation delay tracker measured (kv spec 6.3), under dskit's names; only where it is on. */
import type { Definition, Sample } from './metric-definition.ts'
import type { DelaySource } from './source.ts'

const name = 'memberlist_propagation_tracker_'

const ifOn =
  (read: (delays: DelaySource) => number | Iterable<Sample>): Definition['read'] =>
  ({ metrics: { propagationDelay } }) =>
    propagationDelay === undefined ? [] : read(propagationDelay)

/** A histogram as its series, since it is counted elsewhere. */
export const delayMetrics: readonly Definition[] = [
  {
    name: `${name}delay_seconds_bucket`,
    help: 'Beacons of others that took at most so long to get here',
    type: 'counter',
    labels: ['le'],
    read: ifOn(({ bucketsS, buckets, count }) => [
      ...bucketsS.map((bound, index): Sample => [{ le: String(bound) }, buckets[index] ?? 0]),
      [{ le: '+Inf' }, count],
    ]),
  },
  {
    name: `${name}delay_seconds_sum`,
    help: 'What they took together, in seconds',
    type: 'counter',
    read: ifOn(({ sumSeconds }) => sumSeconds),
  },
  {
    name: `${name}delay_seconds_count`,
    help: 'Beacons of others that were measured',
    type: 'counter',
    read: ifOn(({ count }) => count),
  },
  {
    name: `${name}beacons_published_total`,
    help: 'Beacons published by this member',
    type: 'counter',
    read: ifOn(({ beaconsPublished }) => beaconsPublished),
  },
  {
    name: `${name}beacons_received_total`,
    help: 'Beacons of others that came here',
    type: 'counter',
    read: ifOn(({ beaconsReceived }) => beaconsReceived),
  },
]
