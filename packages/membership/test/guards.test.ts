// Goal: every guard of membership spec 1.3 to 1.6, by its name. Method: one message, one expected effect.
import { defaultVersions } from '@hearsay/wire'
import { describe, expect, it } from 'vitest'
import type { Member } from '../src/member.ts'
import {
  aliveOf,
  Bench,
  contents,
  endpoint,
  events,
  ip,
  packets,
  quiet,
  reasons,
  stateOf,
  types,
  versionsOf,
} from './harness.ts'

const peer = endpoint(99)
const aboutMe = (incarnation: number, changes = {}) => aliveOf(1, incarnation, { node: 'me', ...changes })

describe('an alive', () => {
  it('about an unknown name joins it, and is spread', () => {
    const bench = new Bench()
    const effects = bench.hear(peer, aliveOf(2, 3, { meta: Uint8Array.of(1, 2) }))
    expect(types(effects)).toEqual(['join n2'])
    expect(bench.machine.member('n2')).toMatchObject({
      address: endpoint(2),
      incarnation: 3,
      status: 'alive',
      meta: Uint8Array.of(1, 2),
    })
    expect(bench.piggyback()).toContainEqual(aliveOf(2, 3, { meta: Uint8Array.of(1, 2) }))
  })

  it('with an impossible protocol range is dropped (A2)', () => {
    for (const versions of [{ protocolMin: 0 }, { protocolMax: 0 }, { protocolMin: 5, protocolMax: 4 }]) {
      const bench = new Bench()
      expect(reasons(bench.hear(peer, aliveOf(2, 1, { versions: versionsOf(versions) })))).toEqual(['A2'])
      expect(bench.machine.members()).toHaveLength(1)
    }
  })

  it('without versions is ignored (wire spec 4.2)', () => {
    const bench = new Bench()
    expect(bench.hear(peer, aliveOf(2, 1, { versions: null })).map((effect) => effect.kind)).toEqual(['ignored'])
  })

  it('with incarnation 0 leaves no phantom (A6, DIV-3)', () => {
    const bench = new Bench()
    expect(reasons(bench.hear(peer, aliveOf(2, 0)))).toEqual(['A6'])
    expect(bench.machine.members()).toHaveLength(1)
  })

  it('with fields out of bounds is dropped (DIV-44)', () => {
    const bench = new Bench()
    for (const changes of [
      { meta: new Uint8Array(513) },
      { node: '' },
      { node: 'x'.repeat(256) },
      { address: new Uint8Array(5) },
      { address: null },
    ])
      expect(bench.hear(peer, aliveOf(2, 1, changes)).map((effect) => effect.kind)).toEqual(['ignored'])
    expect(bench.machine.members()).toHaveLength(1)
    expect(types(bench.hear(peer, aliveOf(2, 1, { meta: new Uint8Array(512), node: 'x'.repeat(255) })))).toEqual([
      `join ${'x'.repeat(255)}`,
    ])
  })

  it('whose name has 255 bytes is taken, also where they are not UTF-8: each counts once (DIV-44)', () => {
    // A loose byte of a name is a lone surrogate (the codec's docs); three bytes only for who encodes it as a character.
    const node = `${'n'.repeat(254)}\udcff`
    expect(types(new Bench().hear(peer, aliveOf(2, 1, { node })))).toEqual([`join ${node}`])
    const longer = `n${node}`
    expect(types(new Bench().hear(peer, aliveOf(2, 1, { node: longer })))).toEqual([])
  })

  it('or an accusation by a name of more than 255 bytes is dropped, and not passed on (DIV-44)', () => {
    const bench = new Bench()
    bench.hear(peer, aliveOf(2, 1))
    for (const type of ['suspect', 'dead'] as const)
      expect(bench.hear(peer, { type, incarnation: 1, node: 'n2', from: 'x'.repeat(256) })).toMatchObject([
        { kind: 'ignored', reason: 'name-length' },
      ])
    expect(bench.machine.member('n2')?.status).toBe('alive')
  })

  it('whose name has more than 255 bytes but fewer characters is dropped (DIV-44)', () => {
    const bench = new Bench()
    bench.hear(peer, aliveOf(2, 1, { node: 'é'.repeat(200) }))
    expect(bench.machine.members()).toHaveLength(1)
  })

  it('with port 0 means our own port', () => {
    const bench = new Bench()
    bench.hear(peer, aliveOf(2, 1, { port: 0 }))
    expect(bench.machine.member('n2')?.address).toBe(endpoint(2))
  })

  it('from another address than a live member has is a conflict, and changes nothing (A9)', () => {
    for (const status of ['alive', 'suspect', 'dead'] as const) {
      const bench = new Bench()
      bench.known(2, status, 1)
      const before = bench.machine.member('n2')
      const effects = bench.hear(peer, aliveOf(2, 9, { address: ip(3) }))
      expect(reasons(effects)).toEqual(['A9'])
      expect(events(effects)[0]).toMatchObject({ type: 'conflict', claimedBy: endpoint(3) })
      expect(bench.machine.member('n2')).toEqual(before)
    }
  })

  it('takes over the name of a member that left, from any address and at any incarnation (A8)', () => {
    const bench = new Bench({ isAuthenticated: () => true })
    bench.known(2, 'left', 9)
    expect(types(bench.hear(peer, aliveOf(2, 1, { address: ip(3) })))).toEqual(['join n2'])
    expect(bench.machine.member('n2')).toMatchObject({ address: endpoint(3), incarnation: 1, status: 'alive' })
  })

  it('takes over the name of a dead member strictly after the reclaim time (A8)', () => {
    const bench = new Bench({ tuning: { ...quiet, deadNodeReclaimMs: 1000 } })
    bench.known(2, 'dead', 9)
    bench.now = 1000
    expect(reasons(bench.hear(peer, aliveOf(2, 1, { address: ip(3) })))).toEqual(['A9'])
    bench.now = 1001
    expect(types(bench.hear(peer, aliveOf(2, 1, { address: ip(3) })))).toEqual(['join n2'])
  })

  it('in 16 bytes is no conflict with the same address in 4, and the recorded bytes are relayed (DIV-2)', () => {
    const mapped = new Uint8Array(16)
    mapped.set([0xff, 0xff], 10)
    mapped.set(ip(2), 12)
    const bench = new Bench()
    bench.hear(peer, aliveOf(2, 1, { address: mapped }))
    const effects = bench.hear(peer, aliveOf(2, 2))
    expect(reasons(effects)).toEqual([])
    expect(bench.machine.member('n2')).toMatchObject({ address: endpoint(2), incarnation: 2 })
    expect(bench.piggyback()).toContainEqual(aliveOf(2, 2, { address: mapped }))
  })

  it('that is not newer is dropped (A10), and a live member is told nothing', () => {
    const bench = new Bench()
    bench.known(2, 'alive', 3)
    const effects = bench.hear(peer, aliveOf(2, 3))
    expect(reasons(effects)).toEqual(['A10'])
    expect(packets(effects)).toEqual([])
  })

  it('tells of new metadata or versions, and of nothing else (DIV-5)', () => {
    const bench = new Bench()
    bench.known(2, 'alive', 1)
    expect(types(bench.hear(peer, aliveOf(2, 2)))).toEqual([])
    expect(types(bench.hear(peer, aliveOf(2, 3, { meta: Uint8Array.of(1) })))).toEqual(['update n2'])
    expect(
      types(bench.hear(peer, aliveOf(2, 4, { meta: Uint8Array.of(1), versions: versionsOf({ delegateCurrent: 1 }) }))),
    ).toEqual(['update n2'])
  })

  it('keeps copies: the caller may reuse its buffers', () => {
    const meta = Uint8Array.of(1, 2, 3)
    const address = ip(2)
    const bench = new Bench()
    bench.hear(peer, aliveOf(2, 1, { meta, address }))
    meta.fill(9)
    address.fill(9)
    expect(bench.machine.member('n2')).toMatchObject({ meta: Uint8Array.of(1, 2, 3), address: endpoint(2) })
    expect(bench.piggyback()).toContainEqual(aliveOf(2, 1, { meta: Uint8Array.of(1, 2, 3) }))
  })

  it('above 2^32 − 2 is ignored (DIV-12)', () => {
    const bench = new Bench()
    expect(types(bench.hear(peer, aliveOf(2, 2 ** 32 - 2)))).toEqual(['join n2'])
    expect(reasons(bench.hear(peer, aliveOf(2, 2 ** 32 - 1)))).toEqual(['incarnation-ceiling'])
  })
})

