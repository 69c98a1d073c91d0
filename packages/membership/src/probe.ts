/**
 * The failure detector (membership spec 2.1–2.3): one member at a time is pinged directly, then through others, then
 * over a stream; who stays silent through the whole window is suspected.
 */
import type { Ping } from '@hearsay/wire'
import type { Claims } from './claims.ts'
import type { Context } from './context.ts'
import { type Deadline, soonest } from './deadline.ts'
import { ProbeOrder } from './probe-order.ts'
import { pick } from './random-pick.ts'
import type { Peer } from './record.ts'

/** The probe under way. */
interface Round {
  readonly seqNo: number
  readonly name: string
  /** Of the record when the probe began: an accusation that a refutation overtook must fall to it. */
  readonly incarnation: number
  readonly startedAtMs: number
  readonly directUntilMs: number
  readonly deadlineMs: number
  phase: 'direct' | 'indirect'
  expectedNacks: number
  readonly nackedBy: Set<string>
  exchange: number | undefined
  streamContact: boolean
}

/** A failed probe whose nacks may still arrive (DIV-19). */
interface Settlement {
  readonly at: number
  readonly seqNo: number
  readonly expectedNacks: number
  readonly nackedBy: Set<string>
}

/** Probes one member after the other. */
export class Detector {
  readonly #context: Context
  readonly #claims: Claims
  readonly #order: ProbeOrder
  readonly #settlements: Settlement[] = []
  #round: Round | undefined
  #tickAt: number | undefined
  #tickMissed = false
  #lagMs = 0

  constructor(context: Context, claims: Claims) {
    this.#context = context
    this.#claims = claims
    this.#order = new ProbeOrder(context.random)
  }

  /** Arms the loop; its phase is staggered at random (DIV-16). */
  start(now: number): void {
    const { intervalMs } = this.#context.tuning.probe
    if (intervalMs > 0) this.#tickAt = now + intervalMs * this.#context.random() + intervalMs / 2
  }

  stop(): void {
    this.#tickAt = undefined
    this.#round = undefined
    this.#settlements.length = 0
  }

  nextDeadline(): Deadline | undefined {
    const round = this.#round
    const settlement = this.#settlements[0]
    return soonest([
      round &&
        (round.phase === 'direct' && round.directUntilMs < round.deadlineMs
          ? { at: round.directUntilMs, reason: 'probe-direct' }
          : { at: round.deadlineMs, reason: 'probe-deadline' }),
      settlement && { at: settlement.at, reason: 'nack-settle' },
      this.#tickAt === undefined ? undefined : { at: this.#tickAt, reason: 'probe-tick' },
    ])
  }

