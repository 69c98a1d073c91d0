/** Clusters whose members have known each other for a while. */
import { lan } from '@hearsay/membership'
import { Cluster, type ClusterOptions } from '@hearsay/simulator'
import { type ProfileName, profiles, tuningOf } from './profile.ts'

/** What such a cluster is made from. */
export interface FormedOptions extends Pick<ClusterOptions, 'tuning' | 'network' | 'bytes' | 'envelope'> {
  readonly seed: number
  readonly size: number
  readonly profile: ProfileName
  /** All probe loops tick at multiples of the interval, instead of each in a phase of its own. */
  readonly isSynchronous?: boolean
}

/** When phases are spread: what is measured begins later. */
export const SETTLED_MS = 1000
/** Phases come in so many steps: sums of them are exact. */
const STEPS = 1024

/** A cluster at time {@link SETTLED_MS}, all alive, loops in random phases. */
export function formed({
  seed,
  size,
  profile,
  isSynchronous = false,
  tuning = lan,
  ...options
}: FormedOptions): Cluster {
  const { policy, research } = profiles[profile]
  const cluster = new Cluster({
    ...options,
    seed,
    tuning: tuningOf(profile, tuning),
    policy,
    research: { ...research, synchronousPhases: isSynchronous },
  })
  cluster.form(size)
  if (!isSynchronous) spreadPhases(cluster)
  cluster.run(SETTLED_MS)
  return cluster
}

/**
 * Members of one cluster are started at one instant here, and Go's loops tick an interval after the start: real
 * processes start at different times. So each one's clock runs ahead by anything up to one second.
 */
function spreadPhases({ nodes, world }: Cluster): void {
  const random = world.random('phases')
  for (const node of nodes) node.setClockRate(1 + Math.floor(random() * STEPS) / STEPS)
  world.schedule(SETTLED_MS, () => {
    for (const node of nodes) node.setClockRate(1)
  })
}
