/** One run of stores, drawn from its seed: plain data, so that it can be printed and run again. */
import { lan, local, type Tuning } from '@hearsay/membership'
import {
  disseminationBoundMs,
  type FaultKind,
  type FaultPlan,
  healedAt,
  randomPlan,
  reunionBoundMs,
  World,
} from '@hearsay/simulator'

/** Everything that a run depends on. Times in milliseconds. */
export interface KvCase {
  readonly seed: number
  readonly nodes: number
  /** All know each other at the start; or else they join one after the other. */
  readonly formed: boolean
  /** Members send the very bytes of production. */
  readonly bytes: boolean
  readonly preset: 'lan' | 'local'
  /** Without it, changes travel with probes, and by push/pull. */
  readonly gossips: boolean
  readonly pushPullMs: number
  /** How long removed entries, and deleted keys, are remembered. */
  readonly keptMs: number
  /** Wall clocks are wrong by up to so much, each by its own. */
  readonly skewMs: number
  /** Between two snapshots of a store. */
  readonly snapshotMs: number
  /** Share of the restarts that find the last snapshot; the others begin with nothing. */
  readonly restored: number
  /** See `KvStoreOptions`. */
  readonly inboxPairsPerKey: number
  readonly mergeSliceMs: number
  /** Edits while things go wrong, and when all is well again. */
  readonly edits: number
  readonly calmEdits: number
  readonly plan: FaultPlan
}

/** What cases are drawn from. */
export interface KvCaseOptions {
  /** Members at most, of those that are there from the beginning. */
  readonly maxNodes: number
}

/** When everybody has joined, of a cluster that grows. */
export const GROWN_MS = 5000
/** For edits when all is well again. */
const CALM_MS = 15_000
/** At the end, so that the last proofs are in. */
const LAST_MS = 5000
const REJOIN_MS = 5000
/** Longer than any run: nothing that was removed is forgotten in it. */
const LONG_MS = 3_600_000

/** What can go wrong. Claims that are not true, and metadata, have nothing to do with stores. */
const kinds: readonly FaultKind[] = [
  'loss',
  'duplicate',
  'reorder',
  'delay',
  'cut',
  'partition',
  'stream-refusal',
  'stream-stall',
  'clock',
  'stall',
  'crash',
  'leave',
  'newcomer',
  'broadcast',
  'send',
]
/** Share of them in one run; crashes are in most. */
const KIND_SHARE = 0.4
const CRASH_SHARE = 0.7

/** Draws a case. */
export function drawKvCase(seed: number, { maxNodes }: KvCaseOptions): KvCase {
  const random = new World({ seed }).random('kv case')
  const one = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!
  const between = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1))
  const nodes = Math.min(maxNodes, random() < 0.7 ? between(3, 7) : between(8, 20))
  const untilMs = GROWN_MS + one([20_000, 40_000, 90_000])
  const some = kinds.filter((kind) => random() < (kind === 'crash' ? CRASH_SHARE : KIND_SHARE))
  return {
    seed,
    nodes,
    formed: random() < 0.6,
    bytes: random() < 0.15,
    preset: one(['lan', 'lan', 'local']),
    gossips: random() < 0.92,
    pushPullMs: one([4000, 10_000, 20_000]),
    keptMs: one([LONG_MS, LONG_MS, LONG_MS, 20_000, 60_000]),
    skewMs: one([0, 0, 20, 500, 3000]),
    snapshotMs: one([1000, 5000, 30_000]),
    restored: one([0, 0.5, 1]),
    inboxPairsPerKey: one([1024, 1024, 2]),
    mergeSliceMs: one([4, 4, 0]),
    edits: between(20, 150),
    calmEdits: between(5, 30),
    plan: random() < 0.05 ? [] : randomPlan(random, { nodes, fromMs: GROWN_MS, untilMs, kinds: some }),
  }
}

/** The tuning of a case. */
export function tuningOf({ preset, gossips, pushPullMs }: KvCase): Tuning {
  const base = preset === 'lan' ? lan : local
  return {
    ...base,
    gossip: { ...base.gossip, ...(gossips ? {} : { intervalMs: 0 }) },
    pushPull: { ...base.pushPull, intervalMs: pushPullMs },
    rejoin: { ...base.rejoin, intervalMs: REJOIN_MS },
  }
}

/** The stretches of a run. World time. */
export interface KvTimes {
  /** The last fault is over. */
  readonly healedAtMs: number
  /** Everybody has found everybody again. */
  readonly calmAtMs: number
  /** The last edit. */
  readonly editedAtMs: number
  readonly endsAtMs: number
}

/** When what happens in a case. */
export function timesOf(each: KvCase): KvTimes {
  const tuning = tuningOf(each)
  const most = each.nodes + each.plan.filter(({ kind }) => kind === 'newcomer').length
  const healedAtMs = Math.max(healedAt(each.plan), GROWN_MS)
  const calmAtMs = healedAtMs + reunionBoundMs(tuning, most)
  const editedAtMs = calmAtMs + CALM_MS
  // Deleted keys go after one to two times, and whoever had one alive until then must still be told by everybody.
  const forgettingMs = each.keptMs < LONG_MS ? 2 * (each.keptMs + each.skewMs) : 0
  const endsAtMs = editedAtMs + forgettingMs + 2 * disseminationBoundMs(tuning, most) + LAST_MS
  return { healedAtMs, calmAtMs, editedAtMs, endsAtMs }
}
