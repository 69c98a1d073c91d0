/** One Interval run: anomalies that come again and again, and who is accused without reason. */
import type { Observer, SimNode } from '@hearsay/simulator'
import { paperTuning, SIZE } from '../e1/run.ts'
import { Anomaly, choose } from '../profiles/anomaly.ts'
import { formed } from '../profiles/formed.ts'
import type { ProfileName } from '../profiles/profile.ts'
import { seedOf } from '../statistics/random.ts'

/** What to run. */
export interface IntervalRun {
  readonly profile: ProfileName
  /** Anomalous members. */
  readonly count: number
  readonly durationMs: number
  readonly pauseMs: number
  readonly repetition: number
  readonly bytes?: boolean
}

/** What came of it, from the first anomaly on. */
export interface Accusations {
  /** Failures of healthy members, declared anywhere. */
  readonly falsePositives: number
  /** … and declared by healthy members. */
  readonly atHealthy: number
  /** Failures of anomalous members, declared anywhere. */
  readonly truePositives: number
  /** Packets and their bytes. */
  readonly packets: number
  readonly bytes: number
  readonly seconds: number
  readonly trace: string
}

const QUIET_MS = 15_000
/** The first end of an anomaly after this long ends the run. */
const LENGTH_MS = 120_000

/** Runs anomalies until the first that ends after 120 s. */
export function interval({ profile, count, durationMs, pauseMs, repetition, bytes = false }: IntervalRun): Accusations {
  const seed = seedOf('e2', count, durationMs, pauseMs, repetition)
  const cluster = formed({ seed, size: SIZE, profile, tuning: paperTuning, bytes })
  const { world, network } = cluster
  const startMs = world.now + QUIET_MS
  const members = choose(cluster.nodes, count, world.random('e2'))
  const anomaly = new Anomaly(cluster, members, { startMs, durationMs, pauseMs })
  const watch = new Watch(anomaly.members)
  cluster.run(startMs)
  cluster.observe(watch)
  const { sent, bytes: bytesBefore } = network.counts
  const periods = Math.ceil(Math.max(0, LENGTH_MS - durationMs) / (durationMs + pauseMs))
  cluster.run(startMs + periods * (durationMs + pauseMs) + durationMs)
  return {
    ...watch.counts,
    packets: network.counts.sent - sent,
    bytes: network.counts.bytes - bytesBefore,
    seconds: (world.now - startMs) / 1000,
    trace: cluster.trace.hash(),
  }
}

/** Counts failures. */
class Watch implements Observer {
  readonly counts = { falsePositives: 0, atHealthy: 0, truePositives: 0 }
  readonly #anomalous: ReadonlySet<SimNode>
  readonly #names: ReadonlySet<string>

  constructor(anomalous: ReadonlySet<SimNode>) {
    this.#anomalous = anomalous
    this.#names = new Set([...anomalous].map(({ name }) => name))
  }

  afterInput: NonNullable<Observer['afterInput']> = (node, _input, effects) => {
    for (const effect of effects) {
      if (effect.kind !== 'event' || effect.event.type !== 'fail') continue
      if (this.#names.has(effect.event.member.name)) {
        this.counts.truePositives++
        continue
      }
      this.counts.falsePositives++
      if (!this.#anomalous.has(node)) this.counts.atHealthy++
    }
  }
}
