/** The probes of one member, as its packets, streams and deadlines show them (membership spec 2.2). */
import type { Deadline, Effect, Input, Policy, Tuning } from '@hearsay/membership'
import type { Part } from '@hearsay/wire'

/** One probe. Times are of the member's own clock. */
export interface ProbeRound {
  readonly seqNo: number
  readonly target: string
  /** What was believed of the target when it began. */
  readonly incarnation: number
  readonly startedAtMs: number
  readonly deadlineMs: number
  /** Endpoints of the relays asked, in order. */
  readonly relays: string[]
  expectedNacks: number
  readonly nackedBy: Set<string>
  exchange: number | undefined
  contacted: boolean
  /** Longest lag that was reported while it ran. */
  lagMs: number
}

/** What one input did to the probes. */
export interface ProbeStep {
  readonly began: readonly ProbeRound[]
  /** Probes that began while another was under way. */
  readonly overlapping: readonly ProbeRound[]
  /** The probe whose window ended with this input. */
  readonly expired: ProbeRound | undefined
  /** The expired one must be held against its target: nobody answered, and the member was awake. */
  readonly conclusive: boolean
  /** The probe that an ack of this input answered. */
  readonly answered: ProbeRound | undefined
  /** The failed probe whose nacks were settled with this input. */
  readonly settled: ProbeRound | undefined
}

/** Nothing happened to probes. */
export const idleStep: ProbeStep = {
  began: [],
  overlapping: [],
  expired: undefined,
  conclusive: false,
  answered: undefined,
  settled: undefined,
}

/** What a prober knows when its probe begins. */
export interface ProbingView {
  readonly records: ReadonlyMap<string, { readonly incarnation: number }>
  /** Health before the input. */
  readonly score: number
}

/** A process that stood still takes what came meanwhile before its deadlines (DIV-20): until then all of them are still to come. */
const LONGEST_STALL_MS = 60_000

/** Follows the probes of one member. */
export class Probes {
  readonly #tuning: Tuning
  readonly #policy: Pick<Policy, 'lagAwareness' | 'earlyNacks'>
  readonly #unsettled: ProbeRound[] = []
  #round: ProbeRound | undefined
  /** Numbers of every ping that it sent lately, and when. */
  readonly #asked = new Map<number, { readonly atMs: number; readonly isProbe: boolean }>()

  constructor(tuning: Tuning, policy: Pick<Policy, 'lagAwareness' | 'earlyNacks'>) {
    this.#tuning = tuning
    this.#policy = policy
  }

  /** The probe under way. */
  get current(): ProbeRound | undefined {
    return this.#round
  }

  /** Whether an answer of this number may still matter. Call it before the answer is taken. */
  awaits(seqNo: number): boolean {
    if (this.#round?.seqNo === seqNo || this.#unsettled.some((each) => each.seqNo === seqNo)) return true
    const asked = this.#asked.get(seqNo)
    return asked !== undefined && !asked.isProbe
  }

  /** Takes one input and what came of it. */
  take(input: Input, due: Deadline | undefined, effects: readonly Effect[], view: ProbingView, now: number): ProbeStep {
    const step = this.#hear(input, due)
    const { began, overlapping } = effects.length === 0 ? idleStep : this.#watch(input, effects, view, now)
    return began.length === 0 ? step : { ...step, began, overlapping }
  }

  #hear(input: Input, due: Deadline | undefined): ProbeStep {
    const round = this.#round
    switch (input.kind) {
      case 'packet':
        return this.#packet(input)
      case 'lag':
        if (round) round.lagMs = Math.max(round.lagMs, input.lagMs)
        return idleStep
      case 'stream-reply':
        if (round && input.exchange === round.exchange && input.message.type === 'ack')
          round.contacted ||= input.message.seqNo === round.seqNo
        return idleStep
      case 'deadline':
        if (due?.reason === 'probe-deadline' && round) return this.#expire(round)
        if (due?.reason === 'nack-settle') return { ...idleStep, settled: this.#unsettled.shift() }
        return idleStep
      default:
        return idleStep
    }
  }

  #packet(input: Extract<Input, { kind: 'packet' }>): ProbeStep {
    let answered: ProbeRound | undefined
    for (const message of input.messages) {
      if (message.type === 'ack' && message.seqNo === this.#round?.seqNo) {
        answered = this.#round
        this.#round = undefined
      } else if (message.type === 'nack') {
        const { seqNo } = message
        const round = this.#round?.seqNo === seqNo ? this.#round : this.#unsettled.find((each) => each.seqNo === seqNo)
        if (round && round.nackedBy.size < round.expectedNacks) round.nackedBy.add(input.from)
      }
    }
    return answered ? { ...idleStep, answered } : idleStep
  }

