// Goal: what membership spec 12.7 says of the detector, relays and health holds. Method: probes answered at random times by
// random members; what was there is compared with what is there afterwards.
import type { PacketMessage, Ping } from '@hearsay/wire'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Effect } from '../src/effect.ts'
import { lan } from '../src/tuning.ts'
import { aliveOf, Bench, type BenchOptions, endpoint, ip, packets, probing, reasons, streams } from './harness.ts'

const peer = endpoint(99)
const tuning = { ...probing, rejoin: { intervalMs: 0, forgetAfterMs: 0 } }

const said = (effects: readonly Effect[]): { readonly to: string; readonly message: PacketMessage }[] =>
  packets(effects).flatMap(({ to, parts }) => parts.map(({ message }) => ({ to, message })))
const pings = (effects: readonly Effect[]): Ping[] =>
  said(effects).flatMap(({ message }) => (message.type === 'ping' ? [message] : []))

function known(count: number, options: BenchOptions = {}): Bench {
  const bench = new Bench({ tuning, ...options })
  for (let host = 2; host < 2 + count; host++) bench.hear(peer, aliveOf(host, 1))
  bench.piggyback()
  bench.take()
  return bench
}

/** The first ping of the detector. */
function firstPing(bench: Bench): Ping {
  for (;;) {
    bench.runTo(bench.machine.nextDeadline()!.at)
    const [ping] = pings(bench.take())
    if (ping) return ping
  }
}

const whole = ({ machine }: Bench) => ({
  members: machine.members(),
  score: machine.healthScore,
  queue: machine.queueDepths(),
  due: machine.nextDeadline(),
})

