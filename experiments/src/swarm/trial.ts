/** Runs one case under every law. */
import { faithful, improved } from '@hearsay/membership'
import {
  Acquaintances,
  allLaws,
  apply,
  type CheckerFactory,
  Cluster,
  FaultCounts,
  Forecast,
  isUp,
  Laws,
  type Observer,
  type SimNode,
  tellSeeds,
  type Violation,
} from '@hearsay/simulator'
import { type Case, endOfCase, type Profile, tuningOf } from './case.ts'

/** What a run came to. */
export interface TrialResult {
  readonly hash: string
  readonly events: number
  /** Hours of members that ran, added up. */
  readonly nodeHours: number
  readonly faults: Readonly<Record<string, number>>
  readonly evaluations: Readonly<Record<string, number>>
  readonly violations: readonly Violation[]
}

/** What else to do in a run. */
export interface TrialOptions {
  /** Default: all. */
  readonly laws?: readonly CheckerFactory[]
  readonly observers?: readonly Observer[]
}

/** Between two arrivals, of a cluster that grows. */
const ARRIVAL_MS = 40
/** After the last fault, for those to be introduced who cannot find each other. */
const INTRODUCTION_MS = 1000
const SEEDS = 3
/** Everybody tells of its round trips, so that there is something to be held to. */
const hooks = { tellsPings: true }

/** Runs a case. The same case gives the same result, always and everywhere. */
export function trial(each: Case, { laws = allLaws, observers = [] }: TrialOptions = {}): TrialResult {
  const tuning = tuningOf(each.tuning)
  const endsAtMs = endOfCase(each)
  const forecast = new Forecast(each.plan, endsAtMs)
  const faithfulOnes = faithfulNodes(each)
  const policyOf = (node: SimNode) => (faithfulOnes(node.index) ? faithful : improved)
  const cluster = new Cluster({ seed: each.seed, tuning, policy: each.profile === 'faithful' ? faithful : improved })
  const watch = new Laws({ tuning, nodes: cluster.nodes, forecast, policyOf }, laws)
  const faults = new FaultCounts()
  const acquaintances = new Acquaintances()
  for (const observer of [watch, faults, acquaintances, ...observers]) cluster.observe(observer)
  populate(cluster, each, faithfulOnes)
  const done = apply(each.plan, cluster)
  cluster.world.schedule(forecast.healedAtMs + INTRODUCTION_MS, () => introduce(cluster, acquaintances, each.profile))
  let upSeconds = 0
  const count = (): void => {
    upSeconds += cluster.nodes.filter(isUp).length
    cluster.world.schedule(1000, count)
  }
  cluster.world.schedule(1000, count)
  cluster.run(endsAtMs)
  cluster.end()
  faults.add('false claim heard', done.get('slander') ?? 0)
  return {
    hash: cluster.trace.hash(),
    events: cluster.world.eventCount,
    nodeHours: upSeconds / 3600,
    faults: Object.fromEntries(faults.counts),
    evaluations: Object.fromEntries(watch.checkers.map(({ name, evaluations }) => [name, evaluations])),
    violations: watch.violations,
  }
}

/** In a mixed cluster every other member, by chance of its seed, is as memberlist; newcomers are as ours. */
function faithfulNodes({ profile, seed, nodes }: Case): (index: number) => boolean {
  if (profile !== 'mixed') return () => profile === 'faithful'
  return (index) => index < nodes && Math.imul(seed + index * 7919, 0x9e3779b1) >>> 31 === 1
}

function populate(cluster: Cluster, { nodes, formed, profile }: Case, isFaithful: (index: number) => boolean): void {
  // All founders are alike: those of a mixed cluster come one after the other.
  if (formed && profile !== 'mixed') {
    cluster.form(nodes, { hooks })
    for (const node of cluster.nodes) tellSeeds(node, cluster.nodes.slice(0, SEEDS))
    return
  }
  for (let index = 0; index < nodes; index++)
    cluster.world.schedule(index * ARRIVAL_MS, () => {
      const node = cluster.add({ policy: isFaithful(index) ? faithful : improved, hooks })
      const seeds = cluster.nodes.slice(0, SEEDS).filter((seed) => seed !== node)
      if (seeds.length === 0) return
      tellSeeds(node, seeds)
      node.join(seeds)
    })
}

/**
 * What nobody could find is introduced: members of circles that never heard of each other. memberlist looks for nobody;
 * whoever uses it has a loop that joins again, so all of its members are told one.
 */
export function introduce(cluster: Cluster, acquaintances: Acquaintances, profile: Profile): void {
  const [first, ...others] = acquaintances.circles(cluster.nodes)
  const host = first?.[0]
  if (!host) return
  for (const circle of others) circle[0]!.join([host])
  if (profile === 'improved') return
  for (const node of cluster.nodes) if (node !== host && isUp(node)) node.join([host])
}
