// The built-in types against the laws, and what the laws do not say.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asUnixMs, encodeValue, lastWriterMap, MAX_CLOCK_SKEW_MS, register } from '../src/index.ts'
import { checkLaws, type Random } from '../src/laws.ts'
import { ChunkedMap } from '../src/values/chunked-map.ts'

const NOW = asUnixMs(1_700_000_000_000)
const pick = <T>(random: Random, items: readonly T[]): T => items[Math.floor(random() * items.length)]!

/** Few times, few values and few writers, so that ties of every kind come up; some from the far future, some with an expiry. */
function arbitraryWritten(random: Random, wallNow: number) {
  const timestampMs = wallNow + (random() < 0.15 ? 2 * MAX_CLOCK_SKEW_MS : 0) - Math.floor(random() * 4) * 700
  const writer = pick(random, ['', 'a', 'b'])
  const expiry = random() < 0.25 ? { expiresAtMs: wallNow - 400 + Math.floor(random() * 3) * 300 } : {}
  return random() < 0.3
    ? { deleted: true, timestampMs, writer, ...expiry }
    : { value: pick(random, [1, 2, 'x']), timestampMs, writer, ...expiry }
}

const map = lastWriterMap<unknown>()
checkLaws(map, {
  describe,
  it,
  arbitraryState: (random, wallNow) => {
    const names = ['a', 'b', 'c', 'd', 'e'].filter(() => random() < 0.5)
    return map.fromJson({ entries: Object.fromEntries(names.map((name) => [name, arbitraryWritten(random, wallNow)])) })
  },
})

const reg = register<unknown>()
checkLaws(reg, {
  describe,
  it,
  arbitraryState: (random, wallNow) => reg.fromJson(random() < 0.1 ? {} : arbitraryWritten(random, wallNow)),
})

describe('a register', () => {
  const mine = register<string>()

  it("is stamped with the store's time and its writer when it is written", () => {
    const { state, change } = mine.merge(mine.empty(), mine.empty().set('x'), NOW, 'me')
    expect(state.written).toMatchObject({ timestampMs: NOW, writer: 'me', value: 'x' })
    expect(change).toBe(state)
    expect(mine.toJson(state)).toEqual({ value: 'x', timestampMs: NOW, writer: 'me' })
  })

  it('wins over what it was made of even when the clock is behind', () => {
    const ahead = mine.fromJson({ value: 'old', timestampMs: NOW + 60_000 })
    const edited = mine.replace(ahead, ahead.set('new'), NOW).state
    expect(edited.written).toMatchObject({ value: 'new', timestampMs: NOW + 60_001 })
    const cleared = mine.replace(edited, edited.clear(), NOW).state
    expect(cleared.written).toMatchObject({ isTombstone: true, timestampMs: NOW + 60_002 })
    expect(mine.merge(cleared, ahead, NOW).change).toBeUndefined()
  })

  it('does not count the same value as news', () => {
    const { state } = mine.merge(mine.empty(), mine.empty().set('x'), NOW)
    expect(state.set('x')).toBe(state)
    expect(state.set('y')).not.toBe(state)
  })

  it('cannot be encoded before it is stamped', () => {
    expect(() => mine.encode(mine.empty().set('x'))).toThrowError(expect.objectContaining({ code: 'VALUE_INVALID' }))
  })

  it('breaks ties by removal, then bytes, then writer', () => {
    const at = (fields: object) => reg.fromJson({ timestampMs: NOW, ...fields })
    const order = [
      at({ value: 1, writer: 'z' }),
      at({ value: 2, writer: 'a' }),
      at({ value: 2, writer: 'b' }),
      at({ deleted: true, writer: '' }),
      at({ deleted: true, writer: 'a' }),
    ]
    for (const [i, lower] of order.entries())
      for (const higher of order.slice(i + 1)) {
        expect(reg.merge(lower, higher, NOW).state).toBe(higher)
        expect(reg.merge(higher, lower, NOW).change).toBeUndefined()
      }
  })
})

describe('bytes that are no such value', () => {
  it.each([
    ['a map', { a: 1 }],
    ['too few fields', [1, '']],
    ['too many fields', [1, '', null, 0]],
    ['no time', [0, '', null]],
    ['a fraction of a time', [1.5, '', null]],
    ['a time beyond all dates', [8.64e15 + 1, '', null]],
    ['a writer that is no text', [1, 1, null]],
    ['a value that is no bytes', [1, '', 'x']],
    ['a value whose bytes are damaged', [1, '', Uint8Array.of(0x92, 0x01)]],
    ['a value with an extension', [1, '', Uint8Array.of(0xd4, 0x72, 0x40)]],
  ])('are refused: %s', (_, fields) => {
    const refusal = expect.objectContaining({ code: 'VALUE_INVALID' })
    expect(() => reg.decode(encodeValue(fields))).toThrowError(refusal)
    const row = Array.isArray(fields) ? [['name', ...fields]] : fields
    expect(() => map.decode(encodeValue(row))).toThrowError(refusal)
  })

  it('are refused: a name twice, or none', () => {
    const refusal = expect.objectContaining({ code: 'VALUE_INVALID' })
    expect(() =>
      map.decode(
        encodeValue([
          ['a', 1, '', null],
          ['a', 2, '', null],
        ]),
      ),
    ).toThrowError(refusal)
    expect(() => map.decode(encodeValue([[1, 1, '', null]]))).toThrowError(refusal)
    expect(() => map.decode(encodeValue([7]))).toThrowError(refusal)
  })
})

