// Goal: each switch of the policy does what it says, and off does what memberlist does. Method: one conversation for each,
// with both values. Those with a file of their own: tombstones, takeover, join-confirm, accusation-echo, probe-targets.
import type { IndirectPing, PacketMessage, Ping } from '@hearsay/wire'
import { describe, expect, it } from 'vitest'
import type { Effect } from '../src/effect.ts'
import { faithful, improved, type Policy } from '../src/policy.ts'
import { lan, type Tuning } from '../src/tuning.ts'
import {
  aliveOf,
  Bench,
  type BenchOptions,
  type EffectOf,
  endpoint,
  ip,
  packets,
  probing,
  quiet,
  reasons,
  settled,
  stateOf,
  streams,
  types,
  versionsOf,
} from './harness.ts'

const peer = endpoint(99)
const off = (policy: keyof Policy, options: BenchOptions = {}): BenchOptions => ({
  ...options,
  policy: { [policy]: false },
})
const messages = (effects: readonly Effect[]): PacketMessage[] =>
  packets(effects).flatMap(({ parts }) => parts.map((part) => part.message))
const ofType = <Type extends PacketMessage['type']>(effects: readonly Effect[], type: Type) =>
  messages(effects).filter((message): message is Extract<PacketMessage, { type: Type }> => message.type === type)

const noRejoin = { intervalMs: 0, forgetAfterMs: 0 }

/** n2 and its three possible relays; the first probe of n2 has just begun, and nobody else answers or is answered. */
function probingN2(options: BenchOptions = {}): { readonly bench: Bench; readonly ping: Ping; readonly from: number } {
  const bench = new Bench({ tuning: { ...probing, rejoin: noRejoin }, ...options })
  for (const host of [2, 3, 4, 5]) bench.hear(peer, aliveOf(host, 1))
  bench.take()
  for (;;) {
    bench.runTo(bench.machine.nextDeadline()!.at)
    for (const ping of ofType(bench.take(), 'ping')) {
      if (ping.node === 'n2') return { bench, ping, from: bench.now }
      bench.hear(peer, { type: 'ack', seqNo: ping.seqNo, payload: null })
    }
  }
}

describe('the two profiles', () => {
  it('have the same switches, all on and all off', () => {
    expect(Object.keys(faithful).sort()).toEqual(Object.keys(improved).sort())
    expect(Object.values(improved).every((value) => value)).toBe(true)
    expect(Object.values(faithful).some((value) => value)).toBe(false)
  })
})

describe('earlyNacks (DIV-19)', () => {
  const request: IndirectPing = {
    type: 'indirect-ping',
    seqNo: 77,
    target: ip(2),
    port: 7946,
    node: 'n2',
    nack: true,
    sourceAddress: ip(3),
    sourcePort: 7946,
    sourceNode: 'n3',
  }
  /** When the relay says that it heard nothing, and whether an ack right after that is still handed on. */
  const relayed = (probe: Partial<Tuning['probe']>, options: BenchOptions = {}) => {
    const tuning = { ...quiet, probe: { ...lan.probe, ...probe }, rejoin: noRejoin }
    const bench = new Bench({ tuning, ...options })
    bench.hear(peer, aliveOf(3, 1))
    bench.take()
    const [ping] = ofType(bench.hear(endpoint(3), request), 'ping')
    for (let at = 0; at <= 5000; at += 10) {
      bench.runTo(at)
      if (ofType(bench.take(), 'nack').some(({ seqNo }) => seqNo === 77)) {
        const late = bench.hear(endpoint(2), { type: 'ack', seqNo: ping!.seqNo, payload: null })
        return { at, handsOn: ofType(late, 'ack').some(({ seqNo }) => seqNo === 77) }
      }
    }
    return undefined
  }

  it('nacks at four fifths of the timeout, or of what is left of the interval if that is less, and hands on an ack after it', () => {
    expect(relayed({ timeoutMs: 500, intervalMs: 1000 })).toEqual({ at: 400, handsOn: true })
    expect(relayed({ timeoutMs: 200, intervalMs: 1000 })).toEqual({ at: 160, handsOn: true })
    expect(relayed({ timeoutMs: 3000, intervalMs: 5000 })).toEqual({ at: 1600, handsOn: true })
  })

  it('off, nacks when the timeout is over, and forgets', () => {
    expect(relayed({}, off('earlyNacks'))).toEqual({ at: 500, handsOn: false })
    expect(relayed({ timeoutMs: 3000, intervalMs: 5000 }, off('earlyNacks'))?.at).toBe(3000)
  })

  const nackedAt = (at: number, options: BenchOptions = {}): number => {
    const { bench, ping, from } = probingN2(options)
    bench.runTo(from + at)
    for (const host of [3, 4, 5]) bench.hear(endpoint(host), { type: 'nack', seqNo: ping.seqNo })
    // Another probe is under way by then; its own verdict is later.
    bench.runTo(from + 1150)
    return bench.machine.healthScore
  }

  it('counts nacks until 2.2 timeouts after the start; off, until the window is over', () => {
    expect(nackedAt(1050)).toBe(0)
    expect(nackedAt(1101)).toBe(3)
    expect(nackedAt(900, off('earlyNacks'))).toBe(0)
    expect(nackedAt(1050, off('earlyNacks'))).toBe(3)
  })

  it('suspects when the window is over, in both', () => {
    for (const options of [{}, off('earlyNacks')]) {
      const { bench, from } = probingN2(options)
      bench.runTo(from + 999)
      expect(bench.status('n2')).toBe('alive')
      bench.runTo(from + 1000)
      expect(bench.status('n2')).toBe('suspect')
    }
  })
})

