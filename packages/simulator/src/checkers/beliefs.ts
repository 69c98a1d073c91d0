/**
 * What every machine of a cluster believes, before and after each input; what it must believe; and what the input said.
 * Worked out once for all checkers: an input costs as much as it names, and now and then a look at everything.
 */
import {
  type Deadline,
  type Effect,
  type Input,
  improved,
  type Machine,
  type Member,
  type MemberStatus,
  type Policy,
  type Tuning,
} from '@hearsay/membership'
import { Forecast } from '../faults/forecast.ts'
import type { SimNode } from '../node.ts'
import type { Observer } from '../observer.ts'
import { agrees, sameRecord } from './agreement.ts'
import { Appointments } from './appointments.ts'
import { Interest } from './checker.ts'
import { type Claim, claimsOf } from './claim.ts'
import { heard, isQuiet, isRoutine, isUnasked } from './facts.ts'
import { idleStep, type ProbeStep, Probes } from './probes.ts'
import { Reference, type ReferenceRecord } from './reference.ts'
import { Searches } from './searches.ts'

/** What the laws depend on. */
export interface Setting {
  readonly tuning: Tuning
  /** Default: ours. */
  readonly policy?: Partial<Policy>
  /** Where members of one cluster differ. */
  readonly policyOf?: (node: SimNode) => Partial<Policy> | undefined
  /** What a packet may hold, in bytes, label and encryption taken off. Default 1400. */
  readonly packetBytes?: number
  /** Everybody, in every state. Default: nobody, and laws about all together are not tested. */
  readonly nodes?: readonly SimNode[]
  /** What is to happen. Default: nothing, for ever. */
  readonly forecast?: Forecast
}

/** One name that an input was about, or that changed with it. */
export interface Touched {
  readonly name: string
  readonly isSelf: boolean
  readonly before: Member | undefined
  readonly after: Member | undefined
  /** What must be believed now; not of the member itself. */
  readonly expected: Readonly<ReferenceRecord> | undefined
  /** Highest incarnation admitted before the input (DIV-10). */
  readonly evidenceBefore: number
  /** Claims of this input about it, in order. */
  readonly claims: readonly Claim[]
  /** The spec lets the machine choose. */
  readonly open: boolean
}

/** One machine, in one life. */
export interface View {
  readonly node: SimNode
  readonly life: number
  readonly self: string
  readonly records: ReadonlyMap<string, Member>
  readonly reference: Reference
  readonly probes: Probes
  /** Health before the input at hand. */
  readonly score: number
  readonly stopped: boolean
}

interface OwnView extends View {
  readonly records: Map<string, Member>
  score: number
  stopped: boolean
  inputs: number
  readonly searches: Searches
  /** Of the own record, as last seen. */
  incarnation: number
  status: MemberStatus
}

/** Inputs of one machine between two looks at all of its records. */
const SWEEP_EVERY = 512

const noClaims: readonly Claim[] = []
const nobody: readonly Touched[] = []

/** Observes before every checker of its cluster. */
export class Beliefs implements Observer {
  readonly setting: Setting
  readonly packetBytes: number
  readonly nodes: readonly SimNode[]
  readonly forecast: Forecast
  readonly #views = new WeakMap<Machine, OwnView>()
  readonly #policies = new WeakMap<SimNode, Policy>()
  readonly #current = new Map<number, OwnView>()
  /** World time of what is being observed, in milliseconds. */
  worldMs = 0
  /** The machine that the input at hand went to. */
  view!: View
  /** Names that the input touched; the member itself is the first of them. Nobody where nothing can have changed. */
  touched: readonly Touched[] = []
  /** What the timer that fired was for, where the input is a deadline. */
  due: Deadline | undefined
  /** What the input did to probes. */
  probe: ProbeStep = idleStep
  /** Health before the input. */
  scoreBefore = 0
  /** The input is nothing but answers that nobody waits for. */
  isUnasked = false
  /** What came of the input: bits of {@link Interest}. */
  facts = 0
  /** What is to be looked at later, in world time. */
  readonly appointments = new Appointments()
  /** Records that changed though nothing named them, found by the last look at everything. */
  strays: readonly string[] = []
  /** Whether everything was looked at after this input. */
  swept = false

