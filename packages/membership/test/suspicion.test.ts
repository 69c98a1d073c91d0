// Goal: Lifeguard's suspicion (membership spec 3) and local health (2.3). Method: the specification's own vectors.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { Awareness } from '../src/awareness.ts'
import { noResearch } from '../src/research.ts'
import { Suspicions, SuspicionTimetable, suspicionTimeoutMs, suspicionTimes } from '../src/suspicion.ts'
import { lan, local, type Tuning, wan } from '../src/tuning.ts'
import { aliveOf, Bench, endpoint, events, probing } from './harness.ts'

const tuned = (multiplier: number, maxTimeoutMultiplier: number, intervalMs: number): Tuning => ({
  ...lan,
  probe: { ...lan.probe, intervalMs },
  suspicion: { multiplier, maxTimeoutMultiplier },
})

describe('the times of a suspicion', () => {
  it('have the minimum of Appendix C', () => {
    const vectors = { 5: 1000, 10: 1000, 50: 1698, 100: 2000, 500: 2698, 1000: 3000 }
    for (const [n, ms] of Object.entries(vectors)) expect(suspicionTimes(tuned(1, 6, 1000), Number(n)).minMs).toBe(ms)
  })

  it('have the spot values of membership spec 3.1', () => {
    const spots = { 32: 6020, 50: 6792, 128: 8428, 512: 10836, 5000: 14792, 10000: 16000 }
    for (const [n, ms] of Object.entries(spots)) expect(suspicionTimes(lan, Number(n)).minMs).toBe(ms)
  })

  it('have the profiles of membership spec 3.1', () => {
    for (const [tuning, k, enough, [min, max]] of [
      [lan, 2, 4, [4000, 24000]],
      [wan, 4, 6, [30000, 180000]],
      [local, 1, 3, [3000, 18000]],
    ] as const) {
      expect(suspicionTimes(tuning, enough)).toEqual({ expectedConfirmations: k, minMs: min, maxMs: max })
      expect(suspicionTimes(tuning, enough - 1).expectedConfirmations).toBe(0)
    }
  })

  it('shrink with confirmations as in membership spec 3.2', () => {
    const totals = (k: number, minMs: number, maxMs: number): number[] =>
      Array.from({ length: k + 1 }, (_, confirmations) =>
        suspicionTimeoutMs({ expectedConfirmations: k, minMs, maxMs }, confirmations),
      )
    expect(totals(2, 4000, 24000)).toEqual([24000, 11381, 4000])
    expect(totals(3, 2000, 30000)).toEqual([30000, 16000, 7810, 2000])
    expect(totals(3, 500, 2000)).toEqual([2000, 1250, 811, 500])
    expect(totals(4, 30000, 180000)).toEqual([180000, 115398, 77609, 50797, 30000])
    expect(totals(1, 3000, 18000)).toEqual([18000, 3000])
  })

  it('pass the dogpile vectors of Appendix C', () => {
    const tuning = tuned(5, 2, 100)
    const total = (n: number, confirmations: number): number =>
      suspicionTimeoutMs(suspicionTimes(tuning, n), confirmations)
    expect([2, 3, 4].map((n) => total(n, 0))).toEqual([500, 500, 500])
    expect(total(5, 0)).toBe(1000)
    expect([0, 1, 2, 3].map((confirmations) => total(6, confirmations))).toEqual([1000, 750, 603, 500])
  })
})

describe('a timetable', () => {
  it('has the times of the size that is asked for, whatever was asked before', () => {
    const timetable = new SuspicionTimetable(lan, noResearch)
    fc.assert(
      fc.property(fc.nat(6), fc.boolean(), (n, isDecisive) => {
        expect(timetable.of(n, isDecisive)).toEqual(suspicionTimes(lan, n, noResearch, isDecisive))
      }),
    )
    expect(timetable.of(5000, false)).toBe(timetable.of(5000, false))
  })
})