  #expire(round: ProbeRound): ProbeStep {
    this.#round = undefined
    const { timeoutMs } = this.#tuning.probe
    const conclusive = !round.contacted && !(this.#policy.lagAwareness && round.lagMs > timeoutMs / 2)
    if (!conclusive || round.expectedNacks === 0) return { ...idleStep, expired: round, conclusive }
    // Nacks may still be under way: two timeouts and a fifth after the ping they are counted (DIV-19).
    if (!this.#policy.earlyNacks || round.startedAtMs + 2.2 * timeoutMs <= round.deadlineMs)
      return { ...idleStep, expired: round, conclusive, settled: round }
    this.#unsettled.push(round)
    return { ...idleStep, expired: round, conclusive }
  }

  /** Reads the own pings out of the effects. A ping that no request of this input explains is a probe. */
  #watch(
    input: Input,
    effects: readonly Effect[],
    view: ProbingView,
    now: number,
  ): Pick<ProbeStep, 'began' | 'overlapping'> {
    let began: ProbeRound[] | undefined
    const overlapping: ProbeRound[] = []
    const onBehalf = new Map<string, number>()
    let { score } = view
    for (const effect of effects) {
      if (effect.kind === 'health') score = effect.score
      if (effect.kind === 'open-stream' && effect.message.type === 'ping') {
        if (this.#round?.seqNo === effect.message.seqNo) this.#round.exchange = effect.exchange
      }
      const message = effect.kind === 'send-packet' ? effect.parts[0]?.message : undefined
      if (effect.kind !== 'send-packet' || !message) continue
      if (message.type === 'indirect-ping' && this.#round?.seqNo === message.seqNo) {
        this.#round.relays.push(effect.to)
        if (message.nack) this.#round.expectedNacks++
      }
      if (message.type !== 'ping') continue
      const isProbe = !explained(input, message.node, onBehalf) && !asksWhoLeft(effect.parts)
      this.#remember(message.seqNo, isProbe, now)
      if (!isProbe) continue
      const round: ProbeRound = {
        seqNo: message.seqNo,
        target: message.node,
        incarnation: view.records.get(message.node)?.incarnation ?? 0,
        startedAtMs: now,
        deadlineMs: now + this.#tuning.probe.intervalMs * (score + 1),
        relays: [],
        expectedNacks: 0,
        nackedBy: new Set(),
        exchange: undefined,
        contacted: false,
        lagMs: 0,
      }
      began ??= []
      began.push(round)
      if (this.#round) overlapping.push(this.#round)
      this.#round = round
    }
    return began ? { began, overlapping } : idleStep
  }

  #remember(seqNo: number, isProbe: boolean, now: number): void {
    this.#asked.set(seqNo, { atMs: now, isProbe })
    const longest = this.#tuning.probe.intervalMs * this.#tuning.probe.awarenessMaxMultiplier + LONGEST_STALL_MS
    for (const [old, { atMs }] of this.#asked) {
      if (now - atMs <= longest) break
      this.#asked.delete(old)
    }
  }
}

/** A ping with a farewell in the name of its target: is it really gone, now that another wants its name (DIV-9)? */
function asksWhoLeft([ping, farewell]: readonly Part[]): boolean {
  const target = ping?.message.type === 'ping' ? ping.message.node : undefined
  return farewell?.message.type === 'dead' && farewell.message.node === target && farewell.message.from === target
}

/** Whether a ping to `node` was asked for: by the application, or by another member that wants it relayed. */
function explained(input: Input, node: string, onBehalf: Map<string, number>): boolean {
  if (input.kind === 'ping') return true
  if (input.kind !== 'packet') return false
  const used = onBehalf.get(node) ?? 0
  const wanted = input.messages.filter((message) => message.type === 'indirect-ping' && message.node === node).length
  onBehalf.set(node, used + 1)
  return used < wanted
}
