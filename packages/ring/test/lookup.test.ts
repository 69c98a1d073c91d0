// Goal: keys find the same instances as in dskit. Method: the checks of ring spec 11, the rows of Appendix A.2, which
// the real dskit confirmed, and a reference written from the prose alone.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  extendsIn,
  findCandidates,
  firstTokenAfter,
  InstanceDesc,
  InstanceState,
  type InstanceStateName,
  ignoreUnhealthyReplication,
  makeOperation,
  operations,
  RingDesc,
  RingError,
  RingView,
  type RingViewOptions,
  servesIn,
  spreadMinimizingTokens,
  topologyOf,
} from '../src/index.ts'
import { type NaiveInstance, naiveGet } from './naive-get.ts'
import { at, I, ring } from './rings.ts'

const now = at(1000)
const ids = (instances: readonly { readonly id: string }[]): string[] => instances.map(({ id }) => id)
const codeOf = (act: () => unknown): string | undefined => {
  try {
    act()
    return undefined
  } catch (error) {
    return error instanceof RingError ? error.code : String(error)
  }
}

describe('operations (ring spec 4.2)', () => {
  it('24: have the masks of dskit', () => {
    expect(operations).toEqual({ write: 0x001e0001, read: 0x001c0007, 'write-no-extend': 1, reporting: 0xffff })
    const isNot = (state: number) => (other: number) => other !== state
    expect(makeOperation([0], isNot(0))).toBe(operations.write)
    expect(makeOperation([0, 2, 1], (state) => [2, 3, 4].includes(state))).toBe(operations.read)
  })

  it('know health and extension apart: PENDING is both under read, JOINING only extends', () => {
    expect([servesIn(operations.read, 2), extendsIn(operations.read, 2)]).toEqual([true, true])
    expect([servesIn(operations.read, 3), extendsIn(operations.read, 3)]).toEqual([false, true])
    expect([servesIn(operations.read, 1), extendsIn(operations.read, 1)]).toEqual([true, false])
  })

  it('know nothing of states beyond 15', () => {
    for (const state of [16, 31, 32, -1])
      expect([servesIn(0xffff_ffff, state), extendsIn(0xffff_ffff, state)]).toEqual([false, false])
  })
})

describe('the owner of a key (ring spec 5.1)', () => {
  it('26: holds the first token strictly greater, and the ring wraps', () => {
    const tokens = Uint32Array.of(3, 5)
    expect([0, 3, 4, 5, 7, 2 ** 32 - 1].map((key) => tokens[firstTokenAfter(tokens, key)])).toEqual([3, 5, 5, 3, 3, 3])
  })

  it('is told with its token, whatever its state', () => {
    const view = new RingView(ring({ a: I(1, 'LEAVING', [3]), b: I(1000, 'ACTIVE', [5]) }), now)
    expect(view.owner(2)).toMatchObject({ token: 3, instance: { id: 'a' } })
    expect(new RingView(RingDesc.empty, now).owner(2)).toBeUndefined()
  })

  it('of a string is that of its FNV-1a hash', () => {
    // 0xe40c292c is the published hash of "a".
    const view = new RingView(ring({ a: I(1, 'ACTIVE', [0xe40c292c]), b: I(1, 'ACTIVE', [0xe40c292d]) }), now)
    expect(view.owner('a')).toMatchObject({ token: 0xe40c292d })
    expect(codeOf(() => view.owner(1.5))).toBe('OPTION_INVALID')
    expect(codeOf(() => view.owner(2 ** 32))).toBe('OPTION_INVALID')
  })
})

