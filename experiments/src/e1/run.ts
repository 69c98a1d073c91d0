/** One Threshold run: a quiet cluster, one anomaly, and who notices it when. */
import { lan, type Tuning } from '@hearsay/membership'
import type { Observer, SimNode } from '@hearsay/simulator'
import { Anomaly, choose } from '../profiles/anomaly.ts'
import { formed } from '../profiles/formed.ts'
import type { ProfileName } from '../profiles/profile.ts'
import { seedOf } from '../statistics/random.ts'

/** What to run. */
export interface Threshold {
  readonly profile: ProfileName
  /** Anomalous members. */
  readonly count: number
  readonly durationMs: number
  readonly repetition: number
  readonly bytes?: boolean
}

/** What came of it. Seconds after the start of the anomaly. */
export interface Latencies {
  /** For each anomalous member that somebody else declared failed: the first time. */
  readonly first: readonly number[]
  /** For each that all healthy members declared failed: the last time. */
  readonly full: readonly number[]
  /** … and for those the time between the two. */
  readonly spread: readonly number[]
  /** Failures declared of healthy members. */
  readonly falsePositives: number
  /** All members saw all healthy this long after the start; `undefined` when not within the limit. */
  readonly healthy: number | undefined
  readonly trace: string
}

/** Agents of the paper. */
export const SIZE = 128
const QUIET_MS = 15_000
const LIMIT_MS = 120_000

/** α = 5, β = 6: the paper’s main tables. */
export const paperTuning: Tuning = { ...lan, suspicion: { multiplier: 5, maxTimeoutMultiplier: 6 } }

/** Runs until everybody sees everybody healthy again, or for 120 s. */
export function threshold({ profile, count, durationMs, repetition, bytes = false }: Threshold): Latencies {
  const seed = seedOf('e1', count, durationMs, repetition)
  const cluster = formed({ seed, size: SIZE, profile, tuning: paperTuning, bytes })
  const { world } = cluster
  const startMs = world.now + QUIET_MS
  const members = choose(cluster.nodes, count, world.random('e1'))
  const anomaly = new Anomaly(cluster, members, { startMs, durationMs })
  const watch = new Watch(anomaly.members, startMs)
  cluster.run(startMs)
  cluster.observe(watch)
  cluster.run(startMs + durationMs)
  const isHealthy = world.runUntil(() => watch.isHealthy, startMs + LIMIT_MS)
  return {
    ...watch.latencies(),
    healthy: isHealthy ? (world.now - startMs) / 1000 : undefined,
    trace: cluster.trace.hash(),
  }
}

interface Accused {
  readonly firstAt: number
  lastAt: number
  healthyCount: number
}

/** Failures, and who is in doubt anywhere. */
class Watch implements Observer {
  readonly #anomalous: ReadonlySet<SimNode>
  readonly #names: ReadonlySet<string>
  readonly #startMs: number
  readonly #accused = new Map<string, Accused>()
  /** `observer name`: pairs in which somebody is not held healthy. */
  readonly #doubts = new Set<string>()
  #falsePositives = 0

  constructor(anomalous: ReadonlySet<SimNode>, startMs: number) {
    this.#anomalous = anomalous
    this.#names = new Set([...anomalous].map(({ name }) => name))
    this.#startMs = startMs
  }

  get isHealthy(): boolean {
    return this.#doubts.size === 0
  }

  latencies(): Pick<Latencies, 'first' | 'full' | 'spread' | 'falsePositives'> {
    const all = [...this.#accused.values()]
    const everywhere = all.filter(({ healthyCount }) => healthyCount === SIZE - this.#anomalous.size)
    const seconds = (atMs: number): number => (atMs - this.#startMs) / 1000
    return {
      first: all.map(({ firstAt }) => seconds(firstAt)),
      full: everywhere.map(({ lastAt }) => seconds(lastAt)),
      spread: everywhere.map(({ firstAt, lastAt }) => (lastAt - firstAt) / 1000),
      falsePositives: this.#falsePositives,
    }
  }

  afterInput: NonNullable<Observer['afterInput']> = (node, _input, effects, now) => {
    for (const effect of effects) {
      if (effect.kind !== 'event') continue
      const { type, member } = effect.event
      const pair = `${node.name} ${member.name}`
      if (type === 'suspect' || type === 'fail') this.#doubts.add(pair)
      else if (type === 'alive' || type === 'join') this.#doubts.delete(pair)
      if (type === 'fail') this.#failed(node, member.name, now)
    }
  }

  #failed(node: SimNode, name: string, now: number): void {
    if (!this.#names.has(name)) {
      this.#falsePositives++
      return
    }
    const accused = this.#accused.get(name) ?? { firstAt: now, lastAt: now, healthyCount: 0 }
    this.#accused.set(name, accused)
    if (this.#anomalous.has(node)) return
    accused.healthyCount++
    accused.lastAt = now
  }
}
