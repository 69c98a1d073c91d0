/** Our machine in the profile that does as memberlist does, behind the same commands as the real one. */
import { type Effect, faithful, lan, Machine, type Tuning } from '@hearsay/membership'
import { decodePacket, defaultVersions, type NodeState, StreamReader } from '@hearsay/wire'
import { bytesOf, hexOf } from './hex.ts'
import type { Belief, Dial, MemberSettings, Observation, SentPacket, Subject, Told } from './observation.ts'

/** Longer than anything that is compared without timers; much more would be too much for Go's arithmetic. */
export const NEVER_MS = 3_600_000
/** So short that rounds of gossip, the only thing that is ever due, take no time. */
const NO_TIME_MS = 1e-6

/** The numbers of a member whose loops do not run; gossip does when it is asked for. */
const still: Tuning = {
  ...lan,
  probe: { ...lan.probe, intervalMs: NEVER_MS, timeoutMs: NEVER_MS, awarenessMaxMultiplier: 1_000_000 },
  gossip: { ...lan.gossip, intervalMs: NO_TIME_MS, nodes: 100, toTheDeadMs: NEVER_MS },
  pushPull: { ...lan.pushPull, intervalMs: 0 },
}

function tuningOf({ runsLoops, withoutLoops, deadNodeReclaimMs }: MemberSettings): Tuning {
  const base = runsLoops ? lan : still
  return {
    ...base,
    // Go never looks for who was forgotten (DIV-36).
    rejoin: { ...base.rejoin, intervalMs: 0 },
    deadNodeReclaimMs,
    ...(withoutLoops.includes('gossip') && { gossip: { ...base.gossip, intervalMs: 0 } }),
    ...(withoutLoops.includes('pushPull') && { pushPull: { ...base.pushPull, intervalMs: 0 } }),
  }
}

/** More than can be due without anything coming of it. */
const MAX_FIRED = 100_000

/** Where streams come from. */
const NOBODY = '10.0.0.99:40000'

const STATE_NUMBERS = { alive: 0, suspect: 1, dead: 2, left: 3 } as const

/** Our member under test. */
export class OurMember implements Subject {
  readonly born: Observation
  readonly #machine: Machine
  readonly #refused = new Set<string>()
  readonly #requests = new Map<number, string>()
  readonly #refusedInMerge: string
  readonly #looks: boolean
  #now = 0
  #nextId = 1
  #packets: SentPacket[] = []
  #dials: Dial[] = []
  #replies: Observation['replies'][number][] = []
  #told: Told[] = []
  #notes: string[] = []
  #seen = ''

