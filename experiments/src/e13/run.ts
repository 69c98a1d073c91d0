/** A cluster is split, stays so for a while, and is one network again. */
import { lan } from '@hearsay/membership'
import type { Cluster, Observer, SimNode } from '@hearsay/simulator'
import { formed } from '../profiles/formed.ts'
import { seedOf } from '../statistics/random.ts'
import { keepReconnecting, keepRejoining } from './helpers.ts'

/** Who looks for the lost: nobody, Serf, dskit, ours. */
export type Variant = 'P-GO' | 'P-GO, Serf reconnect' | 'P-GO, dskit rejoin' | 'P-TS'

/** How the members are divided. */
export type Split = '50/50' | '90/10' | '5 racks'

/** What to run. */
export interface Partition {
  readonly size: number
  readonly variant: Variant
  readonly split: Split
  readonly lengthMs: number
  readonly repetition: number
  readonly bytes?: boolean
}

/** How it went. */
export interface Healing {
  /** From the end of the partition until all see all, in seconds; `undefined` when not within the limit. */
  readonly healed: number | undefined
  /** Pairs in which somebody is still missing at the end. */
  readonly missingPairs: number
  /** Packets’ bytes sent after the partition, for each member. */
  readonly bytesEach: number
  /** [seconds after the end, share of pairs that see one another alive], twice a second for a while. */
  readonly curve: readonly (readonly [number, number])[]
  readonly trace: string
}

const START_MS = 5000
/** Serf looks every 30 s, dskit every 60 s; dead members are told of their death for 30 s. */
const LIMIT_MS = 300_000
const CURVE_MS = 60_000
const LOOK_MS = 500

/** Splits, waits, heals, and waits until all see all. */
export function partition({ size, variant, split, lengthMs, repetition, bytes = false }: Partition): Healing {
  const profile = variant === 'P-TS' ? 'P-TS' : 'P-GO'
  const seed = seedOf('e13', size, split, lengthMs, repetition)
  const cluster = formed({ seed, size, profile, tuning: lan, bytes })
  const { world, network, nodes } = cluster
  const random = world.random('e13')
  if (variant === 'P-GO, Serf reconnect') keepReconnecting(cluster, random)
  if (variant === 'P-GO, dskit rejoin') keepRejoining(cluster, random)
  const watch = new Watch(cluster)
  cluster.observe(watch)
  cluster.run(START_MS)
  network.partition(groupsOf(nodes, split))
  cluster.run(START_MS + lengthMs)
  network.heal()
  const healedAtMs = world.now
  const bytesBefore = network.counts.bytes
  const curve: (readonly [number, number])[] = []
  const look = (): void => {
    curve.push([(world.now - healedAtMs) / 1000, watch.share])
    if (world.now - healedAtMs < CURVE_MS) world.schedule(LOOK_MS, look)
  }
  look()
  const isHealed = world.runUntil(() => watch.share === 1, healedAtMs + LIMIT_MS)
  return {
    healed: isHealed ? (world.now - healedAtMs) / 1000 : undefined,
    missingPairs: watch.missingPairs,
    bytesEach: (network.counts.bytes - bytesBefore) / size,
    curve,
    trace: cluster.trace.hash(),
  }
}

function groupsOf(nodes: readonly SimNode[], split: Split): readonly (readonly SimNode[])[] {
  const sizes = { '50/50': [0.5, 0.5], '90/10': [0.9, 0.1], '5 racks': [0.2, 0.2, 0.2, 0.2, 0.2] }[split]
  let from = 0
  return sizes.map((share) => {
    const to = from + Math.round(share * nodes.length)
    const group = nodes.slice(from, to)
    from = to
    return group
  })
}

/** Counts pairs that see one another alive; suspects are doubted, and do not count. */
class Watch implements Observer {
  readonly #cluster: Cluster
  readonly #missing = new Set<string>()

  constructor(cluster: Cluster) {
    this.#cluster = cluster
  }

  get missingPairs(): number {
    return this.#missing.size
  }

  get share(): number {
    const { length } = this.#cluster.nodes
    return 1 - this.#missing.size / (length * (length - 1))
  }

  afterInput: NonNullable<Observer['afterInput']> = (node, _input, effects) => {
    for (const effect of effects) {
      if (effect.kind !== 'event') continue
      const { type, member } = effect.event
      if (member.name === node.name) continue
      const pair = `${node.name} ${member.name}`
      if (type === 'suspect' || type === 'fail' || type === 'leave') this.#missing.add(pair)
      else if (type === 'join' || type === 'alive') this.#missing.delete(pair)
    }
  }
}