describe('an accusation', () => {
  it('about an unknown name, or from the past, is dropped (S1, S2, D1, D2)', () => {
    const bench = new Bench()
    const at = (incarnation: number) =>
      (['suspect', 'dead'] as const).flatMap((type) =>
        reasons(bench.hear(peer, { type, incarnation, node: 'n2', from: 'x' })),
      )
    expect(at(1)).toEqual(['S1', 'D1'])
    bench.known(2, 'alive', 5)
    expect(at(4)).toEqual(['S2', 'D2'])
  })

  it('about a member that is gone is dropped (S4, D4): dead never becomes left', () => {
    for (const status of ['dead', 'left'] as const) {
      const bench = new Bench()
      bench.known(2, status, 5)
      expect(reasons(bench.hear(peer, { type: 'suspect', incarnation: 5, node: 'n2', from: 'x' }))).toEqual(['S4'])
      expect(reasons(bench.hear(peer, { type: 'dead', incarnation: 5, node: 'n2', from: 'n2' }))).toEqual(['D4'])
      expect(bench.status('n2')).toBe(status)
    }
  })

  it('is spread under the name of the accused, one item each, and told with evidence', () => {
    const bench = new Bench()
    bench.known(2, 'alive', 1)
    const effects = bench.hear(peer, { type: 'suspect', incarnation: 2, node: 'n2', from: 'x' })
    expect(events(effects)).toMatchObject([{ type: 'suspect', evidence: { accuser: 'x', source: 'gossip' } }])
    expect(bench.piggyback().filter((message) => 'node' in message && message.node === 'n2')).toEqual([
      { type: 'suspect', incarnation: 2, node: 'n2', from: 'x' },
    ])
  })

  it('signed by the member itself is a departure, by another a failure (DIV-8)', () => {
    for (const [from, type, status] of [
      ['n2', 'leave', 'left'],
      ['x', 'fail', 'dead'],
    ] as const) {
      const bench = new Bench()
      bench.known(2, 'alive', 1)
      expect(events(bench.hear(peer, { type: 'dead', incarnation: 1, node: 'n2', from }))).toMatchObject([
        { type, member: { status } },
      ])
    }
  })

  it('far up is ignored when it is a rumour (DIV-12)', () => {
    const bench = new Bench()
    bench.hear(peer, aliveOf(2, 2 ** 32 - 3))
    expect(reasons(bench.hear(peer, { type: 'suspect', incarnation: 2 ** 32 - 3, node: 'n2', from: 'x' }))).toEqual([
      'incarnation-ceiling',
    ])
    expect(reasons(bench.hear(peer, { type: 'dead', incarnation: 2 ** 32 - 2 ** 16, node: 'me', from: 'x' }))).toEqual([
      'incarnation-ceiling',
    ])
  })
})

