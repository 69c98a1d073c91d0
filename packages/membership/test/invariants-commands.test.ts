// Goal: what an application asks of a member is settled, once, and what it is told is its own (membership spec 12.7; DIV-7, 18,
// 31, 37, 38, 43). Method: commands on one machine, with others coming and going.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Effect } from '../src/effect.ts'
import type { Outcome } from '../src/input.ts'
import { Problems } from '../src/problems.ts'
import { lan } from '../src/tuning.ts'
import { checkTuning } from '../src/tuning-checks.ts'
import { aliveOf, Bench, type EffectOf, endpoint, makeMachine, quiet, settled, types } from './harness.ts'

const peer = endpoint(99)
const tuning = { ...quiet, gossip: lan.gossip, rejoin: { intervalMs: 0, forgetAfterMs: 0 } }
const kill = (host: number) => ({ type: 'dead', incarnation: 1, node: `n${host}`, from: 'x' }) as const

/** With n2 there. */
function two(): Bench {
  const bench = new Bench({ tuning })
  bench.hear(peer, aliveOf(2, 1))
  bench.take()
  return bench
}

describe('the start', () => {
  it('comes first: what is heard before it is nothing, and the own record is there before anything else (DIV-7)', () => {
    const machine = makeMachine()
    const claim = aliveOf(1, 9, { node: 'me' })
    expect(machine.handle({ kind: 'packet', from: peer, messages: [claim] }, 0)).toEqual([])
    expect(machine.self).toMatchObject({ status: 'alive', incarnation: 1 })
    expect(types(machine.handle({ kind: 'start' }, 0))).toEqual(['join me'])
    expect(machine.handle({ kind: 'start' }, 0)).toEqual([])
  })

  it('is refused with a health multiplier below 1 (DIV-18)', () => {
    const paths = (awarenessMaxMultiplier: number): string[] => {
      const problems = new Problems()
      checkTuning({ ...lan, probe: { ...lan.probe, awarenessMaxMultiplier } }, problems)
      return problems.all.map(({ path }) => path)
    }
    expect(paths(0)).toEqual(['tuning.probe.awarenessMaxMultiplier'])
    expect(paths(1)).toEqual([])
  })
})

