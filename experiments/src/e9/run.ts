/** Many processes join one seed at once. */
import { lan } from '@hearsay/membership'
import { Cluster, type Observer } from '@hearsay/simulator'
import { type ProfileName, profiles, tuningOf } from '../profiles/profile.ts'
import { seedOf } from '../statistics/random.ts'

/** What to run. */
export interface MassJoin {
  readonly size: number
  readonly profile: ProfileName
  /** Joiners start within this time of one another. */
  readonly spreadMs: number
  readonly repetition: number
  readonly bytes?: boolean
}

/** How it went. Seconds after the joiners began to start. */
export interface JoinResult {
  /** All see all; `undefined` when not within the limit. */
  readonly complete: number | undefined
  /** When 50, 90, 99 and 99.9 % of the (observer, member) pairs were there; `undefined` likewise. */
  readonly pairs: readonly (number | undefined)[]
  /** Different sizes that members saw, looking once a second. */
  readonly sizes: number
  /** Packets’ bytes sent until complete, for each member, and by the seed. */
  readonly bytesEach: number
  readonly seedPackets: number
  readonly streams: number
  /** Most items that waited in one member’s queue, looking once a second. */
  readonly peakQueue: number
  /** [seconds, share of pairs], four times a second. */
  readonly curve: readonly (readonly [number, number])[]
  readonly trace: string
}

const LEAD_MS = 10_000
/** One scaled push/pull of everybody, and more. */
const LIMIT_MS = 400_000
const LOOK_MS = 250
export const pairShares = [0.5, 0.9, 0.99, 0.999]

/** A seed; ten seconds later everybody else. */
export function massJoin({ size, profile, spreadMs, repetition, bytes = false }: MassJoin): JoinResult {
  const { policy, research } = profiles[profile]
  const cluster = new Cluster({
    seed: seedOf('e9', size, spreadMs, repetition),
    tuning: tuningOf(profile, lan),
    policy,
    research,
    bytes,
  })
  const { world, network } = cluster
  const watch = new Watch(cluster, size)
  cluster.observe(watch)
  const seed = cluster.add()
  cluster.run(LEAD_MS)
  const random = world.random('e9')
  for (let count = 1; count < size; count++) world.schedule(random() * spreadMs, () => cluster.add().join([seed]))
  watch.look()
  const isComplete = world.runUntil(() => watch.isComplete, LEAD_MS + LIMIT_MS)
  return {
    complete: isComplete ? (world.now - LEAD_MS) / 1000 : undefined,
    pairs: watch.pairTimes(),
    sizes: watch.sizes.size,
    bytesEach: network.counts.bytes / size,
    seedPackets: watch.seedPackets,
    streams: network.counts.streamsOpened,
    peakQueue: watch.peakQueue,
    curve: watch.curve,
    trace: cluster.trace.hash(),
  }
}

/** Counts who knows how many. */
class Watch implements Observer {
  readonly sizes = new Set<number>()
  readonly curve: (readonly [number, number])[] = []
  peakQueue = 0
  seedPackets = 0
  readonly #cluster: Cluster
  readonly #size: number
  readonly #known: number[] = []
  #pairs = 0
  #completeCount = 0
  #looks = 0

  constructor(cluster: Cluster, size: number) {
    this.#cluster = cluster
    this.#size = size
  }

  get isComplete(): boolean {
    return this.#completeCount === this.#size
  }

  pairTimes(): readonly (number | undefined)[] {
    return pairShares.map((share) => this.curve.find(([, at]) => at >= share)?.[0])
  }

  /** Now, and again and again. */
  look(): void {
    const { world, nodes } = this.#cluster
    this.curve.push([(world.now - LEAD_MS) / 1000, this.#pairs / this.#size ** 2])
    if (this.#looks++ % (1000 / LOOK_MS) === 0) {
      for (const { machine, index } of nodes) {
        this.sizes.add(this.#known[index] ?? 1)
        const depths = machine.queueDepths()
        this.peakQueue = Math.max(this.peakQueue, depths.control.items)
      }
    }
    world.schedule(LOOK_MS, () => this.look())
  }

  packet: NonNullable<Observer['packet']> = (from, _to, fate) => {
    if (fate === 'sent' && from.index === 0) this.seedPackets++
  }

  afterInput: NonNullable<Observer['afterInput']> = (node, _input, effects) => {
    for (const effect of effects) {
      if (effect.kind !== 'event') continue
      const { type } = effect.event
      if (type === 'join' || type === 'fail' || type === 'leave')
        return this.#count(node.index, node.machine.memberCount())
    }
    // The member itself is no event.
    if (this.#known[node.index] === undefined) this.#count(node.index, 1)
  }

  #count(index: number, known: number): void {
    const before = this.#known[index] ?? 0
    this.#known[index] = known
    this.#pairs += known - before
    if (before === this.#size) this.#completeCount--
    if (known === this.#size) this.#completeCount++
  }
}