describe('lagAwareness (DIV-20)', () => {
  const judged = (lagMs: number, options: BenchOptions = {}) => {
    const { bench, from } = probingN2({
      ...options,
      tuning: { ...probing, probe: { ...probing.probe, indirectChecks: 0 } },
    })
    bench.give({ kind: 'lag', lagMs })
    bench.runTo(from + 1000)
    return { status: bench.status('n2'), score: bench.machine.healthScore }
  }

  it('does not accuse anybody when we were away for more than half a timeout; it is a sign of our own ill health', () => {
    expect(judged(251)).toEqual({ status: 'alive', score: 1 })
    expect(judged(250)).toEqual({ status: 'suspect', score: 1 })
  })

  it('off, does', () => {
    expect(judged(60_000, off('lagAwareness')).status).toBe('suspect')
  })

  it('looks only at the probe under way: what was before its start is of no account', () => {
    const bench = new Bench({ tuning: { ...probing, rejoin: noRejoin } })
    bench.hear(peer, aliveOf(2, 1))
    bench.give({ kind: 'lag', lagMs: 60_000 })
    bench.runTo(3000)
    expect(bench.status('n2')).toBe('suspect')
  })
})

describe('directGoodbye (DIV-40)', () => {
  const goodbyes = (options: BenchOptions = {}) => {
    const bench = new Bench(options)
    for (const host of [2, 3, 4, 5, 6]) bench.hear(peer, aliveOf(host, 1))
    bench.hear(peer, { type: 'suspect', incarnation: 1, node: 'n6', from: 'x' })
    bench.take()
    const effects = bench.give({ kind: 'leave', request: 1, timeoutMs: 1000 })
    return packets(effects).map(({ to, parts }) => ({ to, messages: parts.map((part) => part.message) }))
  }

  it('tells three members of the departure at once, none of them doubted', () => {
    const told = goodbyes()
    expect(new Set(told.map(({ to }) => to)).size).toBe(3)
    for (const { to, messages: said } of told) {
      expect([2, 3, 4, 5].map(endpoint)).toContain(to)
      expect(said).toEqual([{ type: 'dead', incarnation: 1, node: 'me', from: 'me' }])
    }
  })

  it('off, leaves it to the gossip', () => {
    expect(goodbyes(off('directGoodbye'))).toEqual([])
    const bench = new Bench(off('directGoodbye'))
    bench.give({ kind: 'leave', request: 1, timeoutMs: 1000 })
    expect(bench.piggyback()).toContainEqual({ type: 'dead', incarnation: 1, node: 'me', from: 'me' })
  })
})

