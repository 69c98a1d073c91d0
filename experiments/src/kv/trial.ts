/** Runs one case under every law about stores. */
import {
  Acquaintances,
  apply,
  Cluster,
  FaultCounts,
  type SimNode,
  Trace,
  tellSeeds,
  type Violation,
  type World,
} from '@hearsay/simulator'
import { introduce } from '../swarm/trial.ts'
import { GROWN_MS, type KvCase, timesOf, tuningOf } from './case.ts'
import { Chronicle } from './chronicle.ts'
import { Editors } from './editors.ts'
import { Happenings } from './happenings.ts'
import { entryNames, subjects } from './keys.ts'
import { kvLaws } from './laws/index.ts'
import type { KvLaw } from './laws/law.ts'
import type { KvObserver } from './observer.ts'
import { Shelf } from './stores.ts'

/** What a run came to. */
export interface KvResult {
  readonly hash: string
  readonly events: number
  /** Hours of members that ran, added up. */
  readonly nodeHours: number
  readonly faults: Readonly<Record<string, number>>
  readonly happenings: Readonly<Record<string, number>>
  readonly most: Readonly<Record<string, number>>
  readonly evaluations: Readonly<Record<string, number>>
  readonly violations: readonly Violation[]
}

/** What else to do in a run. */
export interface KvTrialOptions {
  /** Default: all. */
  readonly laws?: readonly KvLaw[]
  /** Is told after the laws. */
  readonly observer?: KvObserver
}

/** Between two arrivals, of a cluster that grows. */
const ARRIVAL_MS = 40
const INTRODUCTION_MS = 1000
const LOOK_MS = 2500
const SEEDS = 3

/** Runs a case. The same case gives the same result, always and everywhere. */
export async function kvTrial(each: KvCase, { laws = kvLaws, observer = {} }: KvTrialOptions = {}): Promise<KvResult> {
  const chronicle = new Chronicle({
    tombstoneMs: each.keptMs,
    obsoleteMs: each.keptMs,
    skewMs: each.skewMs,
    keys: subjects.length,
    names: entryNames.length,
    writers: 2 * each.nodes,
    inboxPairsPerKey: each.inboxPairsPerKey,
  })
  const checkers = laws.map((law) => law(chronicle))
  const happenings = new Happenings()
  const trace = new Trace()
  const { world, ...stage } = setUp(each, [chronicle, ...checkers, tracing(trace), observer], chronicle)
  const { cluster, shelf, observers, faults, acquaintances } = stage
  const times = timesOf(each)
  populate(cluster, each)
  apply(each.plan, cluster)
  const editors = new Editors({ cluster, shelf, happenings, chronicle, observer: observers })
  editors.schedule(each.edits, GROWN_MS, times.healedAtMs)
  editors.schedule(each.calmEdits, times.calmAtMs, times.editedAtMs)
  world.schedule(times.healedAtMs + INTRODUCTION_MS, () => introduce(cluster, acquaintances, 'improved'))
  let upSeconds = 0
  every(world, LOOK_MS, () => {
    const { up } = shelf
    upSeconds += (up.length * LOOK_MS) / 1000
    for (const store of up) {
      happenings.look(store.depths())
      observers.looked(store)
    }
  })
  every(world, each.snapshotMs, () => shelf.save())
  await world.advance(times.endsAtMs)
  cluster.end()
  observers.end(shelf.up)
  happenings.sum(shelf)
  for (const store of shelf.up)
    for (const key of store.keys()) trace.text(`${store.member} ${key} ${store.read(key)!.shown}`)
  return {
    hash: `${cluster.trace.hash()}-${trace.hash()}`,
    events: world.eventCount,
    nodeHours: upSeconds / 3600,
    faults: Object.fromEntries(faults.counts),
    happenings: happenings.counts,
    most: happenings.most,
    evaluations: Object.fromEntries(checkers.map(({ name, evaluations }) => [name, evaluations])),
    violations: checkers.flatMap(({ violations }) => violations).sort((a, b) => a.atMs - b.atMs),
  }
}

/** A cluster with a store in each process, and everybody who watches. */
function setUp(each: KvCase, all: readonly KvObserver[], chronicle: Chronicle) {
  const cluster: Cluster = new Cluster({
    seed: each.seed,
    tuning: tuningOf(each),
    bytes: each.bytes,
    delegates: (process) => shelf.open(process),
  })
  const { world } = cluster
  const { wallNow } = world.system('chronicle')
  const observers = together(all, () => {
    chronicle.nowMs = world.now
    chronicle.wallMs = wallNow()
  })
  const shelf = new Shelf({
    ...each,
    skewMs: (node: SimNode) => Math.round(each.skewMs * (2 * world.random('skew', node.index)() - 1)),
    isRestored: ({ node, life }) => world.random('restored', node.index, life)() < each.restored,
    observer: observers,
  })
  const faults = new FaultCounts()
  const acquaintances = new Acquaintances()
  cluster.observe(faults)
  cluster.observe(acquaintances)
  return { world, cluster, shelf, observers, faults, acquaintances }
}

function populate(cluster: Cluster, { nodes, formed }: KvCase): void {
  if (formed) {
    cluster.form(nodes)
    for (const node of cluster.nodes) tellSeeds(node, cluster.nodes.slice(0, SEEDS))
    return
  }
  for (let index = 0; index < nodes; index++)
    cluster.world.schedule(index * ARRIVAL_MS, () => {
      const node = cluster.add()
      const seeds = cluster.nodes.slice(0, SEEDS).filter((seed) => seed !== node)
      if (seeds.length === 0) return
      tellSeeds(node, seeds)
      node.join(seeds)
    })
}

function every(world: World, intervalMs: number, run: () => void): void {
  world.schedule(intervalMs, () => {
    run()
    every(world, intervalMs, run)
  })
}

/** All of them as one; `before` is called first. */
function together(all: readonly KvObserver[], before: () => void): Required<KvObserver> {
  const tell = <Name extends keyof KvObserver>(name: Name) => {
    const told = all.filter((each) => each[name])
    return (...facts: Parameters<Required<KvObserver>[Name]>): void => {
      before()
      for (const each of told) (each[name] as (...facts: unknown[]) => void)(...facts)
    }
  }
  return {
    edited: tell('edited'),
    deleted: tell('deleted'),
    queued: tell('queued'),
    changed: tell('changed'),
    purged: tell('purged'),
    confirmed: tell('confirmed'),
    looked: tell('looked'),
    end: tell('end'),
  }
}

/** Puts what stores do into a trace. */
function tracing(trace: Trace): KvObserver {
  return {
    changed({ store, key, change, reading }) {
      trace.text(`${store.writer} ${key}`)
      trace.number(reading.version)
      for (const { name, line, rank } of [...change.marks, ...change.removals]) {
        trace.text(name)
        trace.text(line)
        trace.number(rank)
      }
    },
    queued({ store, key, version }) {
      trace.text(`${store.writer} queues ${key}`)
      trace.number(version)
    },
    confirmed({ store, key, proven }) {
      trace.text(`${store.member} knows of ${key} with ${proven.map((each) => each.store.member).join(' ')}`)
    },
  }
}