describe('JSON that is no such value', () => {
  it.each([
    [{}, '$.entries'],
    [{ entries: [] }, '$.entries'],
    [{ entries: { a: 1 } }, '$.entries["a"]'],
    [{ entries: { a: {} } }, '$.entries["a"].value'],
    [{ entries: { a: { value: 1, deleted: true } } }, '$.entries["a"]'],
    [{ entries: { a: { value: 1, timestampMs: -1 } } }, '$.entries["a"].timestampMs'],
    [{ entries: { a: { value: { x: ['\ud800'] } } } }, '$.entries["a"].value.x[0]'],
    [{ entries: { a: { value: 1, writer: 7 } } }, '$.entries["a"].writer'],
  ])('is refused with the path: %j', (json, path) => {
    expect(() => map.fromJson(json)).toThrowError(path)
  })

  it('may leave out the time: then it is an edit', () => {
    const { state } = map.merge(map.empty(), map.fromJson({ entries: { a: { value: 1 } } }), NOW)
    expect(state.written.get('a')).toMatchObject({ timestampMs: NOW, value: 1 })
  })
})

describe('a last-writer map', () => {
  it('reads as a map', () => {
    const edited = map.empty().set('b', 1).set('a', { x: 1 }).set('c', 3).delete('c').delete('nothing')
    expect([...edited]).toEqual([
      ['b', 1],
      ['a', { x: 1 }],
    ])
    expect([edited.size, edited.has('a'), edited.has('c'), edited.get('c')]).toEqual([2, true, false, undefined])
    expect(edited.set('b', 1)).toBe(edited)
  })

  it('hides tombstones from its size, and drops them by age', () => {
    const state = map.fromJson({
      entries: {
        a: { value: 1, timestampMs: NOW },
        b: { deleted: true, timestampMs: 100 },
        c: { deleted: true, timestampMs: 200 },
      },
    })
    expect(state.size).toBe(1)
    expect(map.dropTombstones(state, asUnixMs(100))).toMatchObject({ removedCount: 0, remainingCount: 2 })
    expect(map.dropTombstones(state, asUnixMs(101))).toMatchObject({ removedCount: 1, remainingCount: 1 })
    expect(map.names(map.dropTombstones(state, undefined).state)).toEqual(['a'])
  })

  it('shares all but what changed: one edit of many touches one chunk', () => {
    let state = map.empty()
    for (let i = 0; i < 1000; i++) state = state.set(`name-${i}`, i)
    const edited = state.set('name-500', 'new')
    const shared = [...edited.written.entries()].filter(([name, written]) => state.written.get(name) === written)
    expect(shared).toHaveLength(999)
  })
})

describe('a chunked map', () => {
  it('is a Map whose every version stays as it was', () => {
    const name = fc.integer({ min: 0, max: 150 }).map(String)
    const step = fc.record({
      from: fc.nat(),
      changes: fc.array(fc.tuple(name, fc.option(fc.nat(), { nil: undefined })), { maxLength: 40 }),
    })
    fc.assert(
      fc.property(fc.array(step, { minLength: 1, maxLength: 25 }), (steps) => {
        const versions = [{ map: ChunkedMap.empty<{ v: number }>(), model: new Map<string, number>() }]
        for (const { from, changes } of steps) {
          // Any earlier version may be the parent, so indexes fork.
          const parent = versions[from % versions.length]!
          const model = new Map(parent.model)
          for (const [name, value] of changes) {
            if (value === undefined) model.delete(name)
            else model.set(name, value)
          }
          versions.push({
            map: parent.map.with(changes.map(([name, v]) => [name, v === undefined ? v : { v }])),
            model,
          })
        }
        for (const { map, model } of versions) {
          expect(map.size).toBe(model.size)
          expect(new Map(Array.from(map.entries(), ([name, { v }]) => [name, v]))).toEqual(model)
          for (let i = 0; i <= 150; i++) expect(map.get(String(i))?.v).toBe(model.get(String(i)))
        }
      }),
      { numRuns: 60 },
    )
  })
})
