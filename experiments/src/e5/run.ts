/** Crashes in one cluster, and who notices when. */
import { lan } from '@hearsay/membership'
import type { Observer, SimNode } from '@hearsay/simulator'
import { formed } from '../profiles/formed.ts'
import type { ProfileName } from '../profiles/profile.ts'
import { seedOf } from '../statistics/random.ts'

/** What to run. */
export interface Crashes {
  readonly size: number
  readonly profile: ProfileName
  readonly isSynchronous: boolean
  /** Members that crash one after the other. */
  readonly crashes: number
  /** Gossip takes no ticks of its own, and the run ends with the wait: what comes later is dear in large clusters. */
  readonly isWaitOnly: boolean
  readonly repetition: number
  readonly bytes?: boolean
}

/** One crash, in probe intervals after it; `NaN` for what was not waited for. */
export interface Detection {
  /** The first ping that nobody will answer. */
  readonly probe: number
  readonly suspect: number
  readonly dead: number
}

/** All of one cluster. */
export interface Detections {
  readonly detections: readonly Detection[]
  readonly trace: string
}

/** The probe interval. */
const INTERVAL_MS = 1000
/** Loops run for a while before the first crash. */
const START_MS = 3000
/** Mean time from one crash to the next. Short in large clusters: what the first ones lead to is dear, and changes no wait. */
const gapMs = (size: number): number => Math.max(20, Math.min(1000, 2e5 / size))
/** The longest that a detection may take; α·log10(n) is 16 s at 10,000. */
const LIMIT_MS = 120_000

/** Lets random members crash. */
export function crash(options: Crashes): Detections {
  const { size, profile, isSynchronous, crashes, isWaitOnly, repetition, bytes = false } = options
  const tuning = isWaitOnly ? { ...lan, gossip: { ...lan.gossip, intervalMs: 0 } } : lan
  const cluster = formed({ seed: seedOf('e5', size, repetition), size, profile, isSynchronous, tuning, bytes })
  const random = cluster.world.random('e5')
  const watch = new Watch(isWaitOnly)
  cluster.observe(watch)
  cluster.run(START_MS)
  for (let count = 0; count < crashes; count++) {
    const atMs = cluster.world.now + 2 * gapMs(size) * random()
    cluster.run(atMs)
    const victim = anyRunning(cluster.nodes, random)
    watch.expect(victim.name, cluster.world.now)
    victim.crash()
  }
  cluster.world.runUntil(() => watch.isComplete, cluster.world.now + LIMIT_MS)
  return { detections: watch.detections(), trace: cluster.trace.hash() }
}

function anyRunning(nodes: readonly SimNode[], random: () => number): SimNode {
  for (;;) {
    const node = nodes[Math.floor(random() * nodes.length)]!
    if (node.state === 'up') return node
  }
}

interface Record {
  readonly crashedAt: number
  probe: number
  suspect: number
  dead: number
}

/** Notes the first of everything about those that crashed. */
class Watch implements Observer {
  readonly #records = new Map<string, Record>()
  readonly #isWaitOnly: boolean
  #open = 0

  constructor(isWaitOnly: boolean) {
    this.#isWaitOnly = isWaitOnly
  }

  get isComplete(): boolean {
    return this.#open === 0
  }

  expect(name: string, now: number): void {
    this.#records.set(name, { crashedAt: now, probe: Number.NaN, suspect: Number.NaN, dead: Number.NaN })
    this.#open++
  }

  detections(): readonly Detection[] {
    return [...this.#records.values()].map(({ crashedAt, probe, suspect, dead }) => ({
      probe: (probe - crashedAt) / INTERVAL_MS,
      suspect: (suspect - crashedAt) / INTERVAL_MS,
      dead: (dead - crashedAt) / INTERVAL_MS,
    }))
  }

  packet: NonNullable<Observer['packet']> = (_from, to, fate, parts, now) => {
    if (fate !== 'sent' || to !== undefined) return
    const { message } = parts[0]!
    if (message.type !== 'ping') return
    const record = this.#records.get(message.node)
    if (!record || !Number.isNaN(record.probe)) return
    record.probe = now
    if (this.#isWaitOnly) this.#open--
  }

  afterInput: NonNullable<Observer['afterInput']> = (_node, _input, effects, now) => {
    for (const effect of effects) {
      if (effect.kind !== 'event') continue
      const { type, member } = effect.event
      const record = this.#records.get(member.name)
      if (!record) continue
      if (type === 'suspect' && Number.isNaN(record.suspect)) record.suspect = now
      if (type !== 'fail' || !Number.isNaN(record.dead)) continue
      record.dead = now
      if (!this.#isWaitOnly) this.#open--
    }
  }
}
