// The set in which additions win: the laws, what the laws do not say, and a model of replicas that hear of each other late.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asUnixMs, encodeValue, type OrSet, orSet, type PlainValue } from '../src/index.ts'
import { checkLaws, type Random } from '../src/laws.ts'

const NOW = asUnixMs(1_700_000_000_000)
const at = (ms: number) => asUnixMs(NOW + ms)

/** What a writer may have said: of one addition always the same expiry, as its writer gave it. */
function arbitraryAddition(random: Random, wallNow: number) {
  const turn = Math.floor(random() * 4)
  const addedAtMs = wallNow - 2800 + turn * 700
  const expiresAtMs = turn === 1 ? wallNow - 500 : turn === 2 ? wallNow + 900 : 0
  const removed = random() < 0.4 ? Math.floor(random() * 4) : undefined
  return {
    addedAtMs,
    ...(expiresAtMs === 0 ? {} : { expiresAtMs }),
    ...(removed === undefined
      ? {}
      : { removedUpToMs: wallNow - 2800 + removed * 700, buriedAtMs: wallNow - Math.floor(random() * 3) * 900 }),
  }
}

checkLaws(orSet<unknown>(), {
  describe,
  it,
  arbitraryState: (random, wallNow) =>
    orSet.fromJson({
      elements: Object.fromEntries(
        ['a', 'b', 'c', 'd']
          .filter(() => random() < 0.6)
          .map((name) => [
            name,
            {
              additions: Object.fromEntries(
                ['x', 'y', 'z']
                  .filter((writer) => writer === 'x' || random() < 0.4)
                  .map((writer) => [writer, arbitraryAddition(random, wallNow)]),
              ),
            },
          ]),
      ),
    }) as OrSet<unknown>,
})

const words = orSet<string>()
const write = (state: OrSet<string>, edit: (state: OrSet<string>) => OrSet<string>, writer: string, ms: number) =>
  words.replace(state, edit(words.dropTombstones(state, undefined).state), at(ms), writer).state
const both = (a: OrSet<string>, b: OrSet<string>, ms = 0) => words.merge(a, b, at(ms)).state

describe('a set', () => {
  it('reads as a set', () => {
    const set = orSet.empty().add('b').add('a').add('b').add(7).add({ x: 1 }).delete('a').delete('nothing')
    expect([...set]).toEqual(['b', 7, { x: 1 }])
    expect([set.size, set.has('b'), set.has('a'), set.has(7), set.has('7'), set.has({ x: 1 })]).toEqual([
      3,
      true,
      false,
      true,
      false,
      true,
    ])
    expect(Object.isFrozen([...set][2])).toBe(true)
  })

  it('keeps what is added while somebody else removes it, whoever hears of it first', () => {
    const start = write(words.empty(), (s) => s.add('eu'), 'a', 0)
    const removed = write(start, (s) => s.delete('eu'), 'b', 100)
    const again = write(start, (s) => s.add('eu'), 'c', 50)
    expect([...both(removed, again)]).toEqual(['eu'])
    expect([...both(again, removed)]).toEqual(['eu'])
    // And so by the writer who added it first.
    expect([
      ...both(
        removed,
        write(start, (s) => s.add('eu'), 'a', 50),
      ),
    ]).toEqual(['eu'])
  })

  it('loses what is removed by somebody who has seen all of it, also where an older state comes back', () => {
    const a = write(words.empty(), (s) => s.add('eu'), 'a', 0)
    const c = write(words.empty(), (s) => s.add('eu'), 'c', 10)
    const seen = both(a, c)
    const removed = write(seen, (s) => s.delete('eu'), 'b', 5)
    expect([...both(both(removed, a), c)]).toEqual([])
    expect(words.merge(removed, seen, at(20)).change).toBeUndefined()
  })

  it('adds again after a removal, even when the clock is behind', () => {
    const a = write(words.empty(), (s) => s.add('eu'), 'a', 1000)
    const removed = write(a, (s) => s.delete('eu'), 'a', 1000)
    const back = write(removed, (s) => s.add('eu'), 'a', 0)
    expect([...both(back, removed)]).toEqual(['eu'])
  })

  it('says again what is there: news, to outlive removals that did not hear of it', () => {
    const a = write(words.empty(), (s) => s.add('eu'), 'a', 0)
    expect(words.replace(a, a.add('eu'), at(1), 'a').change).toBeDefined()
    expect(words.replace(a, a.has('eu') ? a : a.add('eu'), at(1), 'a').change).toBeUndefined()
  })

  it('forgets an element when its time is over, everywhere alike, unless it is added again', () => {
    const a = write(words.empty(), (s) => s.add('eu', { ttlMs: 1000 }).add('us'), 'a', 0)
    expect(words.nextExpiry!(a)).toBe(at(1000))
    expect(words.expire!(a, at(999)).change).toBeUndefined()
    const { state, change } = words.expire!(a, at(1000))
    expect([...state]).toEqual(['us'])
    expect(words.names(change!)).toEqual(['eu'])
    expect(words.nextExpiry!(state)).toBeUndefined()
    // A replica that looks later, or hears of it late, comes to the same.
    expect(words.toJson(both(words.empty(), a, 5000))).toEqual(words.toJson(state))
    expect([
      ...both(
        state,
        write(a, (s) => s.add('eu'), 'a', 500),
      ),
    ]).toEqual(['eu', 'us'])
  })

  it('has tombstones that are dropped by the time of the removal, not of the addition', () => {
    const removed = write(
      write(words.empty(), (s) => s.add('eu'), 'a', 0),
      (s) => s.delete('eu'),
      'b',
      60_000,
    )
    expect(words.dropTombstones(removed, at(60_000))).toMatchObject({ removedCount: 0, remainingCount: 1 })
    expect(words.dropTombstones(removed, at(60_001))).toMatchObject({ removedCount: 1, remainingCount: 0 })
  })

  it('cannot be encoded before it is stamped', () => {
    expect(() => orSet.encode(orSet.empty().add('x'))).toThrowError(expect.objectContaining({ code: 'VALUE_INVALID' }))
    expect(() => orSet.empty().add(undefined as unknown as PlainValue)).toThrowError(
      expect.objectContaining({ code: 'VALUE_INVALID' }),
    )
    expect(() => orSet.empty().add('x', { ttlMs: 0 })).toThrowError(/ttlMs/)
  })
})