describe('the detector', () => {
  it('invariant 22: at most one probe is under way, so that nobody is accused faster than one a window (DIV-47)', () => {
    let overlapped = 0
    fc.assert(
      fc.property(fc.array(fc.oneof(fc.constant(-1), fc.nat(4000)), { minLength: 5, maxLength: 20 }), (delays) => {
        const bench = known(5)
        // How long the one under way may last, unless it is answered.
        let busyUntil = Number.NEGATIVE_INFINITY
        let answer: { readonly at: number; readonly seqNo: number } | undefined
        for (const delay of delays) {
          // Until the next probe begins, or nobody is left to be probed.
          while (bench.machine.memberCount() > 1) {
            const due = bench.machine.nextDeadline()!.at
            if (answer && answer.at <= due) {
              bench.now = Math.max(bench.now, answer.at)
              if (answer.at < busyUntil) busyUntil = answer.at
              bench.hear(peer, { type: 'ack', seqNo: answer.seqNo, payload: null })
              answer = undefined
            } else bench.runTo(due)
            const [ping, ...more] = pings(bench.take())
            expect(more).toEqual([])
            if (!ping) continue
            expect(bench.now).toBeGreaterThanOrEqual(busyUntil)
            if (bench.now === busyUntil) overlapped++
            busyUntil = bench.now + 1000 * (bench.machine.healthScore + 1)
            answer = delay < 0 ? undefined : { at: bench.now + delay, seqNo: ping.seqNo }
            break
          }
        }
      }),
    )
    // Some followed at once, when one that held the next turn up was over.
    expect(overlapped).toBeGreaterThan(0)
  })

  it('invariant 27: a nack counts once for each relay that was asked, and no more than were asked', () => {
    const froms = [3, 4, 5, 6, 77].map(endpoint)
    fc.assert(
      fc.property(
        fc.array(fc.nat(froms.length - 1), { maxLength: 8 }),
        fc.integer({ min: 1, max: 5 }),
        (nacks, count) => {
          // Two members at least: no relay is left for one.
          const bench = known(count)
          const { seqNo } = firstPing(bench)
          const from = bench.now
          bench.runTo(from + 600)
          const asked = said(bench.take()).filter(({ message }) => message.type === 'indirect-ping').length
          expect(asked).toBe(Math.min(3, count - 1))
          const answers = nacks.map((each) => reasons(bench.hear(froms[each]!, { type: 'nack', seqNo })))
          expect(answers.flat().includes('nack-unknown')).toBe(
            nacks.some((_, at) => new Set(nacks.slice(0, at)).size >= asked),
          )
          bench.runTo(from + 1100)
          const counted = Math.min(asked, new Set(nacks).size)
          expect(bench.machine.healthScore).toBe(asked === 0 ? 1 : asked - counted)
        },
      ),
    )
  })

  it('invariant 28: relaying changes no record and no health', () => {
    const event = fc.record({
      does: fc.constantFrom('ask', 'ask', 'ack', 'nack', 'wait'),
      host: fc.integer({ min: 2, max: 6 }),
      nack: fc.boolean(),
      ms: fc.constantFrom(1, 100, 600),
    })
    let relayed = 0
    fc.assert(
      fc.property(fc.array(event, { maxLength: 30, size: 'max' }), (all) => {
        const bench = known(3, { tuning: { ...tuning, probe: { ...tuning.probe, intervalMs: 0 } } })
        const before = { members: bench.machine.members(), score: bench.machine.healthScore }
        const numbers: number[] = []
        for (const { does, host, nack, ms } of all) {
          const seqNo = numbers[ms % Math.max(1, numbers.length)] ?? 5
          if (does === 'wait') bench.runTo(bench.now + ms)
          else if (does === 'ask')
            bench.hear(endpoint(host), {
              type: 'indirect-ping',
              seqNo: host,
              target: ip(host),
              port: 7946,
              node: `n${host}`,
              nack,
              sourceAddress: ip(2),
              sourcePort: 7946,
              sourceNode: 'n2',
            })
          else if (does === 'ack') bench.hear(endpoint(host), { type: 'ack', seqNo, payload: Uint8Array.of(1) })
          else bench.hear(endpoint(host), { type: 'nack', seqNo })
          const sent = bench.take()
          numbers.push(...pings(sent).map((ping) => ping.seqNo))
          relayed += said(sent).filter(({ message }) => message.type === 'ack' || message.type === 'nack').length
        }
        expect({ members: bench.machine.members(), score: bench.machine.healthScore }).toEqual(before)
      }),
    )
    expect(relayed).toBeGreaterThan(50)
  })

  it('invariant 29: an ack or nack for a number that is unknown or done with has no effect', () => {
    fc.assert(
      fc.property(
        fc.nat(2 ** 32 - 1),
        fc.boolean(),
        fc.constantFrom('acked', 'expired', 'running'),
        (number, ack, how) => {
          const bench = known(4)
          const { seqNo } = firstPing(bench)
          // Late nacks are waited for until 2.2 timeouts are over (DIV-19).
          if (how === 'expired') bench.runTo(bench.now + 1101)
          else if (how === 'acked') bench.hear(peer, { type: 'ack', seqNo, payload: null })
          const used = new Set(pings(bench.take()).map((ping) => ping.seqNo))
          const target = how === 'running' || used.has(seqNo) ? number : seqNo
          if (target === seqNo && how === 'running') return
          if (used.has(target)) return
          const before = whole(bench)
          const answer = ack
            ? ({ type: 'ack', seqNo: target, payload: null } as const)
            : ({ type: 'nack', seqNo: target } as const)
          expect(reasons(bench.hear(peer, answer))).toEqual([ack ? 'ack-unknown' : 'nack-unknown'])
          expect(whole(bench)).toEqual(before)
        },
      ),
    )
  })

  it('invariant 30: a round trip is told only of a direct answer within the probe timeout, and is not negative', () => {
    let told = 0
    fc.assert(
      fc.property(fc.nat(1300), fc.boolean(), fc.boolean(), (after, onStream, late) => {
        const bench = known(4, { hooks: { tellsPings: true } })
        const { seqNo } = firstPing(bench)
        const from = bench.now
        // Late: the answer is read before the timers that were due meanwhile.
        if (late) bench.now = from + after
        else bench.runTo(from + after)
        const [stream] = streams(bench.take())
        const ack = { type: 'ack', seqNo, payload: null } as const
        const effects =
          onStream && stream
            ? bench.give({ kind: 'stream-reply', exchange: stream.exchange, message: ack })
            : bench.hear(endpoint(2), ack)
        const completions = effects.filter((effect) => effect.kind === 'ping-complete')
        if (completions.length > 0) {
          told++
          expect(after).toBeLessThanOrEqual(lan.probe.timeoutMs)
          for (const { rttMs } of completions) expect(rttMs).toBeCloseTo(after, 6)
        } else expect(after).toBeGreaterThanOrEqual(lan.probe.timeoutMs)
      }),
      { numRuns: 300 },
    )
    expect(told).toBeGreaterThan(50)
  })
})
