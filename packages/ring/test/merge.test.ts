// Goal: the merge of ring spec 2.1 and its improvements of section 3 and 13.2. Method: each consequence and each check
// of section 11 as it is written there, then the laws over random rings.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  compareEntries,
  dropTombstones,
  encodeInstance,
  encodeRing,
  InstanceState,
  mergeRings,
  RingDesc,
  replaceRing,
  resolveTokens,
  ringDesc,
} from '../src/index.ts'
import { anyEntry, anyRing, at, I, NOW, plain, ring } from './rings.ts'

const R = ring({ a: I(10, 'ACTIVE', [1]) })
const merge = (state: RingDesc, incoming: RingDesc) => mergeRings(state, incoming, at(20))

describe('merging (ring spec 2.1, 11)', () => {
  it('8: a newer entry replaces the whole of an older one, and is the change', () => {
    const { state, change } = merge(R, ring({ a: I(11, 'LEAVING', [1]) }))
    expect(state.get('a')).toMatchObject({ timestamp: 11, state: InstanceState.LEAVING })
    expect(change?.names()).toEqual(['a'])
  })

  it('what is news as a whole is passed on as it came; of the rest, only what is', () => {
    const both = ring({ a: I(11, 'ACTIVE', [1]), z: I(1, 'ACTIVE', [9]) })
    expect(merge(R, both).change).toBe(both)
    const stale = ring({ a: I(9, 'ACTIVE', [1]), z: I(1, 'ACTIVE', [9]) })
    expect(merge(R, stale).change?.names()).toEqual(['z'])
  })

  it('no field is merged on its own: what the winner does not say is gone', () => {
    const rich = ring({ a: I(10, 'ACTIVE', [1], { zone: 'z', registeredTimestamp: 3, readOnly: true, id: 'a' }) })
    const { state } = merge(rich, ring({ a: I(11, 'ACTIVE', [1]) }))
    expect(state.get('a')).toMatchObject({ zone: '', registeredTimestamp: 0, readOnly: false, id: '' })
  })

  it('an older entry is ignored', () => {
    expect(merge(R, ring({ a: I(9, 'LEAVING') }))).toEqual({ state: R, change: undefined })
  })

  it('10: at the same second LEFT wins, from either side, and has no tokens', () => {
    const left = ring({ a: I(10, 'LEFT', [1, 2]) })
    const { state, change } = merge(R, left)
    expect(plain(state)).toEqual(plain(ring({ a: I(10, 'LEFT') })))
    expect(plain(change!)).toEqual(plain(state))
    expect(plain(merge(left, R).state)).toEqual(plain(state))
  })

  it('11: a tombstone gives way only to a later second', () => {
    const left = ring({ a: I(10, 'LEFT') })
    expect(merge(left, R).change).toBeUndefined()
    expect(merge(left, ring({ a: I(11, 'ACTIVE', [1]) })).state.get('a')).toMatchObject({ timestamp: 11, state: 0 })
  })

  it('two tombstones of one second: nothing changes', () => {
    const left = ring({ a: I(10, 'LEFT') })
    expect(merge(left, ring({ a: I(10, 'LEFT', [5]) })).change).toBeUndefined()
  })

  it.each([0, -1, -(2n ** 62n)])('12: an entry dated %s is not accepted into an empty slot', (timestamp) => {
    expect(merge(RingDesc.empty, ring({ a: I(timestamp, 'ACTIVE', [1]) })).change).toBeUndefined()
  })

  it('12: except a tombstone dated 0; one dated before is not', () => {
    expect(merge(RingDesc.empty, ring({ a: I(0, 'LEFT') })).state.get('a')?.isTombstone).toBe(true)
    expect(merge(RingDesc.empty, ring({ a: I(-1, 'LEFT') })).change).toBeUndefined()
  })

  it('13: tokens arrive sorted and once', () => {
    const { state } = merge(RingDesc.empty, ring({ a: I(5, 'ACTIVE', [40, 30, 40, 50]) }))
    expect([...state.get('a')!.tokens]).toEqual([30, 40, 50])
  })

  it('timestamps are compared as 64 bits', () => {
    const far = ring({ a: I(2n ** 62n + 1n) })
    expect(merge(ring({ a: I(2n ** 62n) }), far).state.get('a')?.timestamp).toBe(2n ** 62n + 1n)
    expect(merge(far, ring({ a: I(2n ** 62n) })).change).toBeUndefined()
  })

  it('an equal list of tokens stays the same array, so that a heartbeat disturbs nobody', () => {
    const { state } = merge(R, ring({ a: I(11, 'ACTIVE', [1]) }))
    expect(state.get('a')!.tokens).toBe(R.get('a')!.tokens)
  })

  it('a contested token stays in both entries: the owner is derived, not written', () => {
    const { state, change } = merge(R, ring({ b: I(10, 'ACTIVE', [1, 2]) }))
    expect([...state.get('b')!.tokens]).toEqual([1, 2])
    expect([...change!.get('b')!.tokens]).toEqual([1, 2])
  })

  it('two versions of one second: every node keeps the one whose encoding is larger', () => {
    const active = ring({ a: I(10, 'ACTIVE', [1]) })
    const leaving = ring({ a: I(10, 'LEAVING', [1]) })
    // 10 0a 18 01 32 01 01 against 10 0a 32 01 01: 0x18 is less than 0x32.
    for (const [x, y] of [
      [active, leaving],
      [leaving, active],
    ] as const)
      expect(merge(x, y).state.get('a')!.state).toBe(InstanceState.ACTIVE)
  })
})