  constructor(setting: Setting) {
    this.setting = setting
    this.packetBytes = setting.packetBytes ?? 1400
    this.nodes = setting.nodes ?? []
    this.forecast = setting.forecast ?? new Forecast([], Number.POSITIVE_INFINITY)
  }

  /** Policy of one member. */
  policyOf(node: SimNode): Policy {
    let policy = this.#policies.get(node)
    if (!policy) {
      policy = { ...improved, ...this.setting.policy, ...this.setting.policyOf?.(node) }
      this.#policies.set(node, policy)
    }
    return policy
  }

  /** What a member's present machine believes; `undefined` before its first input. */
  viewOf(node: SimNode): View | undefined {
    return this.#views.get(node.machine)
  }

  /** Every machine that is or was the present one of a node. */
  views(): Iterable<View> {
    return this.#current.values()
  }

  beforeInput(node: SimNode, input: Input): void {
    const view = this.#open(node)
    this.view = view
    this.scoreBefore = view.score
    this.due = input.kind === 'deadline' ? node.machine.nextDeadline() : undefined
    this.isUnasked = input.kind === 'packet' && isUnasked(input.messages, view)
  }

  afterInput(node: SimNode, input: Input, effects: readonly Effect[], now: number): void {
    const view = this.#open(node)
    this.view = view
    const claims = view.stopped ? noClaims : claimsOf(input, view.self)
    if (this.due?.reason === 'rejoin') view.searches.note(effects)
    const isDoubtful = input.kind === 'stream-reply' && view.searches.ledAstray(input.exchange, claims, view.reference)
    if (input.kind === 'stop') view.stopped = true
    this.probe = view.probes.take(input, this.due, effects, view, now)
    this.facts = this.#factsOf(view, input, effects, claims.length)
    if ((this.facts & Interest.changes) === 0) this.touched = nobody
    else {
      const evidence = new Map<string, number>()
      this.#believe(view, claims, effects, now, isDoubtful, evidence)
      this.touched = this.#compare(view, effects, claims, evidence, now, isDoubtful)
      view.score = node.machine.healthScore
    }
    this.swept = ++view.inputs % SWEEP_EVERY === 0
    this.strays = this.swept ? this.#sweep(view) : []
  }

