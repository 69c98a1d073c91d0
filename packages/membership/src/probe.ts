/**
 * The failure detector (membership spec 2.1–2.3): one member at a time is pinged directly, then through others, then
 * over a stream; who stays silent through the whole window is suspected.
 */
import type { Bytes, Ping } from '@hearsay/wire'
import type { Claims } from './claims.ts'
import type { Context } from './context.ts'
import { type PeerIndex, snapshot } from './peer-table.ts'
import { ProbeTargets } from './probe-targets.ts'
import { pickPeers } from './random-pick.ts'

const NEVER = Number.POSITIVE_INFINITY
/** Of the probe timeout, beyond the two that a relay's nack takes at most (DIV-19). */
const NACK_GRACE = 0.2

/** The probe under way. */
interface Round {
  readonly seqNo: number
  readonly name: string
  /** Of the record when the probe began: an accusation that a refutation overtook must fall to it. */
  readonly incarnation: number
  readonly isDecisive: boolean
  readonly startedAtMs: number
  readonly directUntilMs: number
  readonly deadlineMs: number
  phase: 'direct' | 'indirect'
  expectedNacks: number
  nackedBy: ReadonlySet<string>
  exchange: number | undefined
  streamContact: boolean
}

/** A failed probe whose nacks may still arrive (DIV-19). */
interface Settlement {
  readonly at: number
  readonly seqNo: number
  readonly expectedNacks: number
  nackedBy: ReadonlySet<string>
}

/** Probes one member after the other. */
export class Detector {
  readonly #context: Context
  readonly #claims: Claims
  readonly #targets: ProbeTargets
  readonly #settlements: Settlement[] = []
  #round: Round | undefined
  #tickAt = NEVER
  #tickMissed = false
  #lagMs = 0

  constructor(context: Context, claims: Claims) {
    this.#context = context
    this.#claims = claims
    this.#targets = new ProbeTargets(context)
  }

  /** Arms the loop. Ours begins at a random time (DIV-16), Go's one interval after the start. */
  start(now: number): void {
    const { tuning, policy, research, random } = this.#context
    const { intervalMs } = tuning.probe
    if (intervalMs <= 0) return
    if (research.synchronousPhases) this.#tickAt = (Math.floor(now / intervalMs) + 1) * intervalMs
    else this.#tickAt = now + (policy.trueStagger ? intervalMs * (0.5 + random()) : intervalMs)
  }

  stop(): void {
    this.#tickAt = NEVER
    this.#round = undefined
    this.#settlements.length = 0
  }

  /** When the window of the probe under way is over. */
  get windowEndsAt(): number {
    const round = this.#round
    return round && !isWaitingDirectly(round) ? round.deadlineMs : NEVER
  }

  /** When waiting for a direct answer is over. */
  get directEndsAt(): number {
    const round = this.#round
    return round && isWaitingDirectly(round) ? round.directUntilMs : NEVER
  }

  get settlesAt(): number {
    return this.#settlements[0]?.at ?? NEVER
  }

  get ticksAt(): number {
    return this.#tickAt
  }

