// Goal: what readers see: no tombstones, tokens settled, health as of a moment, one fingerprint for one meaning.
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { operations, RingDesc, RingView } from '../src/index.ts'
import { anyRing, at, I, NOW, ring } from './rings.ts'

describe('instances', () => {
  it('are those that are not tombstones, in byte order, under the name of their entry', () => {
    const view = new RingView(ring({ b: I(1, 'PENDING', [], { id: '' }), a: I(1), c: I(1, 'LEFT') }), at(1))
    expect(view.instances.map(({ id, state }) => [id, state])).toEqual([
      ['a', 'ACTIVE'],
      ['b', 'PENDING'],
    ])
    expect(view.instance('b')?.id).toBe('b')
    expect(view.instance('c')).toBeUndefined()
  })

  it('show the tokens they really hold', () => {
    const view = new RingView(ring({ a: I(1, 'LEAVING', [1, 2]), b: I(1, 'ACTIVE', [2]) }), at(1))
    expect(view.instances.map(({ tokens }) => [...tokens])).toEqual([[1], [2]])
    expect(view.tokenCount).toBe(2)
  })

  it('in excluded zones are absent', () => {
    const two = ring({ a: I(1, 'ACTIVE', [1], { zone: 'x' }), b: I(1, 'ACTIVE', [2], { zone: 'y' }) })
    const view = new RingView(two, at(1), { excludedZones: ['x'] })
    expect(view.instances.map(({ id }) => id)).toEqual(['b'])
    expect(view.zones).toEqual(['y'])
  })

  it('zones are those of any instance, the unnamed one included, by bytes', () => {
    const zones = { a: '\u{1F600}', b: '\uFB00', c: '', d: '' }
    const view = new RingView(
      RingDesc.of(Object.entries(zones).map(([name, zone]) => [name, I(1, 'ACTIVE', [], { zone })])),
      at(1),
    )
    expect(view.zones).toEqual(['', '\uFB00', '\u{1F600}'])
  })
})

describe('health (ring spec 4.1)', () => {
  const healthy = (timestamp: number | bigint, seconds: number): boolean =>
    new RingView(ring({ a: I(timestamp) }), at(seconds), { heartbeatTimeoutMs: 60_000 }).instances[0]!
      .isHeartbeatHealthy

  it('25: lasts up to and including the timeout', () => {
    expect(healthy(100, 160)).toBe(true)
    expect(healthy(100, 160.001)).toBe(false)
  })

  it('a date ahead is healthy, but not one from the far future', () => {
    expect(healthy(130, 100)).toBe(true)
    expect(healthy(100 + 3600, 100)).toBe(true)
    expect(healthy(100 + 3601, 100)).toBe(false)
    expect(healthy(2n ** 62n, 100)).toBe(false)
  })

  it('serving an operation takes state and heartbeat', () => {
    const view = new RingView(ring({ a: I(100), b: I(30), c: I(100, 'LEAVING') }), at(100))
    expect(view.instances.map((instance) => instance.serves(operations.write))).toEqual([true, false, false])
    expect(view.instances.map((instance) => instance.serves(operations.read))).toEqual([true, false, true])
  })

  it('stays as it is until the moment the view names, and changes right after it', () => {
    const options = { heartbeatTimeoutMs: 1_000 }
    const healthOf = (any: RingDesc, wallNow: typeof NOW) =>
      new RingView(any, wallNow, options).instances.map(({ isHeartbeatHealthy }) => isHeartbeatHealthy)
    fc.assert(
      fc.property(anyRing, fc.integer({ min: -5_000_000, max: 5_000_000 }), (any, shift) => {
        const wallNow = (NOW + shift) as typeof NOW
        const { validUntil } = new RingView(any, wallNow, options)
        expect(validUntil).toBeGreaterThanOrEqual(wallNow)
        if (validUntil === Number.POSITIVE_INFINITY) {
          expect(healthOf(any, (wallNow + 10_000_000_000) as typeof NOW)).toEqual(healthOf(any, wallNow))
          return
        }
        // Beyond 2^51 milliseconds a half of one is lost.
        if (validUntil > 2 ** 51) return
        if (validUntil > wallNow)
          expect(healthOf(any, (validUntil - 0.5) as typeof NOW)).toEqual(healthOf(any, wallNow))
        expect(healthOf(any, (validUntil + 0.5) as typeof NOW)).not.toEqual(healthOf(any, wallNow))
      }),
    )
  })
})

describe('a view made from the one before', () => {
  it('is the same as one made afresh', () => {
    fc.assert(
      fc.property(anyRing, anyRing, fc.integer({ min: 0, max: 14 }), (before, after, key) => {
        const mixed = before.with([...after].slice(0, 2))
        const fresh = new RingView(mixed, NOW)
        const reused = new RingView(mixed, NOW, {}, new RingView(before, NOW))
        expect(reused.hash()).toBe(fresh.hash())
        expect(reused.instances).toEqual(fresh.instances)
        expect(reused.owner(key)).toEqual(fresh.owner(key))
        expect(reused.ownership()).toEqual(fresh.ownership())
      }),
    )
  })
})