describe('lenientVersions (DIV-32)', () => {
  const node = (host: number, changes = {}, state = 0) => {
    const { address, port, meta, versions } = aliveOf(host, 1)
    return { name: `n${host}`, address, port, meta, incarnation: 1, state, versions: { ...versions!, ...changes } }
  }
  const misfit = { protocolMin: 4, protocolMax: 5, protocolCurrent: 5 }
  const given = (options: BenchOptions, join: boolean, ...nodes: ReturnType<typeof node>[]) => {
    const bench = new Bench(options)
    const message = stateOf(nodes, join, Uint8Array.of(1))
    const effects = bench.give({ kind: 'stream-request', exchange: -1, from: peer, message })
    return {
      joined: types(effects),
      reasons: reasons(effects),
      tells: effects.some(({ kind }) => kind === 'remote-state'),
    }
  }

  it('leaves out who does not fit, and merges the rest; a join it refuses altogether', () => {
    expect(given({}, false, node(2), node(3, misfit))).toEqual({
      joined: ['join n2'],
      reasons: ['versions-disagree'],
      tells: true,
    })
    expect(given({}, true, node(2), node(3, misfit))).toEqual({
      joined: [],
      reasons: ['versions-disagree'],
      tells: false,
    })
  })

  it('off, one that does not fit stops everything', () => {
    for (const join of [false, true])
      expect(given(off('lenientVersions'), join, node(2), node(3, misfit))).toEqual({
        joined: [],
        reasons: ['versions-disagree'],
        tells: false,
      })
  })

  it('does not hear the dead; off, it does, of theirs and of ours (W-20)', () => {
    const dead = node(3, { protocolCurrent: 9 }, 2)
    expect(given({}, true, node(2), dead).joined).toEqual(['join n2'])
    expect(given(off('lenientVersions'), true, node(2), dead).joined).toEqual([])
    for (const [policy, joins] of [
      [{}, 1],
      [{ lenientVersions: false }, 0],
    ] as const) {
      const bench = new Bench({ policy })
      bench.hear(peer, aliveOf(3, 1, { versions: versionsOf({ protocolCurrent: 9 }) }))
      bench.hear(peer, { type: 'dead', incarnation: 1, node: 'n3', from: 'x' })
      const message = stateOf([node(2)])
      expect(types(bench.give({ kind: 'stream-request', exchange: -1, from: peer, message }))).toHaveLength(joins)
    }
  })
})

describe('incarnationCeiling (DIV-12)', () => {
  const ceiling = 2 ** 32 - 2 ** 16

  it('does not hear rumours that far up, from gossip or an exchange; off, it does', () => {
    const rumours = (options: BenchOptions) => {
      const bench = new Bench(options)
      bench.hear(peer, aliveOf(2, ceiling))
      const { address, port, versions } = aliveOf(2, 1)
      const nodes = [{ name: 'n2', address, port, meta: null, versions, incarnation: ceiling, state: 2 }]
      return [
        ...reasons(bench.hear(peer, { type: 'suspect', incarnation: ceiling, node: 'n2', from: 'x' })),
        ...reasons(bench.give({ kind: 'stream-request', exchange: -1, from: peer, message: stateOf(nodes) })),
        ...reasons(bench.hear(peer, { type: 'dead', incarnation: ceiling, node: 'n2', from: 'x' })),
        bench.status('n2'),
      ]
    }
    expect(rumours({})).toEqual([...Array(3).fill('incarnation-ceiling'), 'alive'])
    expect(rumours(off('incarnationCeiling')).at(-1)).toBe('dead')
  })

  it('does not make anybody immortal: what we find out ourselves counts, and is spread', () => {
    const bench = new Bench({ tuning: { ...probing, rejoin: noRejoin } })
    bench.hear(peer, aliveOf(2, ceiling + 7))
    bench.runTo(3000)
    expect(bench.status('n2')).toBe('suspect')
    expect(bench.piggyback()).toContainEqual({ type: 'suspect', incarnation: ceiling + 7, node: 'n2', from: 'me' })
    bench.runTo(8000)
    expect(bench.status('n2')).toBe('dead')
  })
})