describe('replicas that hear of each other late', () => {
  // The model: an element is there if some addition of it was not seen by any of its removals.
  it('agree with the model once all heard all', () => {
    const step = fc.record({
      does: fc.constantFrom('add', 'delete', 'hear', 'clear'),
      who: fc.nat(2),
      from: fc.nat(2),
      what: fc.constantFrom('p', 'q', 'r'),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30, size: 'max' }), (steps) => {
        const replicas = [0, 1, 2].map(() => ({
          state: words.empty(),
          adds: new Map<number, string>(),
          gone: new Set<number>(),
        }))
        let next = 0
        for (const [ms, { does, who, from, what }] of steps.entries()) {
          const me = replicas[who]!
          const writer = `w${who}`
          const bury = (name: string) => {
            for (const [id, added] of me.adds) if (added === name) me.gone.add(id)
          }
          if (does === 'add') {
            me.adds.set(next++, what)
            me.state = write(me.state, (s) => s.add(what), writer, ms)
          } else if (does === 'delete') {
            bury(what)
            me.state = write(me.state, (s) => s.delete(what), writer, ms)
          } else if (does === 'clear') {
            for (const name of ['p', 'q', 'r']) bury(name)
            me.state = write(me.state, () => words.empty(), writer, ms)
          } else {
            const other = replicas[from]!
            me.state = both(me.state, words.decode(words.encode(other.state)), ms)
            for (const [id, added] of other.adds) me.adds.set(id, added)
            for (const id of other.gone) me.gone.add(id)
          }
        }
        const adds = new Map(replicas.flatMap(({ adds }) => [...adds]))
        const gone = new Set(replicas.flatMap(({ gone }) => [...gone]))
        const expected = new Set([...adds].filter(([id]) => !gone.has(id)).map(([, name]) => name))
        for (const order of [
          [0, 1, 2],
          [2, 0, 1],
          [1, 2, 0],
        ]) {
          const end = order.reduce((state, index) => both(state, replicas[index]!.state, 100), words.empty())
          expect(new Set(end)).toEqual(expected)
        }
      }),
      { numRuns: 400 },
    )
  })
})

describe('bytes that are no set', () => {
  it.each([
    ['a map', {}],
    ['an element without a value', [[]]],
    ['an element without a writer', [[encodeValue('a')]]],
    ['a writer that is no text', [[encodeValue('a'), [1, 1]]]],
    ['a writer twice', [[encodeValue('a'), ['x', 1], ['x', 2]]]],
    [
      'an element twice',
      [
        [encodeValue('a'), ['x', 1]],
        [encodeValue('a'), ['y', 1]],
      ],
    ],
    ['no time', [[encodeValue('a'), ['x']]]],
    ['a time of 0', [[encodeValue('a'), ['x', 0]]]],
    ['half a removal', [[encodeValue('a'), ['x', 5, 5]]]],
    ['too many times', [[encodeValue('a'), ['x', 1, 1, 1, 1, 1]]]],
    ['a damaged value', [[Uint8Array.of(0x92, 1), ['x', 1]]]],
  ] as [string, PlainValue][])('are refused: %s', (_, rows) => {
    expect(() => orSet.decode(encodeValue(rows))).toThrowError(expect.objectContaining({ code: 'VALUE_INVALID' }))
  })

  it.each([
    [{}, '$.elements'],
    [{ elements: { a: 1 } }, '$.elements["a"]'],
    [{ elements: { a: { additions: {} } } }, '$.elements["a"].additions'],
    [{ elements: { a: { additions: { x: {} } } } }, '$.elements["a"].additions["x"].addedAtMs'],
    [{ elements: { a: { ttlMs: -1 } } }, '$.elements["a"].ttlMs'],
  ])('are refused as JSON, with the path: %j', (json, path) => {
    expect(() => orSet.fromJson(json)).toThrowError(path)
  })
})
