// Goal: tokens are distinct and free; the spread-minimising ones are dskit's, bit for bit (ring spec 7, Appendix A).
import { createHash } from 'node:crypto'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  fnv1a32,
  fnv1a32Bytes,
  instanceIndexOf,
  placeToken,
  RingError,
  randomTokens,
  SpreadTable,
  spreadMinimizingTokens,
} from '../src/index.ts'
import { sortTokens } from '../src/radix-sort.ts'

const none = { has: () => false }

describe('random tokens', () => {
  it('are as many as wanted, ascending, distinct and not taken', () => {
    fc.assert(
      fc.property(
        fc.infiniteStream(fc.integer({ min: 0, max: 50 })),
        fc.integer({ min: -1, max: 9 }),
        (draws, count) => {
          const taken = new Set([1, 2, 3])
          // Fifty values only: collisions are the rule.
          const random = () => draws.next().value! / 2 ** 32
          const tokens = [...randomTokens(random).generate(count, taken)]
          expect(tokens).toHaveLength(Math.max(0, count))
          expect(tokens).toEqual([...new Set(tokens)].sort((a, b) => a - b))
          expect(tokens.some((token) => taken.has(token))).toBe(false)
        },
      ),
    )
  })

  it('come from the whole ring', () => {
    expect([...randomTokens(() => 1 - 2 ** -53).generate(1, none)]).toEqual([2 ** 32 - 1])
    expect([...randomTokens(() => 0).generate(1, none)]).toEqual([0])
  })
})

describe('spread-minimising tokens (ring spec 7.3)', () => {
  const digest = (tokens: Uint32Array): string => {
    const bytes = Buffer.alloc(tokens.length * 4)
    for (const [index, token] of tokens.entries()) bytes.writeUInt32BE(token, index * 4)
    return createHash('sha256').update(bytes).digest('hex').slice(0, 32)
  }
  const table = new SpreadTable(0)

  it.each([
    [0, [0, 8388608, 16777216], '25d413a490f0445ec337e761ccc1ace7'],
    [1, [4194304, 12582912, 20971520], '6607f91b5aa34babc4d7c1b6d9f15015'],
    [2, [2146085552, 2150279856, 2154474160], '724a729310b8c07554b71b8825d2937a'],
    [3, [710934528, 715128832, 719323136], 'e130c41aa311ada85cabd24ffa94f101'],
    [7, [711983104, 716177408, 720371712], '3e4bf6dfeb43f034255d79ccd7e189b2'],
    [63, [5569840, 9764144, 13958448], '134b39c75885d09a991d4a763298a565'],
    [127, [454232, 3530056, 4648528], '04b223f873a001c40520aa6301394a1b'],
    [1000, [12622608, 32218624, 49713144], '7dfa9a42f10b45db1ed09e809772e56b'],
  ])('42: instance %i', (index, first, sha) => {
    const tokens = table.tokensOf(index)
    expect([...tokens.subarray(0, 3)]).toEqual(first)
    expect(digest(tokens)).toBe(sha)
  })

  it('42: zone 2 has the tokens of zone 0 plus two', () => {
    const other = new SpreadTable(2)
    for (let index = 0; index < 128; index++)
      expect(other.tokensOf(index)).toEqual(table.tokensOf(index).map((token) => token + 2))
  })

  it('come into being from the top of the largest gaps', () => {
    expect([...table.creationOrder(1).subarray(0, 3)]).toEqual([4282384384, 4273995776, 4265607168])
  })

  it('43: leave out what is taken; 512 is all there is', () => {
    const all = table.tokensOf(3)
    const generator = spreadMinimizingTokens('i-zone-a-3', 'a', ['a'])
    expect(generator.generate(600, none)).toEqual(all)
    const taken = new Set(all.filter((_, index) => index % 2 === 0))
    expect(generator.generate(512, taken)).toEqual(all.filter((_, index) => index % 2 === 1))
    expect(generator.generate(0, none)).toHaveLength(0)
  })

  it.each([
    [40, 800, 80, 120],
    [4294967136, 416, 240, 88],
    [4294967137, 417, 240, 89],
    [4294967136, 416, 120, 4294967256],
  ])('between %i and %i, %i keys on, lies %i', (from, token, step, placed) => {
    expect(placeToken({ from, token }, step)).toBe(placed)
  })

  it.each([
    [31, 90, 80],
    [80, 240, 42],
    [80, 240, 400],
  ])('between %i and %i there is no place %i keys on', (from, token, step) => {
    expect(() => placeToken({ from, token }, step)).toThrow(RingError)
  })

  it('need an id that ends in a number, and a zone of the list', () => {
    expect(instanceIndexOf('ingester-zone-a-12')).toBe(12)
    expect(instanceIndexOf('x-007')).toBe(7)
    for (const id of ['ingester', 'ingester-', 'ingester-1a', 'ingester1'])
      expect(() => instanceIndexOf(id)).toThrow(RingError)
    expect(() => spreadMinimizingTokens('i-1', 'b', ['a'])).toThrow(RingError)
    expect(() => spreadMinimizingTokens('i-1', 'a', [])).toThrow(RingError)
    const nine = [...'abcdefghi']
    expect(() => spreadMinimizingTokens('i-1', 'a', nine)).toThrow(RingError)
  })
})

describe('32-bit FNV-1a', () => {
  it.each([
    ['', 0x811c9dc5],
    ['a', 0xe40c292c],
    ['b', 0xe70c2de5],
    ['foobar', 0xbf9cf968],
  ])('hashes %j as published', (text, hash) => {
    expect(fnv1a32(text)).toBe(hash)
  })

  it('takes the UTF-8 bytes of a string', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), (text) => {
        expect(fnv1a32(text)).toBe(fnv1a32Bytes(Buffer.from(text, 'utf8')))
      }),
    )
    expect(fnv1a32Bytes(Buffer.from('日本'))).toBe(fnv1a32('日本'))
  })
})

describe('sorting tokens', () => {
  it('is stable and carries the owners along', () => {
    const some = fc.array(
      fc.oneof(fc.constantFrom(0, 1, 2047, 2048, 2 ** 22, 2 ** 32 - 1), fc.integer({ min: 0, max: 2 ** 32 - 1 })),
    )
    fc.assert(
      fc.property(some, (list) => {
        const tokens = Uint32Array.from(list)
        const owners = Uint32Array.from(list, (_, index) => index)
        sortTokens(tokens, owners)
        const expected = list.map((token, index) => [token, index]).sort(([a, i], [b, j]) => a! - b! || i! - j!)
        expect(Array.from(tokens, (token, index) => [token, owners[index]])).toEqual(expected)
      }),
    )
  })
})