describe('dates from the far future (ring spec 13.2)', () => {
  const now = at(1000)
  const plausible = I(1000 + 3600, 'ACTIVE')
  const implausible = I(1000 + 3601, 'ACTIVE')

  it('exactly an hour ahead is believed, a second more is not', () => {
    expect(mergeRings(ring({ a: I(900) }), ring({ a: plausible }), now).change).toBeDefined()
    expect(mergeRings(ring({ a: I(900) }), ring({ a: implausible }), now).change).toBeUndefined()
    expect(mergeRings(ring({ a: implausible }), ring({ a: I(900) }), now).state.get('a')!.timestamp).toBe(900)
  })

  it('between two of them the later wins; one may fill an empty slot', () => {
    const later = ring({ a: I(9000) })
    expect(mergeRings(ring({ a: implausible }), later, now).state).not.toBe(later)
    expect(mergeRings(ring({ a: implausible }), later, now).state.get('a')!.timestamp).toBe(9000)
    expect(mergeRings(RingDesc.empty, later, now).change).toBeDefined()
  })

  it('a forgotten one is dated now, and stays forgotten when it is offered again', () => {
    const wedged = ring({ a: I(2_000_000_000, 'ACTIVE', [1]) })
    const { state } = replaceRing(wedged, RingDesc.empty, now)
    expect(state.get('a')).toMatchObject({ state: InstanceState.LEFT, timestamp: 1000 })
    expect(mergeRings(state, wedged, now).change).toBeUndefined()
  })
})

