// The counter: the laws, and that nothing that was counted is lost or counted twice.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asUnixMs, Counter, counter, encodeValue, KvStore, type PlainValue } from '../src/index.ts'
import { checkLaws } from '../src/laws.ts'

const NOW = asUnixMs(1_700_000_000_000)
const at = (ms: number) => asUnixMs(NOW + ms)

checkLaws(counter, {
  describe,
  it,
  // The sum depends on when it is looked at; what it is made of does not.
  view: ({ counts }) => counter.toJson(new Counter(counts)).counts,
  arbitraryState: (random, wallNow) =>
    counter.fromJson({
      counts: Object.fromEntries(
        ['a', 'b', 'c']
          .filter(() => random() < 0.6)
          .map((writer) => [
            writer,
            {
              epochMs: wallNow - Math.floor(random() * 2) * 5000,
              added: Math.floor(random() * 4),
              subtracted: Math.floor(random() * 3),
              expiresAtMs: random() < 0.5 ? 0 : wallNow - 1500 + Math.floor(random() * 4) * 900,
              resetAtMs: random() < 0.8 ? 0 : wallNow - Math.floor(random() * 3) * 900,
            },
          ]),
      ),
    }),
})

const write = (state: Counter, edit: (state: Counter) => Counter, writer: string, ms: number) =>
  counter.replace(state, edit(counter.dropTombstones(state, undefined).state), at(ms), writer).state
const both = (a: Counter, b: Counter, ms = 0) => counter.merge(a, b, at(ms)).state

describe('a counter', () => {
  it('adds up what everybody counts, whoever hears of it first, and once', () => {
    const a = write(
      write(counter.empty(), (c) => c.add(5), 'a', 0),
      (c) => c.add(-2),
      'a',
      1,
    )
    const b = write(counter.empty(), (c) => c.add(10).add(1), 'b', 0)
    expect([a.value, b.value, both(a, b).value, both(both(b, a), b).value]).toEqual([3, 11, 14, 14])
    expect(counter.merge(both(a, b), a, at(5)).change).toBeUndefined()
    expect(counter.toJson(both(a, b))).toEqual({
      value: 14,
      counts: { a: { epochMs: NOW, added: 5, subtracted: 2 }, b: { epochMs: NOW, added: 11 } },
    })
  })

  it('shows an edit before it is written, and refuses what cannot be counted', () => {
    expect(counter.empty().add(3).value).toBe(3)
    for (const wrong of [0.5, Number.NaN, 2 ** 53])
      expect(() => counter.empty().add(wrong)).toThrowError(/whole numbers/)
    const full = write(counter.empty(), (c) => c.add(Number.MAX_SAFE_INTEGER), 'a', 0)
    expect(() => counter.replace(full, full.add(1), at(1), 'a')).toThrowError(/2\^53/)
  })

  it('begins anew after it was cleared, for those who had not heard of it, too', () => {
    const a = write(counter.empty(), (c) => c.add(5), 'a', 0)
    const cleared = write(a, (c) => c.clear(), 'b', 10)
    expect(cleared.value).toBe(0)
    expect(both(a, cleared).value).toBe(0)
    const more = write(cleared, (c) => c.add(2), 'a', 5)
    expect(both(both(a, cleared), more).value).toBe(2)
  })

  it('forgets what a store has counted when its time is over, unless it counts again', () => {
    const a = write(counter.empty(), (c) => c.add(5, { ttlMs: 1000 }), 'a', 0)
    const b = write(counter.empty(), (c) => c.add(1), 'b', 0)
    const sum = both(a, b)
    expect(counter.nextExpiry!(sum)).toBe(at(1000))
    const { state, change } = counter.expire!(sum, at(1000))
    expect([state.value, counter.names(change!)]).toEqual([1, ['a']])
    expect(counter.nextExpiry!(state)).toBeUndefined()
    // It counted at 900: whoever gave it up at 1000 takes that back.
    const renewed = write(a, (c) => c.add(1, { ttlMs: 1000 }), 'a', 900)
    expect(both(state, renewed, 1000).value).toBe(7)
    // Too late: it begins with the new amount, though nobody had looked meanwhile.
    expect(write(a, (c) => c.add(1, { ttlMs: 1000 }), 'a', 1000).value).toBe(1)
  })

  it('counts under the name of the store, so that one type serves many', async () => {
    const [a, b] = [new KvStore(), new KvStore()]
    await a.update('hits', counter, (hits) => hits.add(2))
    await b.update('hits', counter, (hits) => hits.add(3))
    await a.update('hits', counter, (hits) => hits.add(1))
    b.delegate().mergeRemoteState(a.delegate().localState(false), false, { from: 'a', channel: 'stream' })
    await b.idle()
    expect(b.get('hits', counter)?.value).toBe(6)
  })

  it('loses nothing and counts nothing twice, whatever replicas hear of each other and when', () => {
    const step = fc.record({
      does: fc.constantFrom('add', 'hear'),
      who: fc.nat(2),
      from: fc.nat(2),
      amount: fc.integer({ min: -9, max: 9 }),
    })
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40, size: 'max' }), (steps) => {
        const replicas = [0, 1, 2].map(() => counter.empty())
        let sum = 0
        for (const [ms, { does, who, from, amount }] of steps.entries())
          if (does === 'add') {
            sum += amount
            replicas[who] = write(replicas[who]!, (c) => c.add(amount), `w${who}`, ms)
          } else replicas[who] = both(replicas[who]!, counter.decode(counter.encode(replicas[from]!)), ms)
        expect(replicas.reduce((a, b) => both(a, b, 100)).value).toBe(sum)
      }),
    )
  })
})

describe('bytes that are no counter', () => {
  it.each([
    ['a map', {}],
    ['no writer', [[1, 1]]],
    ['no epoch', [['a']]],
    ['a negative amount', [['a', 1, -1]]],
    ['a fraction', [['a', 1, 0.5]]],
    ['too many numbers', [['a', 1, 1, 1, 1, 1, 1]]],
    [
      'a writer twice',
      [
        ['a', 1],
        ['a', 2],
      ],
    ],
  ] as [string, PlainValue][])('are refused: %s', (_, rows) => {
    expect(() => counter.decode(encodeValue(rows))).toThrowError(expect.objectContaining({ code: 'VALUE_INVALID' }))
  })

  it.each([
    [{}, '$: neither counts nor add'],
    [{ add: 0.5 }, '$.add'],
    [{ counts: [] }, '$.counts'],
    [{ counts: { a: { epochMs: 1, added: -1 } } }, '$.counts["a"].added'],
    [{ counts: { a: {} } }, '$.counts["a"].epochMs'],
    [{ ttlMs: 5, counts: {} }, '$.ttlMs'],
  ])('are refused as JSON, with the path: %j', (json, path) => {
    expect(() => counter.fromJson(json)).toThrowError(path)
  })
})