describe('Get (ring spec 5.2)', () => {
  const zoneList = ['zone-a', 'zone-b', 'zone-c']

  it('35: the lookups of Appendix A.2', () => {
    const none = { has: () => false }
    const entries = zoneList.flatMap((zone) =>
      [0, 1, 2, 3].map((index): [string, InstanceDesc] => {
        const id = `ingester-${zone}-${index}`
        const tokens = spreadMinimizingTokens(id, zone, zoneList).generate(512, none)
        return [id, new InstanceDesc({ timestamp: 1000, zone, tokens, addr: id })]
      }),
    )
    const view = new RingView(RingDesc.of(entries), now, { replicationFactor: 3, zoneAwareness: true })
    const get = (key: number): string =>
      view
        .get(key)
        .instances.map(({ id }) => id.replace(/ingester-zone-(.)-/, '$1'))
        .join(' ')
    expect(get(0)).toBe('b0 c0 a1')
    expect(get(1)).toBe('c0 a1 b1')
    expect(get(2)).toBe('a1 b1 c1')
    expect(get(3)).toBe('a1 b1 c1')
    expect(get(123456789)).toBe('a0 b0 c0')
    expect(get(2863311530)).toBe('a1 b1 c1')
    expect(get(4294967295)).toBe('a0 b0 c0')
  })

  const even = (perZone: number, stateOf: (zone: string, index: number) => InstanceStateName = () => 'ACTIVE') =>
    RingDesc.of(
      zoneList.flatMap((zone, zoneIndex) =>
        Array.from({ length: perZone }, (_, index): [string, InstanceDesc] => [
          `${zone}-${index}`,
          I(
            1000,
            stateOf(zone, index),
            [1, 2, 3].map((n) => (n * perZone + index) * 30 + zoneIndex),
            { zone },
          ),
        ]),
      ),
    )

  it('27: a LEAVING instance under write is replaced within its zone', () => {
    const leaving = even(2, (zone, index) => (zone === 'zone-c' && index === 0 ? 'LEAVING' : 'ACTIVE'))
    const view = new RingView(leaving, now, { zoneAwareness: true })
    let replaced = 0
    for (let key = 0; key < 300; key++) {
      const { instances, maxErrors } = view.get(key)
      expect(new Set(instances.map(({ zone }) => zone))).toEqual(new Set(zoneList))
      expect(instances).toHaveLength(3)
      // Whether the LEAVING one comes first is seen from the plain owner within the zone.
      const inZone = new RingView(RingDesc.of([...leaving].filter(([, { zone }]) => zone === 'zone-c')), now)
      const isMet = inZone.owner(key)!.instance.state === 'LEAVING'
      expect(maxErrors).toBe(isMet ? 0 : 1)
      replaced += Number(isMet)
    }
    expect(replaced).toBeGreaterThan(0)
    expect(replaced).toBeLessThan(300)
  })

  it('28: one zone is not three; without zone-awareness it is enough', () => {
    const one = RingDesc.of(
      Array.from({ length: 16 }, (_, index) => [`i-${index}`, I(1000, 'ACTIVE', [index], { zone: 'z' })]),
    )
    const aware = new RingView(one, now, { zoneAwareness: true })
    expect(() => aware.get(0)).toThrow(
      'at least 2 live replicas required across different availability zones, could only find 1',
    )
    expect(codeOf(() => aware.get(0))).toBe('NOT_ENOUGH_REPLICAS')
    expect(new RingView(one, now).get(0).instances).toHaveLength(3)
  })

  it('29: a zone that leaves as a whole', () => {
    const leaving = even(33, (zone) => (zone === 'zone-b' ? 'LEAVING' : 'ACTIVE'))
    const view = new RingView(leaving, now, { zoneAwareness: true })
    expect(codeOf(() => view.get(5, operations.write))).toBe('NOT_ENOUGH_REPLICAS')
    const { instances, maxErrors } = view.get(5, operations['write-no-extend'])
    expect([instances.map(({ zone }) => zone).sort(), maxErrors]).toEqual([['zone-a', 'zone-c'], 0])
    const lenient = new RingView(leaving, now, { zoneAwareness: true, strategy: ignoreUnhealthyReplication })
    expect(lenient.get(5).instances).toHaveLength(2)
  })

  it('33: more replicas than configured only with a strategy that can', () => {
    const options: RingViewOptions = { zoneAwareness: true }
    const strict = new RingView(even(4), now, options)
    expect(codeOf(() => strict.get(5, operations.write, { replicationFactor: 6 }))).toBe(
      'REPLICATION_FACTOR_UNSUPPORTED',
    )
    expect(() => strict.get(5, operations.write, { replicationFactor: 6 })).toThrow(/6.*3/)
    expect(strict.get(5, operations.write, { replicationFactor: 1 }).instances).toHaveLength(3)
    const lenient = new RingView(even(4), now, { ...options, strategy: ignoreUnhealthyReplication })
    const zones = lenient.get(5, operations.write, { replicationFactor: 6 }).instances.map(({ zone }) => zone)
    expect(zones.sort()).toEqual(['zone-a', 'zone-a', 'zone-b', 'zone-b', 'zone-c', 'zone-c'])
  })

  it('an empty ring, and one whose instances hold no tokens, is an error', () => {
    expect(codeOf(() => new RingView(RingDesc.empty, now).get(0))).toBe('EMPTY_RING')
    expect(codeOf(() => new RingView(ring({ a: I(1000) }), now).get(0))).toBe('EMPTY_RING')
  })

  const anyInstances = fc
    .array(
      fc.record({
        zone: fc.constantFrom('', 'x', 'y', 'z', 'w'),
        state: fc.constantFrom(0, 0, 0, 1, 2, 3),
        tokens: fc.uniqueArray(fc.integer({ min: 0, max: 40 }), { maxLength: 5 }),
      }),
      { maxLength: 10 },
    )
    .map((instances): NaiveInstance[] => {
      const taken = new Set<number>()
      return instances.map((instance, index) => {
        const tokens = instance.tokens.filter((token) => !taken.has(token))
        for (const token of tokens) taken.add(token)
        return { ...instance, tokens, name: `i-${index}` }
      })
    })

  it('is what the prose says, over random rings', () => {
    const shapes = { extended: 0, partial: 0 }
    fc.assert(
      fc.property(
        anyInstances,
        fc.integer({ min: 0, max: 41 }),
        fc.integer({ min: 1, max: 3 }),
        fc.integer({ min: 1, max: 3 }),
        fc.boolean(),
        fc.constantFrom(...Object.values(operations)),
        (instances, key, configuredRf, factor, isZoneAware, operation) => {
          const rf = configuredRf * factor
          const live = instances.map(({ name, zone, state, tokens }): [string, InstanceDesc] => [
            name,
            new InstanceDesc({ timestamp: 1000, zone, state, tokens }),
          ])
          const topology = topologyOf([...RingDesc.of(live)])
          const candidates = findCandidates(topology, {
            key,
            operation,
            replicationFactor: rf,
            perZone: isZoneAware ? Math.max(1, Math.floor(rf / configuredRf)) : undefined,
            state: (index) => topology.instances[index]!.state,
          }).map((index) => topology.names[index]!)
          const extending = new Set([0, 1, 2, 3, 4].filter((state) => extendsIn(operation, state)))
          const expected = naiveGet(instances, { key, rf, configuredRf, isZoneAware, extending })
          expect(candidates).toEqual(expected)
          shapes.extended += Number(expected.length > rf)
          shapes.partial += Number(expected.length > 0 && expected.length < rf)
        },
      ),
      { numRuns: 2000 },
    )
    // The random rings did reach what is difficult.
    expect(shapes.extended).toBeGreaterThan(20)
    expect(shapes.partial).toBeGreaterThan(20)
  })

  it('instances passed over are as good as absent', () => {
    fc.assert(
      fc.property(anyInstances, fc.integer({ min: 0, max: 41 }), fc.boolean(), (instances, key, zoneAwareness) => {
        const toRing = (some: readonly NaiveInstance[]) =>
          RingDesc.of(
            some.map(({ name, zone, state, tokens }) => [
              name,
              new InstanceDesc({ timestamp: 1000, zone, state, tokens }),
            ]),
          )
        const active = instances.filter(({ state }) => state === InstanceState.ACTIVE)
        const view = new RingView(toRing(instances), now, { zoneAwareness, replicationFactor: 2 })
        const without = new RingView(toRing(active), now, { zoneAwareness, replicationFactor: 2 })
        expect(ids(view.preferred(key))).toEqual(ids(without.preferred(key)))
      }),
    )
  })
})

