/** One run of the swarm, drawn from its seed: plain data, so that it can be printed, kept, cut down and run again. */
import { lan, local, type Tuning, wan } from '@hearsay/membership'
import {
  detectionBoundMs,
  type FaultKind,
  type FaultPlan,
  fairKinds,
  healedAt,
  randomPlan,
  reunionBoundMs,
  World,
} from '@hearsay/simulator'

/** Whose rules the members follow: ours, memberlist's, or some of each. */
export type Profile = 'improved' | 'faithful' | 'mixed'

/** What a run is about. */
export type Shape =
  /** Anything, at any time. */
  | 'storm'
  /** Members come, go, crash and talk; the network is well. */
  | 'fair'
  /** Nothing that could be held against anybody. */
  | 'calm'
  /** Two members do not reach each other. */
  | 'one-link'
  /** A member hears nobody. */
  | 'deaf'
  /** False claims, on a network that loses nothing. */
  | 'slander'

/** Everything that a run depends on. */
export interface Case {
  readonly seed: number
  readonly shape: Shape
  readonly profile: Profile
  readonly nodes: number
  /** All know each other at the start; or else they join one after the other. */
  readonly formed: boolean
  readonly tuning: TuningChoice
  readonly plan: FaultPlan
}

/** Tuning by what was changed of a preset. */
export interface TuningChoice {
  readonly preset: 'lan' | 'local' | 'wan'
  readonly indirectChecks: number
  readonly streamFallback: boolean
  readonly reclaimMs: number
  readonly rejoinMs: number
}

/** What cases are drawn from. */
export interface CaseOptions {
  readonly profile: Profile
  /** Members at most. */
  readonly maxNodes: number
}

/** When everybody has joined, of a cluster that grows. */
const GROWN_MS = 5000
/** At the end, for what is measured there. */
const LAST_MS = 35_000

const presets = { lan, local, wan }

/** Draws a case. */
export function drawCase(seed: number, { profile, maxNodes }: CaseOptions): Case {
  const random = new World({ seed }).random('case')
  const one = <T>(choices: readonly T[]): T => choices[Math.floor(random() * choices.length)]!
  const shape = drawShape(random())
  const nodes = Math.min(maxNodes, drawSize(random, shape))
  const preset = one(['lan', 'lan', 'lan', 'lan', 'local', 'local', 'local', 'wan'] as const)
  const tuning: TuningChoice = {
    preset,
    indirectChecks: one([3, 3, 3, 1, shape === 'storm' ? 0 : 2]),
    streamFallback: random() < 0.8,
    reclaimMs: random() < 0.25 ? 10_000 : 0,
    rejoinMs: profile === 'faithful' ? 0 : one([10_000, 30_000]),
  }
  const untilMs = GROWN_MS + one([20_000, 60_000, 120_000, 200_000])
  const plan = drawPlan(random, shape, nodes, untilMs, tuningOf(tuning))
  return { seed, shape, profile, nodes, formed: random() < 0.6, tuning, plan }
}

/** The tuning that a choice stands for. */
export function tuningOf({ preset, indirectChecks, streamFallback, reclaimMs, rejoinMs }: TuningChoice): Tuning {
  const base = presets[preset]
  return {
    ...base,
    probe: { ...base.probe, indirectChecks, streamFallback },
    rejoin: { ...base.rejoin, intervalMs: rejoinMs },
    deadNodeReclaimMs: reclaimMs,
  }
}

/** When a run may end: everything that is promised for a time after the last fault must have come true. */
export function endOfCase({ plan, nodes, tuning: choice }: Case): number {
  const tuning = tuningOf(choice)
  const most = nodes + plan.filter(({ kind }) => kind === 'newcomer').length
  const boundMs = Math.max(reunionBoundMs(tuning, most), detectionBoundMs(tuning, most))
  return Math.max(healedAt(plan), GROWN_MS) + boundMs + LAST_MS
}

function drawShape(chance: number): Shape {
  if (chance < 0.55) return 'storm'
  if (chance < 0.75) return 'fair'
  if (chance < 0.8) return 'calm'
  if (chance < 0.87) return 'one-link'
  return chance < 0.93 ? 'deaf' : 'slander'
}

/** Mostly small: that is where everything meets everything. */
function drawSize(random: () => number, shape: Shape): number {
  const between = (least: number, most: number): number => least + Math.floor(random() * (most - least + 1))
  const chance = random()
  const least = shape === 'one-link' || shape === 'deaf' ? 4 : 2
  if (chance < 0.75) return between(least, 10)
  return chance < 0.97 ? between(11, 40) : between(41, 100)
}

function drawPlan(random: () => number, shape: Shape, nodes: number, untilMs: number, tuning: Tuning): FaultPlan {
  const options = { nodes, fromMs: GROWN_MS, untilMs }
  const some = (kinds: readonly FaultKind[]): FaultKind[] => kinds.filter(() => random() < 0.5)
  const node = (): number => Math.floor(random() * nodes)
  switch (shape) {
    case 'storm':
      return randomPlan(random, options)
    case 'fair':
      return randomPlan(random, { ...options, kinds: some(fairKinds) })
    case 'calm':
      return randomPlan(random, {
        ...options,
        kinds: some(['meta', 'broadcast', 'newcomer', 'ping', 'send', 'duplicate']),
      })
    case 'slander':
      return randomPlan(random, { ...options, kinds: ['slander', ...some(['meta', 'ping', 'send'])] })
    case 'one-link': {
      const a = node()
      const b = (a + 1 + Math.floor(random() * (nodes - 1))) % nodes
      const spell = { atMs: GROWN_MS, forMs: untilMs - GROWN_MS }
      return [
        { kind: 'cut', from: [a], to: [b], ...spell },
        { kind: 'cut', from: [b], to: [a], ...spell },
        ...randomPlan(random, { ...options, kinds: some(['meta', 'broadcast']) }),
      ]
    }
    case 'deaf': {
      const forMs = Math.ceil(detectionBoundMs(tuning, nodes) / 2)
      return [{ kind: 'cut', from: 'all', to: [node()], atMs: GROWN_MS, forMs }]
    }
  }
}
