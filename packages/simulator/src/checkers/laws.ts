/** Every law, and how all of them are held against one cluster. */
import type { Effect, Input } from '@hearsay/membership'
import type { Part } from '@hearsay/wire'
import type { SimNode } from '../node.ts'
import type { LifecycleStep, Observer, PacketFate, StreamFate } from '../observer.ts'
import { accuracy } from './accuracy.ts'
import { addressChange } from './address-change.ts'
import { Beliefs, type Setting } from './beliefs.ts'
import type { Checker, CheckerFactory, Violation } from './checker.ts'
import { confirmations } from './confirmations.ts'
import { controlItems } from './control-items.ts'
import { convergence } from './convergence.ts'
import { crashDetection } from './crash-detection.ts'
import { deafMember } from './deaf-member.ts'
import { eventGrammar } from './event-grammar.ts'
import { eventOrder } from './event-order.ts'
import { evidenceOrder } from './evidence-order.ts'
import { gossipTargets } from './gossip-targets.ts'
import { gracefulLeave } from './graceful-leave.ts'
import { healthRange } from './health-range.ts'
import { incarnationOrder } from './incarnation-order.ts'
import { indirectRescue } from './indirect-rescue.ts'
import { memoryBounds } from './memory-bounds.ts'
import { metadataOrder } from './metadata-order.ts'
import { nackCount } from './nack-count.ts'
import { nameConflict } from './name-conflict.ts'
import { newsQueued } from './news-queued.ts'
import { noFalseDeath } from './no-false-death.ts'
import { packetBudget } from './packet-budget.ts'
import { pingHook } from './ping-hook.ts'
import { precedence } from './precedence.ts'
import { probeFairness } from './probe-fairness.ts'
import { probeTargets } from './probe-targets.ts'
import { probeVerdict } from './probe-verdict.ts'
import { queueEndings } from './queue-endings.ts'
import { quiescence } from './quiescence.ts'
import { quietAfterStop } from './quiet-after-stop.ts'
import { reaping } from './reaping.ts'
import { refutation } from './refutation.ts'
import { relaySilence } from './relay-silence.ts'
import { requestSettlement } from './request-settlement.ts'
import { movedRestart, restartRecovery } from './restart-recovery.ts'
import { selfDefence } from './self-defence.ts'
import { selfStatus } from './self-status.ts'
import { silentRecords } from './silent-records.ts'
import { singleProbe } from './single-probe.ts'
import { staleClaims } from './stale-claims.ts'
import { suspicionDeadline } from './suspicion-deadline.ts'
import { suspicionEpisode } from './suspicion-episode.ts'
import { transmissions } from './transmissions.ts'
import { unknownAnswers } from './unknown-answers.ts'

/** Laws that always hold: tested with each input. */
export const safetyLaws: readonly CheckerFactory[] = [
  incarnationOrder,
  evidenceOrder,
  staleClaims,
  precedence,
  silentRecords,
  selfStatus,
  selfDefence,
  addressChange,
  nameConflict,
  suspicionEpisode,
  suspicionDeadline,
  confirmations,
  singleProbe,
  probeVerdict,
  probeTargets,
  probeFairness,
  healthRange,
  nackCount,
  relaySilence,
  unknownAnswers,
  pingHook,
  controlItems,
  queueEndings,
  transmissions,
  gossipTargets,
  packetBudget,
  newsQueued,
  eventGrammar,
  eventOrder,
  requestSettlement,
  quietAfterStop,
  memoryBounds,
  reaping,
  metadataOrder,
]

/** Laws that promise something for a time, under conditions that a plan of faults may meet. */
export const livenessLaws: readonly CheckerFactory[] = [
  crashDetection,
  accuracy,
  refutation,
  noFalseDeath,
  convergence,
  gracefulLeave,
  restartRecovery,
  movedRestart,
  indirectRescue,
  deafMember,
  quiescence,
]

/** All of them. */
export const allLaws: readonly CheckerFactory[] = [...safetyLaws, ...livenessLaws]

/** Several checkers of one cluster, as one observer. With inputs, checkers are given the time of the member's own clock. */
export class Laws implements Required<Observer> {
  readonly beliefs: Beliefs
  readonly checkers: readonly Checker[]
  readonly #before: readonly Checker[]
  readonly #after: readonly NonNullable<Observer['afterInput']>[]
  /** Which inputs each of them is for. */
  readonly #interests: Int32Array
  readonly #packet: readonly Checker[]

  constructor(setting: Setting, factories: readonly CheckerFactory[] = allLaws) {
    this.beliefs = new Beliefs(setting)
    this.checkers = factories.map((factory) => factory(this.beliefs))
    this.#before = this.checkers.filter(({ beforeInput }) => beforeInput)
    const after = this.checkers.filter(({ afterInput }) => afterInput)
    this.#after = after.map((checker) => checker.afterInput!)
    this.#interests = Int32Array.from(after, ({ interest }) => interest)
    this.#packet = this.checkers.filter(({ packet }) => packet)
  }

  /** What was broken, in order of time. */
  get violations(): readonly Violation[] {
    return this.checkers.flatMap(({ violations }) => violations).sort((a, b) => a.atMs - b.atMs)
  }

  beforeInput(node: SimNode, input: Input, now: number): void {
    const ownMs = this.#own(node, now)
    this.beliefs.beforeInput(node, input)
    for (const checker of this.#before) checker.beforeInput!(node, input, ownMs)
  }

  afterInput(node: SimNode, input: Input, effects: readonly Effect[], now: number): void {
    const ownMs = this.#own(node, now)
    this.beliefs.afterInput(node, input, effects, ownMs)
    const { facts } = this.beliefs
    for (let at = 0; at < this.#after.length; at++)
      if ((this.#interests[at]! & facts) !== 0) this.#after[at]!(node, input, effects, ownMs)
  }

  /** What the member takes the time for: deadlines and snapshots are in its own. */
  #own(node: SimNode, now: number): number {
    this.beliefs.worldMs = now
    this.beliefs.appointments.keep(now)
    return node.running?.now() ?? now
  }

  lifecycle(node: SimNode, what: LifecycleStep, now: number): void {
    this.beliefs.worldMs = now
    for (const checker of this.checkers) checker.lifecycle?.(node, what, now)
  }

  packet(from: SimNode, to: SimNode | undefined, fate: PacketFate, parts: readonly Part[], now: number): void {
    for (const checker of this.#packet) checker.packet!(from, to, fate, parts, now)
  }

  stream(from: SimNode, to: SimNode | undefined, fate: StreamFate, now: number): void {
    for (const checker of this.checkers) checker.stream?.(from, to, fate, now)
  }

  end(now: number): void {
    this.beliefs.worldMs = now
    this.beliefs.appointments.keep(now)
    for (const checker of this.checkers) checker.end?.(now)
  }
}