describe('the quorum (ring spec 5.3)', () => {
  // Candidates beyond the replication factor come from PENDING instances, which extend and, under this operation, serve.
  const op = makeOperation([InstanceState.ACTIVE, InstanceState.PENDING], (state) => state === InstanceState.PENDING)
  const view = (rf: number, healthy: number, unhealthy: number): RingView => {
    const total = healthy + unhealthy
    const entries = Array.from({ length: total }, (_, index): [string, InstanceDesc] => [
      `i-${index}`,
      I(index < healthy ? 1000 : 1, index < total - rf ? 'PENDING' : 'ACTIVE', [index + 1], { addr: `addr-${index}` }),
    ])
    return new RingView(RingDesc.of(entries), now, { replicationFactor: rf })
  }

  it.each([
    [1, 1, 0, 0],
    [3, 2, 0, 0],
    [3, 3, 0, 1],
    [3, 2, 1, 0],
    [3, 4, 0, 1],
    [3, 3, 1, 0],
  ])('30: factor %i with %i healthy and %i unhealthy tolerates %i errors', (rf, healthy, unhealthy, maxErrors) => {
    const found = view(rf, healthy, unhealthy).get(0, op)
    expect(found.maxErrors).toBe(maxErrors)
    expect(ids(found.instances)).toEqual(Array.from({ length: healthy }, (_, index) => `i-${index}`))
  })

  it.each([
    [3, 1, 2, 'at least 2 live replicas required, could only find 1 - unhealthy instances: addr-1,addr-2'],
    [3, 2, 2, 'at least 3 live replicas required, could only find 2 - unhealthy instances: addr-2,addr-3'],
  ])('30: factor %i with %i healthy and %i unhealthy is an error', (rf, healthy, unhealthy, message) => {
    expect(() => view(rf, healthy, unhealthy).get(0, op)).toThrow(message)
  })
})
