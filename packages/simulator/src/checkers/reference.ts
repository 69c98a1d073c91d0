/**
 * The membership spec read once more, in its plainest form: what one member must believe after the claims that it heard
 * (1.3–1.5, 1.9, 3). No speed, no bytes, no I/O, no code of the machine.
 */
import type { MemberStatus, Policy, Tuning } from '@hearsay/membership'
import type { Claim } from './claim.ts'

/** A suspicion under way (membership spec 3). */
export interface ReferenceEpisode {
  readonly accuser: string
  readonly startedAtMs: number
  /** The k of 3.1. */
  readonly expected: number
  readonly minMs: number
  readonly maxMs: number
  readonly confirmers: Set<string>
  /** Where the spec leaves room, k may as well be 0: of a member whose place is contested (DIV-14). */
  readonly isOpen: boolean
  deadlineMs: number
}

/** What must be believed of one name. */
export interface ReferenceRecord {
  readonly name: string
  status: MemberStatus
  incarnation: number
  /** Highest incarnation of any claim admitted (DIV-10). */
  evidence: number
  address: string
  sinceMs: number
  episode: ReferenceEpisode | undefined
}

/** Switches of a node that change what it must believe. */
export interface ReferenceOptions {
  readonly tuning: Tuning
  readonly policy: Pick<Policy, 'incarnationCeiling' | 'evidenceMemory' | 'provenTakeover'>
}

const ACCUSATIONS_FROM = 2 ** 32 - 2 ** 16
const ALIVES_TO = 2 ** 32 - 2

/** How much longer than the record its tombstone is kept (DIV-41). */
const TOMBSTONE_FACTOR = 10

interface Tombstone {
  readonly evidence: number
  readonly address: string
  readonly untilMs: number
}

/** Beliefs of one member about others. Its own record is not here: it speaks for itself. */
export class Reference {
  readonly records = new Map<string, ReferenceRecord>()
  /** Names whose place another claimed lately, so that they are looked at out of turn (DIV-14). */
  readonly contested = new Set<string>()
  /** What was known of names that were forgotten. */
  readonly #forgotten = new Map<string, Tombstone>()
  readonly #options: ReferenceOptions
  readonly #self: string

  constructor(self: string, options: ReferenceOptions) {
    this.#self = self
    this.#options = options
  }

  /** Records, the own one included: the n of every formula. */
  get size(): number {
    return this.records.size + 1
  }