describe('replacing: a local edit (ring spec 2.1 step 4)', () => {
  const both = ring({
    a: I(10, 'ACTIVE', [1]),
    b: I(10, 'ACTIVE', [2], { zone: 'z', addr: 'b:1', registeredTimestamp: 4 }),
  })

  it('17: what is missing becomes a tombstone dated now, with everything but its tokens', () => {
    const next = ring({ a: I(12, 'ACTIVE', [1]) })
    const { state, change } = replaceRing(both, next, at(15.7))
    expect(state.get('b')).toMatchObject({
      state: InstanceState.LEFT,
      timestamp: 15,
      zone: 'z',
      addr: 'b:1',
      registeredTimestamp: 4,
    })
    expect(state.get('b')!.tokens).toHaveLength(0)
    expect(change!.names()).toEqual(['a', 'b'])
    expect(replaceRing(state, next, at(20)).change).toBeUndefined()
  })

  it('18: a tombstone that is missing stays as it is', () => {
    const state = ring({ a: I(10), b: I(9, 'LEFT') })
    expect(replaceRing(state, ring({ a: state.get('a')! }), at(20)).change).toBeUndefined()
  })

  it('with a slow clock the tombstone is dated as the entry, so that peers accept it', () => {
    const { change } = replaceRing(both, RingDesc.empty, at(5))
    expect(change!.get('a')).toMatchObject({ timestamp: 10, state: InstanceState.LEFT })
    expect(merge(both, change!).state.get('a')!.isTombstone).toBe(true)
  })

  it('an entry that is as it was is no change', () => {
    expect(replaceRing(both, both, at(20))).toEqual({ state: both, change: undefined })
    const copy = ring({ a: both.get('a')!.with({}), b: both.get('b')!.with({}) })
    expect(replaceRing(both, copy, at(20)).change).toBeUndefined()
  })

  it('an edit that forgot to raise the timestamp does not bring a removed entry back', () => {
    const state = ring({ a: I(10, 'LEFT') })
    expect(replaceRing(state, ring({ a: I(10, 'ACTIVE', [1]) }), at(20)).change).toBeUndefined()
  })

  it('its change, merged into any replica of the old ring, gives the new ring', () => {
    fc.assert(
      fc.property(anyRing, anyRing, (old, next) => {
        const { state, change } = replaceRing(old, next, NOW)
        expect(plain(mergeRings(old, change ?? RingDesc.empty, NOW).state)).toEqual(plain(state))
      }),
    )
  })
})

describe('tombstones (ring spec 2.3)', () => {
  const two = ring({ a: I(100, 'LEFT'), b: I(200, 'LEFT'), c: I(50) })

  it('19: only those strictly before the limit go', () => {
    const { state, removedCount, remainingCount } = dropTombstones(two, at(200))
    expect({ removedCount, remainingCount, names: state.names() }).toEqual({
      removedCount: 1,
      remainingCount: 1,
      names: ['b', 'c'],
    })
    expect(dropTombstones(two, at(200.001)).removedCount).toBe(2)
  })

  it('19: without a limit all go', () => {
    expect(dropTombstones(two, undefined)).toMatchObject({ removedCount: 2, remainingCount: 0 })
  })

  it('nothing to drop gives the same object back', () => {
    expect(dropTombstones(two, at(100)).state).toBe(two)
    expect(dropTombstones(R, undefined).state).toBe(R)
  })

  it('the counts are those of a look at every entry', () => {
    fc.assert(
      fc.property(anyRing, fc.constantFrom(undefined, at(0), at(1), NOW, at(150_000)), (any, limit) => {
        const { state, removedCount, remainingCount } = dropTombstones(any, limit)
        const isOld = (timestamp: number | bigint) => limit === undefined || Number(timestamp) * 1000 < limit
        const tombstones = [...any].filter(([, entry]) => entry.isTombstone)
        const old = tombstones.filter(([, entry]) => isOld(entry.timestamp))
        expect(removedCount).toBe(old.length)
        expect(remainingCount).toBe(tombstones.length - old.length)
        expect(state.size).toBe(any.size - old.length)
        expect(state.tombstoneCount).toBe(remainingCount)
      }),
    )
  })
})

