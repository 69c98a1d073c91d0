// Goal: the JSON form has dskit's names, comes back as it went, and bad JSON is refused with the path of the problem.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { InstanceDesc, RingError, ringDesc } from '../src/index.ts'
import { anyRing, I, plain, ring } from './rings.ts'

describe('a ring as JSON', () => {
  it('has the names of dskit; what is empty is left out', () => {
    expect(
      ringDesc.toJson(ring({ 'i-1': I(1700000000, 'ACTIVE', [1, 2], { addr: '10.0.0.1:1', zone: 'a' }) })),
    ).toEqual({
      ingesters: {
        'i-1': {
          addr: '10.0.0.1:1',
          timestamp: 1700000000,
          state: 'ACTIVE',
          tokens: [1, 2],
          zone: 'a',
          registered_timestamp: 0,
        },
      },
    })
  })

  it('says everything there is to say', () => {
    const full = new InstanceDesc({
      timestamp: 2n ** 60n,
      state: 9,
      id: 'i',
      readOnly: true,
      readOnlyUpdatedTimestamp: 7,
      versions: new Map([[2n ** 64n - 1n, 3n]]),
    })
    expect(ringDesc.toJson(ring({ i: full })).ingesters.i).toMatchObject({
      timestamp: '1152921504606846976',
      state: 9,
      id: 'i',
      read_only: true,
      read_only_updated_timestamp: 7,
      versions: { '18446744073709551615': 3 },
    })
  })

  it('comes back as it went, but for what only the wire knows', () => {
    fc.assert(
      fc.property(anyRing, (any) => {
        const known = any.with([...any].map(([name, entry]) => [name, entry.with({ unknown: new Uint8Array(0) })]))
        const json = JSON.parse(JSON.stringify(ringDesc.toJson(known)))
        expect(plain(ringDesc.fromJson(json))).toEqual(plain(known))
      }),
    )
  })

  it('reads states as names or numbers, and tokens in any order', () => {
    const read = ringDesc.fromJson({
      ingesters: { a: { timestamp: 1, state: 'LEAVING', tokens: [5, 1, 5] }, b: { timestamp: 1, state: 3 } },
    })
    expect(read.get('a')!.state).toBe(1)
    expect([...read.get('a')!.tokens]).toEqual([1, 5])
    expect(read.get('b')!.state).toBe(3)
  })

  it('an instance called __proto__ is an instance like any other', () => {
    const json = JSON.parse('{"ingesters":{"__proto__":{"timestamp":1,"addr":"x"}}}')
    expect(ringDesc.fromJson(json).names()).toEqual(['__proto__'])
    expect(JSON.stringify(ringDesc.toJson(ringDesc.fromJson(json)))).toContain('__proto__')
  })

  it.each([
    ['$', null],
    ['$', [1]],
    ['$.ingesters', {}],
    ['$.ingesters', { ingesters: [] }],
    ['$.ingesters["a"]', { ingesters: { a: 5 } }],
    ['$.ingesters["a"].addr', { ingesters: { a: { timestamp: 1, addr: 5 } } }],
    ['$.ingesters["a"].state', { ingesters: { a: { timestamp: 1, state: 'ALIVE' } } }],
    ['$.ingesters["a"].state', { ingesters: { a: { timestamp: 1, state: 'toString' } } }],
    ['$.ingesters["a"].state', { ingesters: { a: { timestamp: 1, state: 1.5 } } }],
    ['$.ingesters["a"].tokens', { ingesters: { a: { timestamp: 1, tokens: 'x' } } }],
    ['$.ingesters["a"].tokens[1]', { ingesters: { a: { timestamp: 1, tokens: [1, -1] } } }],
    ['$.ingesters["a"].tokens[0]', { ingesters: { a: { timestamp: 1, tokens: [4294967296] } } }],
    ['$.ingesters["a"].tokens[0]', { ingesters: { a: { timestamp: 1, tokens: ['1'] } } }],
    ['$.ingesters["a"].timestamp', { ingesters: { a: { timestamp: -1 } } }],
    ['$.ingesters["a"].timestamp', { ingesters: { a: { timestamp: 1.5 } } }],
    ['$.ingesters["a"].timestamp', { ingesters: { a: { timestamp: '9223372036854775808' } } }],
    ['$.ingesters["a"].timestamp', { ingesters: { a: {} } }],
    ['$.ingesters["a"].registered_timestamp', { ingesters: { a: { timestamp: 1, registered_timestamp: 'x' } } }],
    ['$.ingesters["a"].read_only', { ingesters: { a: { timestamp: 1, read_only: 1 } } }],
    ['$.ingesters["a"].versions["1"]', { ingesters: { a: { timestamp: 1, versions: { 1: -1 } } } }],
    ['$.ingesters["a"].versions: key', { ingesters: { a: { timestamp: 1, versions: { x: 1 } } } }],
  ])('names %s when that is wrong', (path, json) => {
    const read = (): unknown => ringDesc.fromJson(json)
    expect(read).toThrow(RingError)
    expect(read).toThrow(new RegExp(`^${path.replace(/[$[\].]/g, '\\$&')}: `))
  })

  it('shows a monster in part only', () => {
    const read = (): unknown => ringDesc.fromJson({ ingesters: { a: { timestamp: 'x'.repeat(100_000) } } })
    expect(read).toThrow(/^.{1,120}$/)
  })
})