describe('a view made from the one before, when tokens stay', () => {
  const [a, b] = [I(1, 'ACTIVE', [1, 2], { zone: 'x' }), I(1, 'ACTIVE', [2, 3], { zone: 'x' })]
  const before = new RingView(ring({ a, b }), at(1), { zoneAwareness: true, replicationFactor: 1 })
  const then = (after: RingDesc): RingView =>
    new RingView(after, at(1), { zoneAwareness: true, replicationFactor: 1 }, before)

  it('sees another zone', () => {
    expect(then(ring({ a, b: b.with({ zone: 'y' }) })).zones).toEqual(['x', 'y'])
  })

  it('sees another name', () => {
    expect(then(ring({ a, c: b })).owner(2)!.instance.id).toBe('c')
    expect([
      ...then(ring({ a, c: b }))
        .ownership()
        .keys(),
    ]).toEqual(['a', 'c'])
    expect(then(ring({ c: a, b })).instance('b')!.tokens).toEqual(Uint32Array.of(2, 3))
  })

  it('sees a contested token change hands when its holder begins to leave', () => {
    expect(before.owner(1)!.instance.id).toBe('a')
    expect(then(ring({ a: a.with({ state: 1 }), b })).owner(1)!.instance.id).toBe('b')
  })
})

describe('ownership (ring spec 5.8)', () => {
  const share = (desc: RingDesc) =>
    Object.fromEntries(
      [...new RingView(desc, at(1)).ownership()].map(([id, { ring, zone }]) => [id, [ring * 2 ** 32, zone * 2 ** 32]]),
    )

  it('is the distance from the token before, in the ring and in the zone', () => {
    const z = { zone: 'z' }
    expect(
      share(ring({ a: I(1, 'ACTIVE', [10, 40], z), b: I(1, 'ACTIVE', [20], z), c: I(1, 'ACTIVE', [30]), d: I(1) })),
    ).toEqual({
      a: [2 ** 32 - 30 + 10, 2 ** 32 - 30 + 20].map((owned, index) => (index === 0 ? owned : 2 ** 32 - 40 + 10 + 20)),
      b: [10, 10],
      c: [10, 2 ** 32],
      d: [0, 0],
    })
  })

  it('of one token is everything', () => {
    expect(share(ring({ a: I(1, 'ACTIVE', [0]) }))).toEqual({ a: [2 ** 32, 2 ** 32] })
  })

  it('is how many keys each one owns', () => {
    fc.assert(
      fc.property(anyRing, (any) => {
        const view = new RingView(any, NOW)
        const shares = view.ownership()
        const total = [...shares.values()].reduce((sum, { ring }) => sum + ring, 0)
        expect(total).toBe(view.tokenCount === 0 ? 0 : 1)
        // Random tokens lie below 13; from there up all keys belong to the owner of the first token.
        const owned = new Map<string, number>()
        for (let key = 0; key < 13; key++) {
          const id = view.owner(key)?.instance.id
          if (id !== undefined) owned.set(id, (owned.get(id) ?? 0) + 1)
        }
        const last = view.owner(13)?.instance.id
        for (const [id, { ring }] of shares)
          expect(ring * 2 ** 32).toBe((owned.get(id) ?? 0) + (id === last ? 2 ** 32 - 13 : 0))
      }),
    )
  })
})

describe('the fingerprint', () => {
  const base = { a: I(1, 'ACTIVE', [1, 2], { addr: 'a:1', zone: 'z' }), b: I(1, 'JOINING') }
  const hash = (entries: Record<string, ReturnType<typeof I>>): string => new RingView(ring(entries), at(1)).hash()

  it('is made as documented', () => {
    const u32 = (...numbers: number[]) =>
      Buffer.concat(numbers.map((n) => Buffer.from(n.toString(16).padStart(8, '0'), 'hex')))
    const text = (value: string) => Buffer.concat([u32(value.length), Buffer.from(value)])
    const a = [text('a'), text('a:1'), text('z'), u32(0, 2, 1, 2)]
    const b = [text('b'), text(''), text(''), u32(3, 0)]
    const sha = createHash('sha256')
      .update(Buffer.concat([...a, ...b]))
      .digest('hex')
    expect(hash(base)).toBe(sha.slice(0, 32))
  })

  it('does not see heartbeats, tombstones or who registered when', () => {
    const later = { ...base, a: base.a.with({ timestamp: 9, registeredTimestamp: 5 }), c: I(9, 'LEFT') }
    expect(hash(later)).toBe(hash(base))
  })

  it.each([
    ['id', { ...base, c: I(1) }],
    ['address', { ...base, a: base.a.with({ addr: 'a:2' }) }],
    ['zone', { ...base, a: base.a.with({ zone: 'y' }) }],
    ['state', { ...base, a: base.a.with({ state: 1 }) }],
    ['tokens', { ...base, a: base.a.with({ tokens: [1, 3] }) }],
  ])('sees another %s', (_what, entries) => {
    expect(hash(entries)).not.toBe(hash(base))
  })
})

describe('options', () => {
  it.each([
    { replicationFactor: 0 },
    { replicationFactor: 1.5 },
    { heartbeatTimeoutMs: 0 },
    { heartbeatTimeoutMs: Number.NaN },
  ])('refuses %j', (options) => {
    expect(() => new RingView(RingDesc.empty, at(1), options)).toThrow(
      expect.objectContaining({ code: 'OPTION_INVALID' }),
    )
  })
})
