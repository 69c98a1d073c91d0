/** What a plan promises: when nothing is wrong. Laws that hold only then ask here. */
import { endOf, type Fault, type FaultKind, type FaultPlan, healedAt, isSpell } from './plan.ts'

/** Kinds after which nobody can tell the living from the dead for a while. */
const disturbing: ReadonlySet<FaultKind> = new Set<FaultKind>([
  'loss',
  'delay',
  'cut',
  'partition',
  'stream-refusal',
  'stream-stall',
  'clock',
  'stall',
])

/** Looks at one plan from all sides. */
export class Forecast {
  readonly plan: FaultPlan
  /** When the run ends, in world time. */
  readonly endsAtMs: number
  /** When the last fault is over. */
  readonly healedAtMs: number

  constructor(plan: FaultPlan, endsAtMs: number) {
    this.plan = plan
    this.endsAtMs = endsAtMs
    this.healedAtMs = healedAt(plan)
  }

  /** Faults of these kinds that overlap a stretch of time. */
  during(fromMs: number, toMs: number, kinds: ReadonlySet<FaultKind>): Fault[] {
    return this.plan.filter((fault) => kinds.has(fault.kind) && fault.atMs <= toMs && endOf(fault) >= fromMs)
  }

  /** Whether links, clocks and event loops are all well over a stretch of time. Members may come, go and crash. */
  isFair(fromMs: number, toMs: number): boolean {
    return this.during(fromMs, toMs, disturbing).length === 0
  }

  /** The same, but up to a tenth of the packets may be lost. */
  isConnected(fromMs: number, toMs: number): boolean {
    return this.during(fromMs, toMs, disturbing).every((fault) => fault.kind === 'loss' && fault.share <= 0.1)
  }

  /** Whether any of these kinds is in the plan at all. */
  has(...kinds: readonly FaultKind[]): boolean {
    return this.plan.some((fault) => kinds.includes(fault.kind))
  }

  /** The spells of the plan that cut anything. */
  get cuts(): Fault[] {
    return this.plan.filter((fault) => isSpell(fault) && (fault.kind === 'cut' || fault.kind === 'partition'))
  }
}
