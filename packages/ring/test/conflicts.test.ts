// Goal: who holds a token that several instances claim (ring spec 2.2).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { type InstanceDesc, InstanceState, type RingDesc, resolveTokens } from '../src/index.ts'
import { anyRing, I, ring } from './rings.ts'

/** Tokens of each live instance after resolution. */
const held = (any: RingDesc): Record<string, number[]> => {
  const live = [...any].filter(([, entry]) => !entry.isTombstone)
  const { held } = resolveTokens(live.map(([, entry]) => entry))
  return Object.fromEntries(live.map(([name], index) => [name, [...held[index]!]]))
}

describe('contested tokens', () => {
  it('14: who is not LEAVING beats who is; the loser loses just those', () => {
    expect(held(ring({ a: I(1, 'ACTIVE', [30, 40]), b: I(1, 'LEAVING', [30, 50]) }))).toEqual({ a: [30, 40], b: [50] })
    expect(held(ring({ a: I(1, 'LEAVING', [30, 40]), b: I(1, 'ACTIVE', [30, 50]) }))).toEqual({ a: [40], b: [30, 50] })
  })

  it('15: JOINING, PENDING and ACTIVE count alike, then the smaller name wins', () => {
    const three = ring({ a: I(1, 'LEAVING', [5]), b: I(2, 'JOINING', [5]), c: I(2, 'ACTIVE', [5]) })
    expect(held(three)).toEqual({ a: [], b: [5], c: [] })
    expect(held(ring({ a: I(1, 'LEAVING', [5]), b: I(2, 'LEAVING', [5]) }))).toEqual({ a: [5], b: [] })
  })

  it('16: names are compared by their bytes, not by UTF-16', () => {
    expect('\u{1F600}' < '\uFB00').toBe(true)
    expect(held(ring({ '\u{1F600}': I(9, 'ACTIVE', [5]), '\uFB00': I(1, 'ACTIVE', [5]) }))).toEqual({
      '\uFB00': [5],
      '\u{1F600}': [],
    })
  })

  it('neither the date nor the id or address play a part', () => {
    const two = ring({ a: I(1, 'ACTIVE', [5], { id: 'z', addr: 'z' }), b: I(9, 'ACTIVE', [5], { id: 'a', addr: 'a' }) })
    expect(held(two)).toEqual({ a: [5], b: [] })
  })

  it('a state alone turns the outcome, which dskit overlooks', () => {
    expect(held(ring({ a: I(2, 'LEAVING', [5]), b: I(1, 'ACTIVE', [5]) }))).toEqual({ a: [], b: [5] })
  })

  it('who lost nothing keeps the very array', () => {
    const a = I(1, 'ACTIVE', [30, 40])
    expect(resolveTokens([a]).held[0]).toBe(a.tokens)
  })

  it('is what looking at every pair gives, and independent of the order of claims', () => {
    fc.assert(
      fc.property(anyRing, (any) => {
        const live = [...any].filter(([, entry]) => !entry.isTombstone)
        const claims = live.flatMap(([name, entry]) => Array.from(entry.tokens, (token) => ({ token, name, entry })))
        const beats = (x: { name: string; entry: InstanceDesc }, y: { name: string; entry: InstanceDesc }): boolean => {
          const leaves = (entry: InstanceDesc): boolean => entry.state === InstanceState.LEAVING
          if (leaves(x.entry) !== leaves(y.entry)) return leaves(y.entry)
          return Buffer.compare(Buffer.from(x.name), Buffer.from(y.name)) < 0
        }
        const expected = claims
          .filter(
            (claim) => !claims.some((other) => other.token === claim.token && other !== claim && beats(other, claim)),
          )
          .sort((x, y) => x.token - y.token)
        const { tokens, owners, held } = resolveTokens(live.map(([, entry]) => entry))
        expect(Array.from(tokens, (token, index) => [token, live[owners[index]!]![0]])).toEqual(
          expected.map(({ token, name }) => [token, name]),
        )
        for (const [index, [name]] of live.entries())
          expect([...held[index]!]).toEqual(expected.filter((claim) => claim.name === name).map(({ token }) => token))
      }),
    )
  })
})
