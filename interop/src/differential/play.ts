/** One sequence, step by step, with the real member and with ours. */
import { type Allowance, type Case, explain, nameOf } from './allowances.ts'
import { claimsOf } from './claims.ts'
import { type Both, compareSaid, compareViews, type Difference, ownPings, type View } from './compare.ts'
import { give } from './give.ts'
import type { GoMembers } from './go-member.ts'
import type { MemberSettings, Observation, Subject } from './observation.ts'
import { OurMember } from './our-member.ts'
import { reconciliation } from './reconcile.ts'
import { seeded } from './seeded.ts'
import type { Sequence, Step } from './steps.ts'

/** Differences that nothing explains, all of one step. */
export interface Failure {
  /** Index of the step; beyond the last one: in what was still queued at the end. */
  readonly at: number
  readonly step: Step
  readonly differences: readonly Difference[]
  /** Go's log and our guards. */
  readonly notes: Both<readonly string[]>
}

/** What became of a sequence. */
export interface Played {
  readonly failure: Failure | undefined
  /** How often each allowance explained a difference. */
  readonly allowed: ReadonlyMap<Allowance, number>
  /** Steps that were compared, rounds of gossip at the end included. */
  readonly steps: number
  /** After an allowed difference nothing could bring the two together again: the rest was not compared. */
  readonly isCutShort: boolean
}

/** Rounds after which nothing waits to be sent any more. */
const LAST_ROUNDS = 10

/** Changes what ours said before it is compared: how tests see that each comparison can fail. */
export type Tamper = (said: Observation, step: Step) => Observation

/** Plays a sequence, and what is still queued at its end. */
export async function play(go: GoMembers, { settings, steps }: Sequence, tamper?: Tamper): Promise<Played> {
  const member = await go.create(settings)
  try {
    const pair = new Pair({ go: member, ours: new OurMember(settings, seeded(1)) }, settings, tamper)
    return await pair.play([...steps, ...Array.from({ length: LAST_ROUNDS }, (): Step => ({ op: 'gossip' }))])
  } finally {
    await member.close()
  }
}

/** What a member believes, as it tells whoever exchanges states with it. */
const viewOf = ({ state }: Observation): View => new Map([...state].map((node) => [node.name, node]))

class Pair {
  readonly #subjects: Both<Subject>
  readonly #settings: MemberSettings
  readonly #tamper: Tamper
  readonly #pings = ownPings()
  readonly #allowed = new Map<Allowance, number>()
  /** The highest incarnation that was ever claimed of a name. */
  readonly #highest = new Map<string, number>()
  #views: Both<View>
  #health: Both<number> = { go: 0, ours: 0 }
  #nowMs = 0
  #lost: readonly string[] = []
  #isRenumbered = false

  constructor(subjects: Both<Subject>, settings: MemberSettings, tamper: Tamper = (said) => said) {
    this.#subjects = subjects
    this.#views = { go: viewOf(subjects.go.born), ours: viewOf(subjects.ours.born) }
    this.#settings = settings
    this.#tamper = tamper
  }

  async play(steps: readonly Step[]): Promise<Played> {
    for (const [at, step] of steps.entries()) {
      const { differences, torn, ends, notes } = await this.#step(step)
      if (differences.length > 0) return this.#played(at + 1, { failure: { at, step, differences, notes } })
      if (ends) return this.#played(at + 1, { isCutShort: true })
      const end = await this.#reconcile(torn, at, notes)
      if (end) return this.#played(at + 1, end)
    }
    return this.#played(steps.length, {})
  }

  /** Tells both the same of each name; says how that ends the sequence, if it does. */
  async #reconcile(
    torn: ReadonlySet<string>,
    at: number,
    notes: Failure['notes'],
  ): Promise<Partial<Played> | undefined> {
    const pending = new Set(torn)
    for (const name of torn) {
      const message = reconciliation(name, this.#views, this.#highest.get(name) ?? 0, this.#settings)
      if (!message) return { isCutShort: true }
      const step: Step = { op: 'packet', from: '10.0.0.99:7946', messages: [message] }
      const { differences } = await this.#step(step, pending, name)
      if (differences.length > 0) return { failure: { at, step, differences, notes } }
      pending.delete(name)
    }
    return undefined
  }

  #played(steps: number, rest: Partial<Played>): Played {
    return { failure: undefined, isCutShort: false, ...rest, allowed: this.#allowed, steps }
  }

  /** Does a step, and compares. What is `pending` need not be the same, but for what is believed of the one that is told. */
  async #step(
    step: Step,
    pending: ReadonlySet<string> = new Set(),
    told?: string,
  ): Promise<{
    differences: readonly Difference[]
    torn: ReadonlySet<string>
    ends: boolean
    notes: Both<readonly string[]>
  }> {
    if (step.op === 'wait') this.#nowMs += step.ms
    for (const { node, incarnation } of claimsOf(step))
      this.#highest.set(node, Math.max(incarnation, this.#highest.get(node) ?? 0))
    const go = await give(this.#subjects.go, this.#pings.go, step, this.#nowMs)
    const ours = this.#tamper(await give(this.#subjects.ours, this.#pings.ours, step, this.#nowMs), step)
    const before = this.#views
    const after = { go: viewOf(go), ours: viewOf(ours) }
    const said = compareSaid({ go, ours }, this.#pings, this.#health, this.#settings.name)
    this.#views = after
    this.#health = { go: go.health, ours: ours.health }
    const { name: self } = this.#settings
    const found = [
      ...said.filter((difference) => !pending.has(nameOf(difference, self) ?? '')),
      ...compareViews(after).filter(({ name }) => name === told || !pending.has(name)),
    ]
    this.#isRenumbered ||= go.isRenumbered
    const at: Case = {
      step,
      said: { go, ours },
      settings: this.#settings,
      before,
      after,
      // What was lost before may be said anew by the end of the step.
      lost: new Set([...this.#lost, ...go.lost]),
      isRenumbered: this.#isRenumbered,
      found,
    }
    this.#lost = go.lost
    const differences: Difference[] = []
    const torn = new Set<string>()
    let ends = false
    for (const difference of found) {
      const allowance = explain(difference, at)
      if (!allowance || (allowance.tears && pending.size > 0)) {
        differences.push(difference)
        continue
      }
      this.#allowed.set(allowance, (this.#allowed.get(allowance) ?? 0) + 1)
      ends ||= allowance.ends ?? false
      const name = nameOf(difference, self)
      if (allowance.tears && name !== undefined) torn.add(name)
      for (const other of allowance.alsoTears?.(at) ?? []) torn.add(other)
    }
    return { differences, torn, ends, notes: { go: go.notes, ours: ours.notes } }
  }
}