describe('a claim about ourselves', () => {
  const cases: readonly (readonly [string, (incarnation: number) => Parameters<Bench['hear']>[1]])[] = [
    ['suspect', (incarnation) => ({ type: 'suspect', incarnation, node: 'me', from: 'x' })],
    ['dead', (incarnation) => ({ type: 'dead', incarnation, node: 'me', from: 'x' })],
    ['left', (incarnation) => ({ type: 'dead', incarnation, node: 'me', from: 'me' })],
  ]
  for (const [name, claim] of cases) {
    it(`is refuted above it, when it is ${name} and not from the past (S5, D5)`, () => {
      const bench = new Bench({ initialIncarnation: 5 })
      expect(reasons(bench.hear(peer, claim(4)))).toHaveLength(1)
      expect(bench.machine.self.incarnation).toBe(5)
      bench.hear(peer, claim(5))
      expect(bench.machine.self).toMatchObject({ incarnation: 6, status: 'alive' })
      bench.hear(peer, claim(40))
      expect(bench.machine.self).toMatchObject({ incarnation: 41, status: 'alive' })
      expect(bench.machine.healthScore).toBe(2)
      // Keyed by name (DIV-13): one alive about us, the newest.
      const mine = bench.piggyback().filter((message) => 'node' in message && message.node === 'me')
      expect(mine).toEqual([aboutMe(41)])
    })
  }

  it('costs one refutation for several accusations at one incarnation', () => {
    const bench = new Bench()
    for (const from of ['x', 'y', 'z']) bench.hear(peer, { type: 'suspect', incarnation: 1, node: 'me', from })
    expect(bench.machine.self.incarnation).toBe(2)
    expect(bench.machine.healthScore).toBe(1)
  })

  it('that is alive: older is dropped (A11), equal and alike is dropped (A12), anything else is refuted (A13)', () => {
    const bench = new Bench({ initialIncarnation: 5 })
    expect(reasons(bench.hear(peer, aboutMe(4)))).toEqual(['A11'])
    expect(reasons(bench.hear(peer, aboutMe(5)))).toEqual(['A12'])
    bench.hear(peer, aboutMe(5, { meta: Uint8Array.of(1) }))
    expect(bench.machine.self.incarnation).toBe(6)
    bench.hear(peer, aboutMe(9))
    expect(bench.machine.self.incarnation).toBe(10)
    expect(types(bench.take())).toEqual([])
  })

  it('from another address is a conflict and no reason to refute (A9)', () => {
    const bench = new Bench()
    const effects = bench.hear(peer, aboutMe(9, { address: ip(7) }))
    expect(types(effects)).toEqual(['conflict me'])
    expect(bench.machine.self.incarnation).toBe(1)
  })

  it('after the departure changes nothing (A1, S4, D4, invariant 7)', () => {
    const bench = new Bench()
    bench.give({ kind: 'leave', request: 1, timeoutMs: 1000 })
    for (const message of [
      aboutMe(99),
      { type: 'suspect', incarnation: 99, node: 'me', from: 'x' },
      { type: 'dead', incarnation: 99, node: 'me', from: 'x' },
    ] as const)
      expect(reasons(bench.hear(peer, message))).toHaveLength(1)
    expect(bench.machine.self).toMatchObject({ status: 'left', incarnation: 1 })
  })

  it('stops at 2^32 − 2 instead of wrapping (DIV-12)', () => {
    const bench = new Bench({ initialIncarnation: 2 ** 32 - 2 })
    expect(reasons(bench.hear(peer, aboutMe(2 ** 32 - 2, { meta: Uint8Array.of(1) })))).toEqual([
      'incarnation-exhausted',
    ])
    expect(bench.machine.self.incarnation).toBe(2 ** 32 - 2)
  })
})