  /** The next tick of the loop. A probe in progress holds the next one up; at most one tick is remembered. */
  tick(now: number): void {
    const { intervalMs } = this.#context.tuning.probe
    this.#tickAt = Math.max(this.#tickAt + intervalMs, now + intervalMs / 2)
    if (this.#round) this.#tickMissed = true
    else this.#begin(now, true)
  }

  /** Looks at a member out of turn, because another claims its place (DIV-14). */
  hurry(index: PeerIndex, now: number): void {
    if (this.#tickAt !== NEVER && this.#targets.hurry(index) && !this.#round) this.#begin(now, false)
  }

  /** Nobody answered directly in time: ask others, and try a stream. */
  goIndirect(now: number): void {
    const round = this.#round
    if (!round) return
    round.phase = 'indirect'
    const { table, tuning, out } = this.#context
    const target = table.find(round.name)
    if (target < 0) return
    this.#askRelays(round, target)
    if (!tuning.probe.streamFallback || (table.versions(target)?.protocolMax ?? 0) < 3) return
    round.exchange = this.#context.nextExchange()
    out.push({
      kind: 'open-stream',
      exchange: round.exchange,
      to: table.endpoint(target),
      message: this.#ping(round.name, round.seqNo),
      expectReply: true,
      timeoutMs: Math.max(1, round.deadlineMs - now),
    })
  }

  /** An ack, from whomever. True if it answered the probe under way. */
  acked(seqNo: number, payload: Bytes, now: number): boolean {
    const round = this.#round
    if (!round || round.seqNo !== seqNo) return false
    const { table, out } = this.#context
    const target = table.find(round.name)
    // One that was read late says how long we were away, not how far the way is.
    if (target >= 0 && round.phase === 'direct' && now <= round.directUntilMs) {
      const rttMs = now - round.startedAtMs
      table.setRtt(target, rttMs)
      if (this.#context.tellsPings)
        out.push({
          kind: 'ping-complete',
          member: snapshot(table, target),
          rttMs,
          payload: payload?.slice() ?? noBytes,
        })
    }
    this.#finish(-1, now)
    return true
  }

  /** A relay did not reach the target either. Each counts once. */
  nacked(seqNo: number, from: string): boolean {
    const waiting =
      this.#round?.seqNo === seqNo ? this.#round : this.#settlements.find((settlement) => settlement.seqNo === seqNo)
    if (!waiting || waiting.nackedBy.size >= waiting.expectedNacks) return false
    waiting.nackedBy = new Set(waiting.nackedBy).add(from)
    return true
  }

  /** The reply to the stream ping. True if that exchange was ours. */
  streamAnswered(exchange: number, seqNo: number | undefined): boolean {
    if (this.#round?.exchange !== exchange) return false
    if (seqNo === this.#round.seqNo) this.#round.streamContact = true
    return true
  }

  /** How late the event loop ran while the probe waited. */
  lagged(lagMs: number): void {
    this.#lagMs = Math.max(this.#lagMs, lagMs)
  }

  /** The window is over without an ack. */
  expire(now: number): void {
    const round = this.#round
    if (!round) return
    const { self, tuning, policy, research } = this.#context
    if (round.streamContact) return this.#finish(-1, now)
    // Who was not running cannot tell whether an answer came (DIV-20): inconclusive, and a sign of ill health.
    if (policy.lagAwareness && this.#lagMs > tuning.probe.timeoutMs / 2) return this.#finish(1, now)
    this.#claims.suspect(
      { type: 'suspect', incarnation: round.incarnation, node: round.name, from: self.name },
      'probe',
      now,
      undefined,
      round.isDecisive,
    )
    if (research.localHealth === 'paper') this.#health(1)
    if (round.expectedNacks === 0) return this.#finish(research.localHealth === 'paper' ? 0 : 1, now)
    // Nacks of the last relays may still be under way: what they are worth is settled later.
    const settlesAt = round.startedAtMs + (2 + NACK_GRACE) * tuning.probe.timeoutMs
    if (policy.earlyNacks && settlesAt > round.deadlineMs) {
      this.#settlements.push({ ...round, at: settlesAt })
      return this.#finish(0, now)
    }
    this.#finish(this.#missingNacks(round), now)
  }

  /** The nacks of a failed probe are counted. */
  settle(): void {
    const settlement = this.#settlements.shift()
    if (settlement) this.#health(this.#missingNacks(settlement))
  }

  #missingNacks({ expectedNacks, nackedBy }: Pick<Settlement, 'expectedNacks' | 'nackedBy'>): number {
    const missing = Math.max(0, expectedNacks - nackedBy.size)
    return this.#context.research.localHealth === 'paper' ? Math.min(1, missing) : missing
  }

  #begin(now: number, isTurn: boolean): void {
    const target = this.#targets.next(isTurn)
    // One out of turn takes nobody's turn.
    if (isTurn) this.#tickMissed = target?.isDecisive === true
    if (!target) return
    const { table, tuning, awareness, self, out, research } = this.#context
    const { index } = target
    const name = table.name(index)
    const incarnation = table.incarnation(index)
    const seqNo = this.#context.nextSeqNo()
    const { timeoutMs } = tuning.probe
    this.#lagMs = 0
    this.#round = {
      seqNo,
      name,
      incarnation,
      isDecisive: target.isDecisive,
      startedAtMs: now,
      directUntilMs: now + (research.localHealth === 'paper' ? awareness.scale(timeoutMs) : timeoutMs),
      deadlineMs: now + awareness.scale(tuning.probe.intervalMs),
      phase: 'direct',
      expectedNacks: 0,
      nackedBy: nobody,
      exchange: undefined,
      streamContact: false,
    }
    const ping = this.#ping(name, seqNo)
    const to = table.endpoint(index)
    if (table.status(index) === 'alive' || !research.buddy) out.sendWithBroadcasts(to, ping, 'probe')
    // The accused hears of it at once (Lifeguard's buddy rule), and hears nothing else.
    else out.send(to, [ping, { type: 'suspect', incarnation, node: name, from: self.name }], 'probe')
  }

  #askRelays(round: Round, target: PeerIndex): void {
    const { table, tuning, self, out, random } = this.#context
    const relays = pickPeers(
      table,
      tuning.probe.indirectChecks,
      (peer) => table.status(peer) === 'alive' && peer !== table.selfIndex && peer !== target,
      random,
    )
    for (const relay of relays) {
      const nack = (table.versions(relay)?.protocolMax ?? 0) >= 4
      if (nack) round.expectedNacks++
      out.sendWithBroadcasts(
        table.endpoint(relay),
        {
          type: 'indirect-ping',
          seqNo: round.seqNo,
          target: table.address(target).slice(),
          port: table.port(target),
          node: round.name,
          nack,
          sourceAddress: self.address,
          sourcePort: self.port,
          sourceNode: self.name,
        },
        'probe',
      )
    }
  }

  #ping(node: string, seqNo: number): Ping {
    const { self } = this.#context
    return {
      type: 'ping',
      seqNo,
      node,
      sourceAddress: self.address,
      sourcePort: self.port,
      sourceNode: self.name,
    }
  }

  #finish(healthDelta: number, now: number): void {
    const exchange = this.#round?.exchange
    if (exchange !== undefined && !this.#round?.streamContact)
      this.#context.out.push({ kind: 'abandon-stream', exchange })
    this.#round = undefined
    this.#health(healthDelta)
    // At most one tick is remembered: one that falls on this very instant is the one that was missed, not another.
    if (this.#tickMissed && this.#tickAt <= now) this.#tickAt += this.#context.tuning.probe.intervalMs
    if (this.#tickMissed || this.#targets.hasUrgent) this.#begin(now, this.#tickMissed)
  }

  #health(delta: number): void {
    const { awareness, out } = this.#context
    if (awareness.apply(delta)) out.push({ kind: 'health', score: awareness.score })
  }
}

const noBytes = new Uint8Array(0)
const nobody: ReadonlySet<string> = new Set()
const isWaitingDirectly = (round: Round): boolean => round.phase === 'direct' && round.directUntilMs < round.deadlineMs
