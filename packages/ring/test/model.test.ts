// Goal: a ring is an immutable map in byte order of its names, whose versions share what did not change.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type InstanceDesc, RingDesc, tokenList } from '../src/index.ts'
import { I, names } from './rings.ts'

const edits = fc.array(
  fc.tuple(
    fc.constantFrom(...names, ...Array.from({ length: 80 }, (_, index) => `n${index}`)),
    fc.option(
      fc
        .record({ timestamp: fc.integer({ min: 0, max: 9 }), isLeft: fc.boolean() })
        .map(({ timestamp, isLeft }) => I(timestamp, isLeft ? 'LEFT' : 'ACTIVE')),
      { nil: undefined },
    ),
  ),
  { maxLength: 40 },
)

describe('RingDesc', () => {
  it('is what a map with the same edits is, at every version', () => {
    fc.assert(
      fc.property(fc.array(edits, { maxLength: 6 }), (batches) => {
        const versions: [RingDesc, Map<string, InstanceDesc>][] = [[RingDesc.empty, new Map()]]
        for (const batch of batches) {
          const [ring, map] = versions.at(-1)!
          const next = new Map(map)
          for (const [name, entry] of batch) {
            if (entry === undefined || entry.isVoid) next.delete(name)
            else next.set(name, entry)
          }
          versions.push([ring.with(batch), next])
        }
        for (const [ring, map] of versions) {
          const sorted = [...map].sort(([a], [b]) => Buffer.compare(Buffer.from(a), Buffer.from(b)))
          expect([...ring]).toEqual(sorted)
          expect(ring.size).toBe(map.size)
          const tombstones = sorted.filter(([, entry]) => entry.isTombstone)
          expect(ring.tombstoneCount).toBe(tombstones.length)
          for (const [, entry] of tombstones) expect(ring.oldestTombstone).toBeLessThanOrEqual(Number(entry.timestamp))
          for (const [name, entry] of map) expect(ring.get(name)).toBe(entry)
          for (const name of names) if (!map.has(name)) expect(ring.get(name)).toBeUndefined()
        }
      }),
    )
  })

  it('that nothing changes is the same object', () => {
    const a = I(1)
    const one = RingDesc.of([['a', a]])
    expect(one.with([])).toBe(one)
    expect(one.with([['a', a]])).toBe(one)
    expect(one.with([['b', undefined]])).toBe(one)
  })

  it('copies one chunk for one entry of a thousand', () => {
    const many = RingDesc.of(Array.from({ length: 1000 }, (_, index) => [`i-${index}`, I(1)] as const))
    const read: string[] = []
    const changed = many.with([['i-500', I(2)]])
    for (const [name, entry] of changed) if (many.get(name) !== entry) read.push(name)
    expect(read).toEqual(['i-500'])
    expect(many.get('i-500')!.timestamp).toBe(1)
  })
})

describe('InstanceDesc', () => {
  it('has no tokens when it is a tombstone, and gets them back from nowhere', () => {
    const left = I(1, 'LEFT', [1, 2])
    expect(left.tokens).toHaveLength(0)
    expect(left.with({ state: 0 }).tokens).toHaveLength(0)
  })

  it('keeps whole numbers of 64 bits in one form', () => {
    expect(I(5n).timestamp).toBe(5)
    expect(I(2n ** 53n).timestamp).toBe(2n ** 53n)
    expect(I(-0).timestamp).toBe(0)
    expect(() => I(2n ** 63n)).toThrow(RangeError)
    expect(() => I(1.5)).toThrow(RangeError)
  })

  it('sorts tokens and drops repeated ones; a list in order is kept as it is', () => {
    fc.assert(
      fc.property(fc.array(fc.integer({ min: 0, max: 20 })), (tokens) => {
        expect([...tokenList(tokens)]).toEqual([...new Set(tokens)].sort((a, b) => a - b))
      }),
    )
    const sorted = Uint32Array.of(1, 2, 2 ** 32 - 1)
    expect(tokenList(sorted)).toBe(sorted)
  })
})