describe('an episode', () => {
  it('counts distinct accusers, not the first, and at most as many as it expects (membership spec 3.3)', () => {
    const suspicions = new Suspicions()
    suspicions.begin(3, 'a', { expectedConfirmations: 2, minMs: 4000, maxMs: 24000 }, 0)
    const episode = suspicions.get(3)!
    expect(['a', 'b', 'b', 'c', 'd'].map((accuser) => suspicions.confirm(episode, accuser))).toEqual([
      false,
      true,
      false,
      true,
      false,
    ])
    expect(episode.confirmedBy).toEqual(['b', 'c'])
  })

  it('invariants 17 to 19: it keeps its deadline between minimum and maximum, and never puts it off', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 0, max: 4 }),
        fc.array(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f')),
        (k, accusers) => {
          const suspicions = new Suspicions()
          suspicions.begin(3, 'a', { expectedConfirmations: k, minMs: 1000, maxMs: 6000 }, 100)
          const episode = suspicions.get(3)!
          const deadline = (): number => suspicions.deadlineOf(3)!
          let before = deadline()
          for (const accuser of accusers) {
            suspicions.confirm(episode, accuser)
            expect(deadline()).toBeLessThanOrEqual(before)
            before = deadline()
            expect(before).toBeGreaterThanOrEqual(1100)
            expect(before).toBeLessThanOrEqual(6100)
          }
          if (k === 0) expect(before).toBe(1100)
        },
      ),
    )
  })

  const suspected = (): Bench => {
    // No probes: the interval only scales the suspicion.
    const bench = new Bench({ tuning: { ...probing, probe: { ...probing.probe, intervalMs: 1000 } } })
    for (const host of [2, 3, 4]) bench.hear(endpoint(2), aliveOf(host, 1))
    bench.hear(endpoint(3), { type: 'suspect', incarnation: 1, node: 'n2', from: 'a' })
    return bench
  }
  // Only this episode is looked at: the detector's own suspicions about n2 would be confirmations.
  const failure = (bench: Bench) =>
    events(bench.take()).filter((event) => event.type === 'fail' && event.member.name === 'n2')

  it('spreads each new confirmation, and no other', () => {
    const bench = suspected()
    bench.piggyback()
    const queued = (): unknown => bench.piggyback().find((message) => 'node' in message && message.node === 'n2')
    bench.hear(endpoint(3), { type: 'suspect', incarnation: 1, node: 'n2', from: 'b' })
    expect(queued()).toMatchObject({ type: 'suspect', from: 'b' })
    bench.hear(endpoint(3), { type: 'suspect', incarnation: 1, node: 'n2', from: 'a' })
    expect(queued()).toMatchObject({ type: 'suspect', from: 'b' })
  })

  it('ends in death, with its evidence, sooner the more confirm it', () => {
    const bench = suspected()
    for (const from of ['b', 'c']) bench.hear(endpoint(3), { type: 'suspect', incarnation: 1, node: 'n2', from })
    bench.runTo(3_999)
    expect(failure(bench)).toEqual([])
    bench.runTo(4_000)
    const [event] = failure(bench)
    expect(event?.evidence).toEqual({
      source: 'suspicion-timeout',
      accuser: 'me',
      confirmedBy: ['b', 'c'],
      suspectedForMs: 4000,
    })
  })

  it('is over when the suspect refutes: nothing fires later (DIV-25)', () => {
    const bench = suspected()
    bench.hear(endpoint(2), aliveOf(2, 2))
    bench.machine.handle({ kind: 'leave', request: 1, timeoutMs: 1 }, bench.now)
    expect(bench.status('n2')).toBe('alive')
    expect(events(bench.take()).map((event) => event.type)).toContain('alive')
  })
})

describe('local health', () => {
  it('follows the vector of Appendix C', () => {
    const awareness = new Awareness(8)
    const scores = [0, -1, -10, 1, -1, 10, ...Array<number>(8).fill(-1)].map((delta) => {
      awareness.apply(delta)
      return awareness.score
    })
    expect(scores).toEqual([0, 0, 0, 1, 0, 7, 6, 5, 4, 3, 2, 1, 0, 0])
  })

  it('stretches durations by the score plus one, and says whether it changed', () => {
    const awareness = new Awareness(3)
    expect([1, 1, 1, -1].map((delta) => awareness.apply(delta))).toEqual([true, true, false, true])
    expect(awareness.scale(1000)).toBe(2000)
  })
})