describe('the laws (ring spec 3)', () => {
  const join = (...rings: RingDesc[]): RingDesc => rings.reduce((state, next) => mergeRings(state, next, NOW).state)
  const bytes = (any: RingDesc): string => Buffer.from(encodeRing(any)).toString('hex')
  const owners = (any: RingDesc): unknown => {
    const live = [...any].filter(([, entry]) => !entry.isTombstone)
    const { tokens, owners } = resolveTokens(live.map(([, entry]) => entry))
    return Array.from(tokens, (token, index) => [token, live[owners[index]!]![0]])
  }
  const alike = (x: RingDesc, y: RingDesc): void => {
    expect(bytes(x)).toBe(bytes(y))
    expect(owners(x)).toEqual(owners(y))
  }

  it('merging is commutative', () => {
    fc.assert(
      fc.property(anyRing, anyRing, (a, b) => {
        alike(join(a, b), join(b, a))
      }),
      { numRuns: 500 },
    )
  })

  it('merging is associative', () => {
    fc.assert(
      fc.property(anyRing, anyRing, anyRing, (a, b, c) => {
        alike(join(join(a, b), c), join(a, join(b, c)))
      }),
      { numRuns: 500 },
    )
  })

  it('merging is idempotent, and reports no change the second time', () => {
    fc.assert(
      fc.property(anyRing, anyRing, (a, b) => {
        const once = join(a, b)
        expect(mergeRings(once, b, NOW)).toEqual({ state: once, change: undefined })
        expect(mergeRings(a, a, NOW).change).toBeUndefined()
      }),
    )
  })

  it('the change, merged into a replica of the old ring, gives the new ring; it names what differs', () => {
    fc.assert(
      fc.property(anyRing, anyRing, (a, b) => {
        const { state, change } = mergeRings(a, b, NOW)
        alike(join(a, change ?? RingDesc.empty), state)
        const different = [...state].filter(
          ([name, entry]) =>
            a.get(name) === undefined || Buffer.compare(encodeInstance(a.get(name)!), encodeInstance(entry)) !== 0,
        )
        expect(change?.names() ?? []).toEqual(different.map(([name]) => name))
      }),
    )
  })

  it('an entry never goes back in the order', () => {
    fc.assert(
      fc.property(anyRing, anyRing, (a, b) => {
        const { state } = mergeRings(a, b, NOW)
        for (const [name, entry] of a) expect(compareEntries(state.get(name)!, entry, NOW)).toBeGreaterThanOrEqual(0)
      }),
    )
  })

  it('the order of entries is total', () => {
    fc.assert(
      fc.property(anyEntry, anyEntry, anyEntry, (a, b, c) => {
        const [ab, ba] = [compareEntries(a, b, NOW), compareEntries(b, a, NOW)]
        expect(Math.sign(ab)).toBe(-Math.sign(ba) + 0)
        if (ab === 0) expect(encodeInstance(a)).toEqual(encodeInstance(b))
        if (ab >= 0 && compareEntries(b, c, NOW) >= 0) expect(compareEntries(a, c, NOW)).toBeGreaterThanOrEqual(0)
      }),
      { numRuns: 500 },
    )
  })

  it('20: where dskit keeps the laws, the result is the one of dskit', () => {
    // One version for each name and second, dates above 0, no token shared: then the rule of 2.1 needs no more than
    // "strictly newer replaces, and a removal of the same second".
    const tame = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.integer({ min: 1, max: 4 })), { maxLength: 6 })
    const toRing = (versions: [string, number][]) =>
      ring(
        Object.fromEntries(
          versions.map(([name, timestamp]) => [
            name,
            I(timestamp, timestamp === 3 ? 'LEFT' : 'ACTIVE', [name.charCodeAt(0) * 10 + timestamp]),
          ]),
        ),
      )
    fc.assert(
      fc.property(tame, tame, (x, y) => {
        const [a, b] = [toRing(x), toRing(y)]
        const expected = new Map([...a])
        const changed: string[] = []
        for (const [name, theirs] of b) {
          const ours = expected.get(name) ?? I(0)
          if (theirs.timestamp > ours.timestamp) {
            expected.set(name, theirs)
            changed.push(name)
          }
        }
        const { state, change } = mergeRings(a, b, at(5))
        expect(plain(state)).toEqual(plain(RingDesc.of(expected)))
        expect(change?.names() ?? []).toEqual(changed)
      }),
    )
  })
})

describe('the value type', () => {
  it('is called ringDesc, and names its entries', () => {
    expect(ringDesc.codecId).toBe('ringDesc')
    expect(ringDesc.names(ring({ b: I(1), a: I(1, 'LEFT') }))).toEqual(['a', 'b'])
    expect(ringDesc.empty().size).toBe(0)
  })
})