describe('an echo to a member that is alive but held for gone (DIV-11)', () => {
  const stale = (bench: Bench) => bench.hear(peer, aliveOf(2, 5))

  it('carries what it must refute, to its own address', () => {
    for (const [status, message] of [
      ['suspect', { type: 'suspect', incarnation: 5, node: 'n2', from: 'me' }],
      ['dead', { type: 'dead', incarnation: 5, node: 'n2', from: 'me' }],
      ['left', { type: 'dead', incarnation: 5, node: 'n2', from: 'n2' }],
    ] as const) {
      const bench = new Bench()
      bench.known(2, status, 5)
      const [packet] = packets(stale(bench))
      expect(packet).toMatchObject({ to: endpoint(2) })
      expect(packet?.parts.map((part) => part.message)).toEqual([message])
    }
  })

  it('is sent at most once in a third of the time that the dead are told', () => {
    const bench = new Bench()
    bench.known(2, 'dead', 5)
    const sent = [0, 9_999, 10_000, 10_001].map((at) => {
      bench.now = at
      return packets(stale(bench)).length
    })
    expect(sent).toEqual([1, 0, 1, 0])
  })

  it('is not sent with the switch off', () => {
    const bench = new Bench({ policy: { echoAccusations: false } })
    bench.known(2, 'dead', 5)
    expect(contents(stale(bench))).toEqual([])
  })
})

describe('events', () => {
  it('begin with our own join', () => {
    const bench = new Bench()
    expect(bench.machine.self.isSelf).toBe(true)
    const [first] = bench.machine.members() as [Member]
    expect(first).toMatchObject({ name: 'me', status: 'alive', versions: defaultVersions })
  })

  it('follow the grammar of membership spec 9.3, for any messages', async () => {
    const { default: fc } = await import('fast-check')
    const claim = fc.record({
      kind: fc.constantFrom('alive', 'suspect', 'dead', 'left', 'sync'),
      host: fc.integer({ min: 2, max: 3 }),
      incarnation: fc.integer({ min: 0, max: 6 }),
      from: fc.constantFrom('a', 'b', 'c', 'me'),
      meta: fc.constantFrom(0, 1),
      moveTo: fc.constantFrom(0, 0, 9),
      waitMs: fc.constantFrom(0, 10, 30_000),
    })
    const grammar = /^(join (update |suspect |alive )*((leave|fail) (reap )?|$))*$/
    fc.assert(
      fc.property(fc.array(claim, { maxLength: 30 }), (claims) => {
        const bench = new Bench({ tuning: { ...quiet, deadNodeReclaimMs: 1 } })
        for (const { kind, host, incarnation, from, meta, moveTo, waitMs } of claims) {
          bench.runTo(bench.now + waitMs)
          const node = `n${host}`
          if (kind === 'alive')
            bench.hear(peer, aliveOf(host, incarnation, { meta: Uint8Array.of(meta), address: ip(moveTo || host) }))
          else if (kind === 'suspect') bench.hear(peer, { type: 'suspect', incarnation, node, from })
          else if (kind === 'sync')
            bench.give({
              kind: 'stream-request',
              exchange: -1,
              from: peer,
              message: stateOf([
                {
                  name: node,
                  address: ip(host),
                  port: 7946,
                  meta: null,
                  incarnation,
                  state: meta * 2,
                  versions: defaultVersions,
                },
              ]),
            })
          else bench.hear(peer, { type: 'dead', incarnation, node, from: kind === 'left' ? node : from })
        }
        const all = events(bench.take()).filter((event) => event.type !== 'conflict')
        for (const name of ['n2', 'n3']) {
          const sentence = all
            .filter((event) => event.member.name === name)
            .map((event) => `${event.type} `)
            .join('')
          expect(sentence).toMatch(grammar)
          // Suspect and alive alternate.
          expect(sentence.replaceAll('update ', '')).not.toMatch(/suspect suspect|alive alive|join alive/)
        }
        expect(bench.machine.memberCount()).toBe(
          bench.machine.members().filter(({ status }) => status === 'alive' || status === 'suspect').length,
        )
      }),
      { numRuns: 200 },
    )
  })
})