  #factsOf(view: OwnView, input: Input, effects: readonly Effect[], claims: number): number {
    let facts = this.probe === idleStep ? 0 : Interest.probes
    if (claims > 0 || view.stopped || !isRoutine(input, this.due)) facts |= Interest.changes
    for (let at = 0; at < effects.length; at++) {
      const { kind } = effects[at]!
      if (kind === 'send-packet') facts |= Interest.packets
      else if (!isQuiet.has(kind)) facts |= Interest.changes
    }
    if (input.kind === 'packet') for (const { type } of input.messages) facts |= heard[type] ?? 0
    else if (this.due?.reason === 'relay') facts |= Interest.relays
    const { table } = view.node.machine
    const { selfIndex } = table
    if (table.incarnation(selfIndex) !== view.incarnation || table.status(selfIndex) !== view.status) {
      view.incarnation = table.incarnation(selfIndex)
      view.status = table.status(selfIndex)
      facts |= Interest.changes
    }
    return facts
  }

  /** Looks at every record of one machine; names those that changed unnoticed. */
  sweep(view: View): readonly string[] {
    return this.#sweep(view as OwnView)
  }

  #open(node: SimNode): OwnView {
    const known = this.#views.get(node.machine)
    if (known) return known
    const { tuning } = this.setting
    const self = node.machine.self.name
    const policy = this.policyOf(node)
    const reference = new Reference(self, { tuning, policy })
    const records = new Map<string, Member>()
    for (const member of node.machine.members()) {
      records.set(member.name, member)
      if (!member.isSelf) reference.adopt(member.name, beliefOf(member))
    }
    const view: OwnView = {
      node,
      life: node.life,
      self,
      records,
      reference,
      probes: new Probes(tuning, policy),
      score: node.machine.healthScore,
      stopped: false,
      inputs: 0,
      searches: new Searches(),
      incarnation: node.machine.self.incarnation,
      status: node.machine.self.status,
    }
    this.#views.set(node.machine, view)
    this.#current.set(node.index, view)
    return view
  }

  /** Tells the reference everything; notes the evidence about each name as it was before. */
  #believe(
    { reference, self }: OwnView,
    claims: readonly Claim[],
    effects: readonly Effect[],
    now: number,
    isDoubtful: boolean,
    evidence: Map<string, number>,
  ): void {
    const note = (name: string): void => {
      if (!evidence.has(name)) evidence.set(name, reference.records.get(name)?.evidence ?? 0)
    }
    for (const claim of claims) {
      note(claim.node)
      if (!isDoubtful) reference.hear(claim, now)
    }
    const { expired, conclusive } = this.probe
    if (expired && conclusive) {
      const { target: node, incarnation } = expired
      note(node)
      reference.hear(
        { type: 'suspect', node, incarnation, from: self, address: undefined, meta: undefined },
        now,
        reference.contested.delete(node),
      )
    }
    const late = this.due?.reason === 'suspicion' ? this.#late(reference, effects) : undefined
    if (late) {
      note(late.name)
      reference.expire(late, now)
    }
  }

  /** Whose suspicion ran out. Of several at nearly one time, some of them not exactly known, the machine may say which. */
  #late(reference: Reference, effects: readonly Effect[]): ReferenceRecord | undefined {
    for (const effect of effects) {
      const record = effect.kind === 'event' ? reference.records.get(effect.event.member.name) : undefined
      if (record?.episode) return record
    }
    return reference.firstToExpire()
  }

  #compare(
    view: OwnView,
    effects: readonly Effect[],
    claims: readonly Claim[],
    evidence: ReadonlyMap<string, number>,
    now: number,
    isDoubtful: boolean,
  ): Touched[] {
    const names = new Set([view.self, ...evidence.keys()])
    for (const effect of effects) {
      if (effect.kind !== 'event') continue
      names.add(effect.event.member.name)
      if (effect.event.type === 'reap') view.reference.forget(effect.event.member.name, now)
    }
    const touched: Touched[] = []
    for (const name of names) {
      const isSelf = name === view.self
      const before = view.records.get(name)
      const after = view.node.machine.member(name)
      if (after) view.records.set(name, after)
      else view.records.delete(name)
      const expected = isSelf ? undefined : view.reference.records.get(name)
      touched.push({
        name,
        isSelf,
        before,
        after,
        // A copy: it may have to give way to what the machine believes.
        expected: expected && { ...expected },
        evidenceBefore: evidence.get(name) ?? expected?.evidence ?? 0,
        claims: claims.length === 0 ? noClaims : claims.filter((claim) => claim.node === name),
        // Whoever left was asked, and a while later its name moved (DIV-9).
        open: isDoubtful || this.due?.reason === 'takeover',
      })
      if (!isSelf && !agrees(expected, after)) view.reference.adopt(name, after && beliefOf(after))
    }
    return touched
  }

  #sweep(view: OwnView): string[] {
    const strays: string[] = []
    const members = view.node.machine.members()
    for (const member of members) {
      const known = view.records.get(member.name)
      if (known && sameRecord(known, member)) continue
      strays.push(member.name)
      view.records.set(member.name, member)
      if (!member.isSelf) view.reference.adopt(member.name, beliefOf(member))
    }
    if (members.length === view.records.size) return strays
    const names = new Set(members.map((member) => member.name))
    for (const name of [...view.records.keys()]) {
      if (names.has(name)) continue
      strays.push(name)
      view.records.delete(name)
      view.reference.adopt(name, undefined)
    }
    return strays
  }
}

const beliefOf = ({ status, incarnation, address, statusSinceMs }: Member) => ({
  status,
  incarnation,
  address,
  sinceMs: statusSinceMs,
})
