/** One run: six members work, faults befall them, everything heals, and what all hold is judged. */
import { setTimeout as sleep } from 'node:timers/promises'
import { Chance } from '../../../hostile/chance.ts'
import { Judge, type Problem } from './judge.ts'
import { holds, isOurs, KvCluster, kvNames } from './kv-cluster.ts'
import type { StoreTiming } from './kv-member.ts'
import { befall, type KvFault } from './plan.ts'
import { type Tally, tally } from './tally.ts'
import { differencesBetween, type View } from './view.ts'
import { Workload, type WorkloadOptions } from './workload.ts'

/** What is played. */
export interface KvRunOptions {
  readonly ourProgram: string
  /** Of the plan and the work. What the machine makes of them differs each time. */
  readonly seed: number
  readonly plan: (chance: Chance) => Iterable<KvFault>
  /** No fault begins later than this. Default: the plan has an end. */
  readonly seconds?: number
  readonly work?: Partial<WorkloadOptions>
}

/** What a run came to. */
export interface KvFinding {
  readonly seed: number
  /** How long there was work, in seconds. */
  readonly workedSeconds: number
  readonly faults: Readonly<Record<string, number>>
  readonly tally: Tally
  /** How often a store was held against what it must have, while all ran. */
  readonly checks: number
  /** Deletions that a member proved by not knowing the key, which came to it alive after that. */
  readonly absences: number
  readonly problems: readonly string[]
  /** From the end of the work until all held the same; undefined when they did not in time. */
  readonly agreedMs: number | undefined
  /** Where they differed when it was last looked at. */
  readonly differences: readonly string[]
  /** Milliseconds from an update to its proof, median and 99th percentile, by fault. */
  readonly proofMs: Readonly<Record<string, { readonly p50: number; readonly p99: number }>>
  /** What stores refused, or could not answer. */
  readonly refusals: Readonly<Record<string, number>>
  /** Keys, live entries and tombstones in the end. */
  readonly held: { readonly keys: number; readonly entries: number; readonly tombstones: number }
}

/** A run with what it was judged by. */
export interface KvRun {
  readonly finding: KvFinding
  readonly judge: Judge
  /** What each member held in the end. */
  readonly views: ReadonlyMap<string, View>
  /** When that was. */
  readonly atMs: number
}

/** As Mimir runs it, but for quicker repair: push/pull each 30 s, no rejoin, and deleted keys for 30 s are its defaults. */
const timing: StoreTiming = { pushPull: 10, rejoin: 10, leftIngesters: 300, obsoleteEntries: 120 }

const work: WorkloadOptions = {
  perSecond: { ours: 10, go: 4 },
  keysPerSecond: 0.6,
  // Three of the five others. Of a value of our own type both that can hold it: not for long, as Go's are asked in vain.
  proof: { fraction: 0.5, waitMs: 60_000 },
  ownProof: { fraction: 0.4, waitMs: 20_000 },
}

/** How long all may take to hold the same after the last fault: some rounds of rejoin and push/pull. */
const AGREE_MS = 90_000
const LOOK_MS = 1000

/** Plays a run. */
export async function playKv(options: KvRunOptions): Promise<KvRun> {
  const chance = new Chance(options.seed)
  const memory = { tombstonesMs: timing.leftIngesters * 1000, deletedKeysMs: timing.obsoleteEntries * 1000 }
  const judge = new Judge(memory, holds)
  const { ourProgram } = options
  const starting = (name: string): void => judge.started(name, Date.now())
  await using cluster = await KvCluster.form({ label: 'kv', ourProgram, timing, starting })
  const workload = new Workload(cluster, judge, chance, { ...work, ...options.work })
  const looking = new AbortController()
  const looks = kvNames.map((name) => look(cluster, judge, name, looking.signal))
  try {
    const { faults, workedSeconds } = await suffer(options, cluster, chance, workload)
    await workload.settled()
    const { views, ...agreement } = await agreed(cluster)
    const atMs = Date.now()
    const problems = judge.conclude(views, atMs)
    const finding: KvFinding = {
      seed: options.seed,
      workedSeconds,
      faults,
      tally: tally(judge.operations, problems, isOurs),
      checks: judge.checks,
      absences: judge.absences.length,
      problems: problems.map(told),
      ...agreement,
      proofMs: percentiles(workload.latencies),
      refusals: Object.fromEntries(workload.refusals),
      held: held(views),
    }
    return { finding, judge, views, atMs }
  } finally {
    looking.abort()
    await Promise.all(looks)
  }
}

/** Lets faults befall the cluster while it works. */
async function suffer(
  { plan, seconds = Number.POSITIVE_INFINITY }: KvRunOptions,
  cluster: KvCluster,
  chance: Chance,
  workload: Workload,
): Promise<{ faults: Record<string, number>; workedSeconds: number }> {
  const faults: Record<string, number> = {}
  const working = new AbortController()
  const works = workload.run(working.signal)
  const began = performance.now()
  const worked = (): number => (performance.now() - began) / 1000
  try {
    for (const fault of plan(chance)) {
      if (worked() > seconds) break
      workload.fault = fault
      faults[fault] = (faults[fault] ?? 0) + 1
      await befall(fault, cluster, chance)
    }
    return { faults, workedSeconds: Math.round(worked()) }
  } finally {
    working.abort()
    await works
  }
}

/** Looks at one member again and again. One that is being killed does not answer. */
async function look(cluster: KvCluster, judge: Judge, name: string, signal: AbortSignal): Promise<void> {
  while (!signal.aborted) {
    const askedMs = Date.now()
    const view = await cluster
      .member(name)
      ?.view()
      .catch(() => undefined)
    if (view) judge.saw(name, view, askedMs, Date.now())
    await sleep(LOOK_MS)
  }
}

/** Waits until all stores show the same, or the time is over. */
async function agreed(
  cluster: KvCluster,
): Promise<{ agreedMs: number | undefined; differences: string[]; views: Map<string, View> }> {
  const began = performance.now()
  for (;;) {
    const views = await cluster.views()
    const differences = differencesBetween(views, holds)
    const ms = Math.round(performance.now() - began)
    if (differences.length === 0 && views.size === kvNames.length) return { agreedMs: ms, differences, views }
    if (ms > AGREE_MS) return { agreedMs: undefined, differences, views }
    await sleep(500)
  }
}

const told = ({ kind, where, what, operation }: Problem): string =>
  `${kind} at ${where} (${operation?.fault ?? '?'}): ${what}`

function percentiles(latencies: Workload['latencies']): Record<string, { p50: number; p99: number }> {
  const byFault = new Map<string, number[]>()
  for (const { fault, ms } of latencies)
    for (const name of ['all', fault]) {
      const times = byFault.get(name)
      if (times) times.push(ms)
      else byFault.set(name, [ms])
    }
  const at = (sorted: readonly number[], share: number): number => sorted[Math.floor((sorted.length - 1) * share)]!
  return Object.fromEntries(
    [...byFault].map(([fault, times]) => {
      const sorted = times.toSorted((a, b) => a - b)
      return [fault, { p50: at(sorted, 0.5), p99: at(sorted, 0.99) }]
    }),
  )
}

function held(views: ReadonlyMap<string, View>): KvFinding['held'] {
  const [view = new Map()] = views.values()
  const entries = [...(view as View).values()].flatMap((key) => [...key.entries.values()])
  const tombstones = entries.filter(({ isTombstone }) => isTombstone).length
  return { keys: (view as View).size, entries: entries.length - tombstones, tombstones }
}