describe('invariant 41: every request settles exactly once, and without others at once', () => {
  const outcomes = (bench: Bench): Outcome[] => settled(bench.take())
  const ask = (bench: Bench, kind: 'leave' | 'update-meta', timeoutMs = 60_000) =>
    bench.give(
      kind === 'leave' ? { kind, request: 1, timeoutMs } : { kind, request: 1, timeoutMs, meta: Uint8Array.of(1) },
    )

  it('transmitted, when it was sent as often as anything is (DIV-38)', () => {
    for (const kind of ['leave', 'update-meta'] as const) {
      const bench = two()
      ask(bench, kind)
      bench.runTo(50_000)
      expect(outcomes(bench)).toEqual([{ type: kind, result: 'transmitted' }])
      // No timer is left behind.
      expect(bench.machine.nextDeadline()?.reason).not.toBe('api')
    }
  })

  it('superseded, when newer news takes its place (DIV-38)', () => {
    const bench = two()
    ask(bench, 'update-meta')
    bench.hear(peer, { type: 'suspect', incarnation: 2, node: 'me', from: 'x' })
    bench.runTo(50_000)
    expect(outcomes(bench)).toEqual([{ type: 'update-meta', result: 'superseded' }])
  })

  it('no-peers, at once when nobody is there, or when the last one goes (DIV-38)', () => {
    for (const kind of ['leave', 'update-meta'] as const) {
      expect(settled(ask(new Bench({ tuning }), kind))).toEqual([{ type: kind, result: 'no-peers' }])
      const bench = two()
      expect(settled(ask(bench, kind))).toEqual([])
      expect(settled(bench.hear(peer, kill(2)))).toEqual([{ type: kind, result: 'no-peers' }])
      bench.runTo(70_000)
      expect(outcomes(bench)).toHaveLength(1)
    }
  })

  it('timeout, at its deadline and not before (DIV-38)', () => {
    for (const kind of ['leave', 'update-meta'] as const) {
      const bench = two()
      ask(bench, kind, 100)
      bench.runTo(99)
      expect(outcomes(bench)).toEqual([])
      bench.runTo(100)
      expect(outcomes(bench)).toEqual([{ type: kind, result: 'timeout' }])
      bench.runTo(50_000)
      expect(outcomes(bench)).toEqual([])
    }
  })

  it('news that nobody would believe is refused: the incarnation is the last there is', () => {
    const bench = two()
    bench.hear(peer, aliveOf(1, 2 ** 32 - 2, { node: 'me', meta: Uint8Array.of(9) }))
    expect(bench.machine.self.incarnation).toBe(2 ** 32 - 2)
    const before = bench.machine.self
    bench.give({ kind: 'update-meta', request: 1, meta: Uint8Array.of(1), timeoutMs: 100 })
    expect(outcomes(bench)).toMatchObject([{ type: 'rejected', code: 'INCARNATION_EXHAUSTED' }])
    expect(bench.machine.self).toEqual(before)
    bench.give({ kind: 'leave', request: 2, timeoutMs: 100 })
    bench.give({ kind: 'rejoin', request: 3 })
    expect(outcomes(bench)).toMatchObject([{ type: 'rejected', code: 'INCARNATION_EXHAUSTED' }])
    expect(bench.machine.self.status).toBe('left')
  })

  it('whatever else is asked and happens', () => {
    const step = fc.record({
      does: fc.constantFrom(
        'leave',
        'meta',
        'ping',
        'send',
        'stream',
        'join',
        'rejoin',
        'alive',
        'kill',
        'accuse',
        'wait',
      ),
      ms: fc.constantFrom(0, 50, 500, 5000),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 25, size: 'max' }), (steps) => {
        const bench = two()
        const counts = new Map<number, number>()
        let request = 0
        let incarnation = 2
        const count = (effects: readonly Effect[]): void => {
          for (const effect of effects) {
            if (effect.kind === 'settle') counts.set(effect.request, counts.get(effect.request)! + 1)
            // Every stream ends, one way or the other: that is what a driver promises.
            if (effect.kind === 'open-stream')
              count(bench.give({ kind: 'stream-failed', exchange: effect.exchange, contacted: false, reason: 'x' }))
          }
        }
        const requested = (): number => {
          counts.set(++request, 0)
          return request
        }
        for (const { does, ms } of steps) {
          if (does === 'leave') count(bench.give({ kind: 'leave', request: requested(), timeoutMs: ms }))
          else if (does === 'meta')
            count(bench.give({ kind: 'update-meta', request: requested(), meta: new Uint8Array(ms), timeoutMs: ms }))
          else if (does === 'ping')
            count(bench.give({ kind: 'ping', request: requested(), node: 'n2', address: endpoint(2) }))
          else if (does === 'send' || does === 'stream')
            count(
              bench.give({
                kind: 'send',
                request: requested(),
                to: 'n2',
                payload: new Uint8Array(ms),
                reliable: does === 'stream',
              }),
            )
          else if (does === 'join')
            count(bench.give({ kind: 'join', request: requested(), addresses: [endpoint(7), endpoint(8)] }))
          else if (does === 'rejoin') count(bench.give({ kind: 'rejoin', request: requested() }))
          else if (does === 'alive') count(bench.hear(peer, aliveOf(2, incarnation++)))
          else if (does === 'kill') count(bench.hear(peer, { ...kill(2), incarnation: incarnation++ }))
          else if (does === 'accuse')
            count(bench.hear(peer, { type: 'suspect', incarnation: 1000, node: 'me', from: 'x' }))
          bench.take()
          bench.runTo(bench.now + ms)
          count(bench.take())
        }
        bench.runTo(bench.now + 10_000)
        count(bench.take())
        expect(
          [...counts.values()].every((times) => times === 1),
          JSON.stringify([...counts]),
        ).toBe(true)
      }),
    )
  })
})

describe('metadata', () => {
  it('that are too long are refused by code, and change nothing (DIV-37)', () => {
    const bench = new Bench()
    const update = (length: number) =>
      settled(bench.give({ kind: 'update-meta', request: 1, meta: new Uint8Array(length), timeoutMs: 0 }))
    expect(update(513)).toMatchObject([{ type: 'rejected', code: 'META_TOO_LONG' }])
    expect(bench.machine.self).toMatchObject({ incarnation: 1, meta: new Uint8Array(0) })
    expect(update(512)).toMatchObject([{ type: 'update-meta' }])
  })
})

describe('a user message', () => {
  const told = (effects: readonly Effect[]): EffectOf<'user-message'>[] =>
    effects.filter((effect): effect is EffectOf<'user-message'> => effect.kind === 'user-message')

  it('says whom it came from, and how (DIV-43)', () => {
    const bench = new Bench()
    const message = { type: 'user', payload: Uint8Array.of(1, 2) } as const
    expect(told(bench.hear(peer, message))).toMatchObject([{ source: { from: peer, channel: 'packet' } }])
    const effects = bench.give({ kind: 'stream-request', exchange: -1, from: peer, message })
    expect(told(effects)).toMatchObject([{ source: { from: peer, channel: 'stream' } }])
  })

  it('comes in its place among the others and among what is said of members (DIV-31)', () => {
    const message = (number: number) => ({ type: 'user', payload: Uint8Array.of(number) }) as const
    const effects = new Bench().hear(peer, message(1), aliveOf(2, 1), message(2), kill(2), message(3))
    const order = effects.flatMap((effect) =>
      effect.kind === 'user-message' ? [`${effect.payload[0]}`] : effect.kind === 'event' ? [effect.event.type] : [],
    )
    expect(order).toEqual(['1', 'join', '2', 'fail', '3'])
  })
})