  /** Takes one claim about another. `isOpen`: whether confirmations matter to the suspicion that this begins is left open. */
  hear(claim: Claim, now: number, isOpen = false): void {
    if (claim.node === this.#self) return
    if (claim.type === 'alive') return this.#alive(claim, now)
    const record = this.records.get(claim.node)
    if (!record || (this.#options.policy.incarnationCeiling && claim.incarnation >= ACCUSATIONS_FROM)) return
    if (claim.incarnation < record.incarnation) return
    this.#remember(record, claim.incarnation)
    if (record.status === 'dead' || record.status === 'left') return
    if (claim.type === 'dead') this.#bury(record, claim, now)
    else if (record.episode) this.#confirm(record.episode, claim.from)
    else this.#suspect(record, claim, now, isOpen)
  }

  /** The suspicion that runs out first, if any. */
  firstToExpire(): ReferenceRecord | undefined {
    let first: ReferenceRecord | undefined
    for (const record of this.records.values())
      if (record.episode && (!first?.episode || record.episode.deadlineMs < first.episode.deadlineMs)) first = record
    return first
  }

  /** A suspicion ran out: the member is dead, by our own word. */
  expire(record: ReferenceRecord, now: number): void {
    const { name: node, incarnation } = record
    this.#bury(record, { type: 'dead', node, incarnation, from: this.#self, address: undefined, meta: undefined }, now)
  }

  /** A record was reaped. */
  forget(name: string, now: number): void {
    const record = this.records.get(name)
    const untilMs = now + TOMBSTONE_FACTOR * this.#options.tuning.gossip.toTheDeadMs
    if (record && this.#options.policy.evidenceMemory)
      this.#forgotten.set(name, { evidence: record.evidence, address: record.address, untilMs })
    this.records.delete(name)
  }

  /** Whether a name is, or was when it was forgotten, at an address. */
  wasAt(name: string, address: string): boolean {
    return (this.records.get(name)?.address ?? this.#forgotten.get(name)?.address) === address
  }

  /** Believes what the machine believes: at the beginning, and after the two disagreed. */
  adopt(
    name: string,
    belief: Pick<ReferenceRecord, 'status' | 'incarnation' | 'address' | 'sinceMs'> | undefined,
  ): void {
    if (belief === undefined) {
      this.records.delete(name)
      return
    }
    const before = this.records.get(name)
    const { status, incarnation, address, sinceMs } = belief
    const evidence = Math.max(incarnation, before?.address === address ? before.evidence : 0)
    const episode = status === 'suspect' ? (before?.episode ?? this.#episode(name, sinceMs, true)) : undefined
    this.records.set(name, { name, status, incarnation, evidence, address, sinceMs, episode })
  }

  #alive(claim: Claim, now: number): void {
    const { node: name, incarnation, address } = claim
    if (address === undefined || (this.#options.policy.incarnationCeiling && incarnation > ALIVES_TO)) return
    const record = this.records.get(name)
    if (!record) return this.#newcomer(name, incarnation, address, now)
    const moved = record.address !== address
    if (moved ? !this.#moves(record, claim, now) : incarnation <= record.evidence) return
    if (record.status === 'dead' || record.status === 'left') this.#crowd(address)
    if (record.status !== 'alive') record.sinceMs = now
    record.status = 'alive'
    record.episode = undefined
    record.incarnation = incarnation
    // A take-over starts the name's history anew.
    record.evidence = moved ? incarnation : Math.max(record.evidence, incarnation)
    record.address = address
  }

  #newcomer(name: string, incarnation: number, address: string, now: number): void {
    if (incarnation === 0) return
    const stone = this.#forgotten.get(name)
    // Hearsay about one who is gone (DIV-41).
    if (stone && stone.untilMs > now && stone.address === address && incarnation <= stone.evidence) return
    this.#forgotten.delete(name)
    this.#crowd(address)
    const evidence = incarnation
    this.records.set(name, { name, status: 'alive', incarnation, evidence, address, sinceMs: now, episode: undefined })
  }

  /** Somebody comes to an address: whoever is there may be looked at out of turn (DIV-14). */
  #crowd(address: string): void {
    if (!this.#options.policy.provenTakeover) return
    for (const each of this.records.values()) if (each.address === address) this.contested.add(each.name)
  }

  /** Whether a known name may move at once. */
  #moves(record: ReferenceRecord, claim: Claim, now: number): boolean {
    const { provenTakeover } = this.#options.policy
    // Who left is asked first whether it is really gone (DIV-9).
    if (this.#reclaimable(record, now)) return !(provenTakeover && record.status === 'left')
    if (provenTakeover && claim.incarnation > record.incarnation) this.contested.add(record.name)
    return false
  }

  #remember(record: ReferenceRecord, incarnation: number): void {
    if (this.#options.policy.evidenceMemory) record.evidence = Math.max(record.evidence, incarnation)
  }

  #reclaimable({ status, sinceMs }: ReferenceRecord, now: number): boolean {
    const { deadNodeReclaimMs } = this.#options.tuning
    return status === 'left' || (status === 'dead' && deadNodeReclaimMs > 0 && now - sinceMs > deadNodeReclaimMs)
  }

  #suspect(record: ReferenceRecord, claim: Claim, now: number, isOpen: boolean): void {
    record.status = 'suspect'
    record.incarnation = claim.incarnation
    record.sinceMs = now
    record.evidence = Math.max(record.evidence, claim.incarnation)
    record.episode = this.#episode(claim.from, now, isOpen)
  }

  #bury(record: ReferenceRecord, claim: Claim, now: number): void {
    record.status = claim.from === claim.node ? 'left' : 'dead'
    record.incarnation = claim.incarnation
    record.evidence = Math.max(record.evidence, claim.incarnation)
    record.sinceMs = now
    record.episode = undefined
  }

  #episode(accuser: string, now: number, isOpen: boolean): ReferenceEpisode {
    const { suspicion, probe } = this.#options.tuning
    const n = this.size
    const wanted = Math.max(0, suspicion.multiplier - 2)
    const expected = n - 2 < wanted ? 0 : wanted
    const minMs = (suspicion.multiplier * Math.floor(Math.max(1, Math.log10(n)) * 1000) * probe.intervalMs) / 1000
    const maxMs = suspicion.maxTimeoutMultiplier * minMs
    const deadlineMs = now + (expected > 0 ? maxMs : minMs)
    return { accuser, startedAtMs: now, expected, minMs, maxMs, confirmers: new Set(), isOpen, deadlineMs }
  }

  #confirm(episode: ReferenceEpisode, accuser: string): void {
    const { expected, confirmers, minMs, maxMs, startedAtMs } = episode
    if (confirmers.size >= expected || accuser === episode.accuser || confirmers.has(accuser)) return
    confirmers.add(accuser)
    const share = Math.log(confirmers.size + 1) / Math.log(expected + 1)
    const timeoutMs = Math.max(minMs, Math.floor(maxMs - share * (maxMs - minMs)))
    episode.deadlineMs = Math.min(episode.deadlineMs, startedAtMs + timeoutMs)
  }
}