describe('hooks', () => {
  it('alive: what the application does not believe is not believed, new or known, and never asked about ourselves', () => {
    const asked: string[] = []
    const hooks = {
      alive: ({
        name,
        address,
        incarnation,
        meta,
      }: {
        name: string
        address: string
        incarnation: number
        meta: Uint8Array
      }) => {
        asked.push(`${name} ${address} ${incarnation} ${meta.length}`)
        return name !== 'n3' && incarnation < 5
      },
    }
    const bench = new Bench({ hooks })
    expect(reasons(bench.hear(peer, aliveOf(2, 1, { meta: Uint8Array.of(1) }), aliveOf(3, 1)))).toEqual(['A4'])
    // Also a stale one is asked about, as in Go; and one about ourselves is not (DIV-6).
    expect(reasons(bench.hear(peer, aliveOf(2, 1), aliveOf(2, 5), aliveOf(1, 9, { node: 'me' })))).toEqual([
      'A10',
      'A4',
    ])
    expect(asked).toEqual([
      'n2 10.0.0.2:7946 1 1',
      'n3 10.0.0.3:7946 1 0',
      'n2 10.0.0.2:7946 1 0',
      'n2 10.0.0.2:7946 5 0',
    ])
    expect(bench.machine.member('n2')?.incarnation).toBe(1)
    expect(bench.machine.self.incarnation).toBe(10)
    // What says too little is not asked about (A2 and A3 come first).
    bench.hear(peer, aliveOf(4, 1, { versions: versionsOf({ protocolMin: 0 }) }))
    expect(asked).toHaveLength(4)
  })

  const completions = (effects: readonly Effect[]): EffectOf<'ping-complete'>[] =>
    effects.filter((effect): effect is EffectOf<'ping-complete'> => effect.kind === 'ping-complete')

  it('ping-complete: told with round trip and payload, of a direct answer in time, and only where somebody listens', () => {
    const { bench, ping } = probingN2({ hooks: { tellsPings: true } })
    bench.now += 40
    const payload = Uint8Array.of(1, 2)
    const told = completions(bench.hear(endpoint(2), { type: 'ack', seqNo: ping.seqNo, payload }))
    payload.fill(9)
    expect(told).toMatchObject([{ member: { name: 'n2', rttMs: 40 }, rttMs: 40, payload: Uint8Array.of(1, 2) }])
    const deaf = probingN2()
    expect(completions(deaf.bench.hear(endpoint(2), { type: 'ack', seqNo: deaf.ping.seqNo, payload }))).toEqual([])
  })

  it('ackPayload: rides on the answer to a packet, not on that to a stream', () => {
    const bench = new Bench({ hooks: { ackPayload: () => Uint8Array.of(5) } })
    const ping: Ping = { type: 'ping', seqNo: 3, node: 'me', sourceAddress: null, sourcePort: 0, sourceNode: '' }
    expect(ofType(bench.hear(peer, ping), 'ack')).toEqual([{ type: 'ack', seqNo: 3, payload: Uint8Array.of(5) }])
    expect(bench.give({ kind: 'stream-request', exchange: -1, from: peer, message: ping })).toContainEqual({
      kind: 'close-stream',
      exchange: -1,
      reply: { type: 'ack', seqNo: 3, payload: null },
    })
  })
})

describe('an allow-list (DIV-45)', () => {
  const isAllowed = (address: Uint8Array): boolean => address[3] !== 66
  const request: IndirectPing = {
    type: 'indirect-ping',
    seqNo: 77,
    target: ip(66),
    port: 7946,
    node: 'n66',
    nack: true,
    sourceAddress: null,
    sourcePort: 0,
    sourceNode: '',
  }

  it('holds for targets of relays, unless what arrives is authenticated (DIV-22)', () => {
    const effects = new Bench({ isAllowed }).hear(peer, request)
    expect(reasons(effects)).toEqual(['address-not-allowed'])
    expect(packets(effects)).toEqual([])
    for (const options of [{ isAllowed, isAuthenticated: () => true }, {}])
      expect(packets(new Bench(options).hear(peer, request)).map(({ to }) => to)).toEqual([endpoint(66)])
    expect(packets(new Bench({ isAllowed }).hear(peer, { ...request, target: ip(2) }))).toHaveLength(1)
  })

  it('holds for claims about ourselves from elsewhere: they are not even a conflict (A7)', () => {
    const effects = new Bench({ isAllowed }).hear(peer, aliveOf(66, 9, { node: 'me' }))
    expect(reasons(effects)).toEqual(['address-not-allowed'])
    expect(types(effects)).toEqual([])
  })
})

describe('what waits for an answer', () => {
  it('of the application is settled once, however many answers come', () => {
    const bench = new Bench()
    const [ping] = ofType(bench.give({ kind: 'ping', request: 4, node: 'n2', address: endpoint(2) }), 'ping')
    const ack = { type: 'ack', seqNo: ping!.seqNo, payload: null } as const
    expect(settled(bench.hear(peer, ack, ack))).toHaveLength(1)
    expect(streams(bench.take())).toEqual([])
  })
})