  /** The next tick of the loop. A probe in progress holds the next one up; at most one tick is remembered. */
  tick(now: number): void {
    const { intervalMs } = this.#context.tuning.probe
    this.#tickAt = Math.max(this.#tickAt! + intervalMs, now + intervalMs / 2)
    if (this.#round) this.#tickMissed = true
    else this.#begin(now)
  }

  /** Nobody answered directly in time: ask others, and try a stream. */
  goIndirect(now: number): void {
    const round = this.#round
    if (!round) return
    round.phase = 'indirect'
    const { table, tuning, self, out, random } = this.#context
    const target = table.get(round.name)
    if (!target) return
    const relays = pick(
      table.all(),
      tuning.probe.indirectChecks,
      (peer) => peer.status === 'alive' && !peer.isSelf && peer !== target,
      random,
    )
    for (const relay of relays) {
      const nack = (relay.versions?.protocolMax ?? 0) >= 4
      if (nack) round.expectedNacks++
      out.sendWithBroadcasts(
        relay.endpoint,
        {
          type: 'indirect-ping',
          seqNo: round.seqNo,
          target: target.address,
          port: target.port,
          node: target.name,
          nack,
          sourceAddress: self.address,
          sourcePort: self.port,
          sourceNode: self.name,
        },
        'probe',
      )
    }
    if (!tuning.probe.streamFallback || (target.versions?.protocolMax ?? 0) < 3) return
    round.exchange = this.#context.nextExchange()
    out.push({
      kind: 'open-stream',
      exchange: round.exchange,
      to: target.endpoint,
      message: this.#ping(target, round.seqNo),
      expectReply: true,
      timeoutMs: Math.max(1, round.deadlineMs - now),
    })
  }

  /** An ack, from whomever. True if it answered the probe under way. */
  acked(seqNo: number, now: number): boolean {
    const round = this.#round
    if (!round || round.seqNo !== seqNo) return false
    const target = this.#context.table.get(round.name)
    if (target && round.phase === 'direct') target.rttMs = now - round.startedAtMs
    this.#finish(-1, now)
    return true
  }

  /** A relay did not reach the target either. Each counts once. */
  nacked(seqNo: number, from: string): boolean {
    const waiting =
      this.#round?.seqNo === seqNo ? this.#round : this.#settlements.find((settlement) => settlement.seqNo === seqNo)
    if (!waiting || waiting.nackedBy.size >= waiting.expectedNacks) return false
    waiting.nackedBy.add(from)
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
    const { self, tuning } = this.#context
    if (round.streamContact) return this.#finish(-1, now)
    // Who was not running cannot tell whether an answer came (DIV-20): inconclusive, and a sign of ill health.
    if (this.#lagMs > tuning.probe.timeoutMs / 2) return this.#finish(1, now)
    this.#claims.suspect(
      { type: 'suspect', incarnation: round.incarnation, node: round.name, from: self.name },
      'probe',
      now,
    )
    if (round.expectedNacks === 0) return this.#finish(1, now)
    // Nacks of the last relays may still be under way: what they are worth is settled later.
    const at = Math.max(round.deadlineMs, round.startedAtMs + 2.2 * tuning.probe.timeoutMs)
    this.#settlements.push({ at, seqNo: round.seqNo, expectedNacks: round.expectedNacks, nackedBy: round.nackedBy })
    this.#finish(0, now)
  }

  /** The nacks of a failed probe are counted. */
  settle(): void {
    const settlement = this.#settlements.shift()
    if (settlement) this.#health(Math.max(0, settlement.expectedNacks - settlement.nackedBy.size))
  }

  #begin(now: number): void {
    const target = this.#nextTarget()
    if (!target) return
    const { tuning, awareness, self, out } = this.#context
    const seqNo = this.#context.nextSeqNo()
    const deadlineMs = now + awareness.scale(tuning.probe.intervalMs)
    this.#lagMs = 0
    this.#round = {
      seqNo,
      name: target.name,
      incarnation: target.incarnation,
      startedAtMs: now,
      directUntilMs: now + tuning.probe.timeoutMs,
      deadlineMs,
      phase: 'direct',
      expectedNacks: 0,
      nackedBy: new Set(),
      exchange: undefined,
      streamContact: false,
    }
    const ping = this.#ping(target, seqNo)
    if (target.status === 'alive') out.sendWithBroadcasts(target.endpoint, ping, 'probe')
    // The accused hears of it at once (Lifeguard's buddy rule), and hears nothing else.
    else
      out.send(
        target.endpoint,
        [ping, { type: 'suspect', incarnation: target.incarnation, node: target.name, from: self.name }],
        'probe',
      )
  }

  #ping(target: Peer, seqNo: number): Ping {
    const { self } = this.#context
    return {
      type: 'ping',
      seqNo,
      node: target.name,
      sourceAddress: self.address,
      sourcePort: self.port,
      sourceNode: self.name,
    }
  }

  /** The next member in order that can be probed; the end of a pass costs no tick (DIV-17). */
  #nextTarget(): Peer | undefined {
    const { table } = this.#context
    for (let passes = 0; passes < 2; ) {
      const index = this.#order.next(table.size)
      if (index === undefined) {
        passes++
        continue
      }
      const peer = table.at(index)
      if (!peer.isSelf && (peer.status === 'alive' || peer.status === 'suspect')) return peer
    }
    return undefined
  }

  #finish(healthDelta: number, now: number): void {
    const exchange = this.#round?.exchange
    if (exchange !== undefined && !this.#round?.streamContact)
      this.#context.out.push({ kind: 'abandon-stream', exchange })
    this.#round = undefined
    this.#health(healthDelta)
    if (this.#tickMissed) {
      this.#tickMissed = false
      this.#begin(now)
    }
  }

  #health(delta: number): void {
    const { awareness, out } = this.#context
    if (awareness.apply(delta)) out.push({ kind: 'health', score: awareness.score })
  }
}