  constructor(settings: MemberSettings, random: () => number) {
    this.#machine = new Machine({
      self: {
        name: settings.name,
        address: bytesOf(settings.address),
        port: settings.port,
        meta: bytesOf(settings.meta),
        versions: defaultVersions,
      },
      tuning: tuningOf(settings),
      packet: { budgetBytes: settings.packetBytes, overheadBytes: () => 0 },
      initialIncarnation: 1,
      random,
      localState: () => bytesOf(settings.localState),
      policy: faithful,
      ...(settings.hasHooks && {
        hooks: {
          alive: ({ name }) => name !== settings.refuseAlive,
          ackPayload: () => bytesOf(settings.ackPayload),
          tellsPings: true,
          asksBeforeMerge: true,
        },
      }),
    })
    this.#refusedInMerge = settings.refuseMerge
    this.#looks = !settings.runsLoops
    this.#handle({ kind: 'start' })
    this.born = this.#observe()
  }

  async packet(from: string, bytes: Uint8Array): Promise<Observation> {
    // As in production: what cannot be read is dropped, the rest goes in.
    const { messages, drops } = decodePacket(bytes)
    for (const drop of drops) this.#notes.push(`${drop.reason}: ${drop.detail}`)
    if (messages.length > 0) this.#handle({ kind: 'packet', from, messages })
    return this.#observe()
  }

  async stream(bytes: Uint8Array): Promise<Observation> {
    const reader = new StreamReader({ role: 'acceptor', label: '', labelMode: 'strict' })
    reader.push(bytes)
    reader.end()
    const read = reader.next()
    const before = this.#replies.length
    if (read.kind === 'message')
      this.#handle({
        kind: 'stream-request',
        exchange: -this.#nextId++,
        from: '10.0.0.99:40000',
        message: read.message,
      })
    else if (read.kind === 'failed' && read.reply !== undefined)
      this.#replies.push({ type: 'error', error: read.reply })
    if (this.#replies.length === before) this.#replies.push(undefined)
    return this.#observe()
  }

  async answer({ id, message }: Dial, bytes: Uint8Array): Promise<Observation> {
    const reader = new StreamReader({ role: 'initiator', label: '', labelMode: 'strict' })
    reader.push(bytes)
    reader.end()
    const read = reader.next()
    if (message?.type === 'user') this.#handle({ kind: 'stream-done', exchange: id })
    else if (read.kind === 'message') this.#handle({ kind: 'stream-reply', exchange: id, message: read.message })
    else this.#handle({ kind: 'stream-failed', exchange: id, contacted: true, reason: 'no reply' })
    return this.#observe()
  }

  async refuse(addresses: readonly string[]): Promise<Observation> {
    this.#refused.clear()
    for (const address of addresses) this.#refused.add(address)
    return this.#observe()
  }

  async join(to: string): Promise<Observation> {
    this.#handle({ kind: 'join', request: this.#request('exchange'), addresses: [to] })
    return this.#observe()
  }

  async gossip(): Promise<Observation> {
    const due = this.#machine.nextDeadline()
    if (due?.reason === 'gossip') {
      this.#now = Math.max(this.#now, due.at)
      this.#handle({ kind: 'deadline' })
    }
    return this.#observe()
  }

  async ping(node: string, to: string): Promise<Observation> {
    this.#handle({ kind: 'ping', request: this.#request('ping'), node, address: to })
    return this.#observe()
  }

  async updateMeta(meta: Uint8Array): Promise<Observation> {
    this.#handle({ kind: 'update-meta', request: this.#request('updateMeta'), meta, timeoutMs: NEVER_MS })
    return this.#observe()
  }

  async leave(): Promise<Observation> {
    this.#handle({ kind: 'leave', request: this.#request('leave'), timeoutMs: NEVER_MS })
    return this.#observe()
  }

  async send(node: string, payload: Uint8Array, reliable: boolean): Promise<Observation> {
    this.#handle({ kind: 'send', request: this.#request('send'), to: node, payload, reliable })
    return this.#observe()
  }

  async wait(untilMs: number): Promise<Observation> {
    this.#now = untilMs
    return this.#observe()
  }

  async advance(untilMs: number): Promise<Observation> {
    for (let fired = 0; ; fired++) {
      const due = this.#machine.nextDeadline()
      if (due === undefined || due.at > untilMs) break
      if (fired === MAX_FIRED) throw new Error(`${due.reason} is due again and again at ${this.#now} ms`)
      this.#now = Math.max(this.#now, due.at)
      this.#handle({ kind: 'deadline' })
      if (this.#hasSaid() || this.#beliefs() !== this.#seen) return this.#observe()
    }
    this.#now = Math.max(this.#now, untilMs)
    return this.#observe()
  }

  async close(): Promise<void> {
    this.#machine.handle({ kind: 'stop' }, this.#now)
  }

  #request(what: string): number {
    const request = this.#nextId++
    this.#requests.set(request, what)
    return request
  }

  #handle(input: Parameters<Machine['handle']>[0]): void {
    for (const effect of this.#machine.handle(input, this.#now)) this.#perform(effect)
  }

  #perform(effect: Effect): void {
    const atMs = this.#now
    switch (effect.kind) {
      case 'send-packet': {
        const messages = effect.parts.map((part) => part.message)
        this.#packets.push({ atMs, to: effect.to, messages })
        return
      }
      case 'open-stream': {
        const { exchange, to, message } = effect
        this.#dials.push({ id: exchange, atMs, to, message: this.#refused.has(to) ? undefined : message })
        if (this.#refused.has(to))
          this.#handle({ kind: 'stream-failed', exchange, contacted: false, reason: 'connection refused' })
        return
      }
      case 'close-stream':
        this.#replies.push(effect.reply)
        return
      case 'merge-ask': {
        const accept = effect.members.every(({ name }) => name !== this.#refusedInMerge)
        return this.#handle({ kind: 'merge-answer', ask: effect.ask, accept })
      }
      case 'ignored':
        this.#notes.push(effect.reason)
        return
      default:
        return this.#tell(effect)
    }
  }

  #tell(effect: Effect): void {
    const tell = (type: Told['type'], detail: string): void => {
      this.#told.push({ atMs: this.#now, type, detail })
    }
    switch (effect.kind) {
      case 'event': {
        const { type, member, claimedBy } = effect.event
        const name = `${member.name} ${hexOf(member.meta)}`
        if (type === 'join' || type === 'update') tell(type, name)
        else if (type === 'leave' || type === 'fail') tell('leave', name)
        else if (type === 'conflict') tell('conflict', `${member.name} ${claimedBy}`)
        return
      }
      case 'user-message':
        return tell('message', hexOf(effect.payload))
      case 'remote-state':
        return tell('state', `${hexOf(effect.state)} ${effect.join}`)
      case 'ping-complete':
        return tell('ping-complete', `${effect.member.name} ${hexOf(effect.payload)}`)
      case 'settle':
        return tell(
          'finished',
          `${this.#requests.get(effect.request)} ${hasFailed(effect.outcome) ? 'failed' : 'done'}`,
        )
      default:
        return
    }
  }

  #hasSaid(): boolean {
    return this.#packets.length + this.#dials.length + this.#told.length > 0
  }

  #beliefs(): string {
    const members = this.#machine.members().map(({ name, status, incarnation }) => `${name} ${status} ${incarnation}`)
    return `${this.#machine.healthScore} ${members.join()}`
  }

  /** Exchanges states with somebody who knows nothing, and tells nobody. */
  #look(): readonly NodeState[] {
    const nobody = { type: 'push-pull', join: false, nodes: [], userState: new Uint8Array(0) } as const
    const exchange = -this.#nextId++
    for (const effect of this.#machine.handle(
      { kind: 'stream-request', exchange, from: NOBODY, message: nobody },
      this.#now,
    ))
      if (effect.kind === 'close-stream' && effect.reply?.type === 'push-pull') return [...effect.reply.nodes]
    throw new Error('a state was asked for, and none came')
  }

  #observe(): Observation {
    this.#seen = this.#beliefs()
    const observation: Observation = {
      nowMs: this.#now,
      packets: this.#packets,
      dials: this.#dials,
      replies: this.#replies,
      told: this.#told,
      beliefs: this.#machine
        .members()
        .map(({ name, status, incarnation }): Belief => ({ name, state: STATE_NUMBERS[status], incarnation })),
      state: this.#looks ? this.#look() : [],
      health: this.#machine.healthScore,
      lost: [],
      isRenumbered: false,
      notes: this.#notes,
    }
    this.#packets = []
    this.#dials = []
    this.#replies = []
    this.#told = []
    this.#notes = []
    return observation
  }
}

function hasFailed(outcome: Extract<Effect, { kind: 'settle' }>['outcome']): boolean {
  switch (outcome.type) {
    case 'join':
      return outcome.seeds.some(({ ok }) => !ok)
    case 'ping':
      return outcome.result === 'no-answer'
    case 'send':
      return outcome.result !== 'sent'
    case 'rejected':
      return true
    default:
      return false
  }
}
