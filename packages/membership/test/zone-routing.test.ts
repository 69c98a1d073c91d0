// Zone-aware gossip: kv spec 6.1, 6.2 and checks 48-50.
import { describe, expect, it } from 'vitest'
import { lan } from '../src/tuning.ts'
import { decodeZoneMeta, encodeZoneMeta, isZone, ZoneRole } from '../src/zone-meta.ts'
import { ZoneRouting } from '../src/zone-routing.ts'
import { aliveOf, Bench, endpoint, packets, quiet, seeded } from './harness.ts'

const bytes = (hex: string): Uint8Array => Uint8Array.from(Buffer.from(hex.replaceAll(' ', ''), 'hex'))
const peer = endpoint(99)
const { member, bridge } = ZoneRole

describe('metadata with a zone', () => {
  it('50. are read exactly as dskit reads them', () => {
    expect(
      ['', '01 02', '02 02 01 61', '01 02 05 61', '01 07 01 61 ff'].map((hex) => decodeZoneMeta(bytes(hex))),
    ).toEqual([
      { role: 1, zone: '' },
      { role: 1, zone: '' },
      { role: 1, zone: '' },
      { role: 2, zone: '' },
      { role: 7, zone: 'a' },
    ])
  })

  it('are written as dskit writes them, with room for more behind', () => {
    expect(encodeZoneMeta({ zone: 'zone-a', role: bridge })).toEqual(bytes('01 02 06 7a 6f 6e 65 2d 61'))
    const more = encodeZoneMeta({ zone: 'ä', role: member }, bytes('05 06'))
    expect(more).toEqual(bytes('01 01 02 c3 a4 05 06'))
    expect(decodeZoneMeta(more)).toEqual({ zone: 'ä', role: member })
    expect(['', 'x'.repeat(16), 'x'.repeat(17), 'ä'.repeat(8), 'ä'.repeat(9)].map(isZone)).toEqual([
      false,
      true,
      false,
      true,
      false,
    ])
  })
})

/** A member of zone a among others; what it does is looked at. */
function zoned(role: number, others: readonly (readonly [host: number, zone: string, role: number])[]) {
  const routing = new ZoneRouting({ zone: 'a', role })
  routing.hasJoined = true
  const tuning = {
    ...quiet,
    gossip: { ...lan.gossip, intervalMs: 200 },
    pushPull: { ...lan.pushPull, intervalMs: 1000 },
  }
  const bench = new Bench({ meta: encodeZoneMeta({ zone: 'a', role }), routing, tuning })
  for (const [host, zone, itsRole] of others)
    bench.hear(
      peer,
      aliveOf(host, 1, { meta: zone === '' ? new Uint8Array(0) : encodeZoneMeta({ zone, role: itsRole }) }),
    )
  bench.take()
  const choice = () => routing.choose(bench.machine.table, seeded(3))
  return {
    routing,
    bench,
    candidates: () =>
      others.map(([host]) => host).filter((host) => choice().isCandidate(bench.machine.table.find(`n${host}`))),
    preferred: () => {
      const { preferred } = choice()
      return preferred < 0 ? undefined : bench.machine.table.name(preferred)
    },
  }
}

const two = [
  [2, 'a', member],
  [3, 'a', bridge],
  [4, 'b', member],
  [5, 'b', bridge],
  [6, '', member],
] as const

describe('48. with zones a and b that have bridges', () => {
  it('a member of a speaks with a and with those of no zone', () => {
    const { candidates, preferred } = zoned(member, two)
    expect(candidates()).toEqual([2, 3, 6])
    expect(preferred()).toBeUndefined()
  })

  it('a bridge of a also with the bridges of b, and with one of them first', () => {
    const { candidates, preferred } = zoned(bridge, two)
    expect(candidates()).toEqual([2, 3, 5, 6])
    expect(preferred()).toBe('n5')
  })

  it('gossip and periodic exchanges go by that; an exchange that is asked for does not', () => {
    const { bench } = zoned(member, two)
    const gossiped = new Set<string>()
    const exchanged = new Set<string>()
    for (let round = 1; round <= 40; round++) {
      bench.give({
        kind: 'broadcast',
        item: { key: `${round}`, names: [], version: 0, class: 'user', payload: bytes('01') },
      })
      bench.runTo(round * 1000)
      const effects = bench.take()
      for (const { to } of packets(effects)) gossiped.add(to)
      for (const effect of effects) if (effect.kind === 'open-stream') exchanged.add(effect.to)
    }
    const own = [2, 3, 6].map(endpoint)
    expect([...gossiped].sort()).toEqual(own)
    expect([...exchanged].sort()).toEqual(own)
    const asked = new Set<string>()
    for (let round = 0; round < 60; round++)
      for (const effect of bench.give({ kind: 'push-pull', count: 1 }))
        if (effect.kind === 'open-stream') asked.add(effect.to)
    expect([...asked].sort()).toEqual([2, 3, 4, 5, 6].map(endpoint))
  })

  it('the first target of a bridge is a bridge of another zone, every time', () => {
    const { bench } = zoned(bridge, two)
    for (let round = 1; round <= 20; round++) {
      bench.give({
        kind: 'broadcast',
        item: { key: `${round}`, names: [], version: 0, class: 'user', payload: bytes('01') },
      })
      bench.runTo(bench.now + 200)
      const [first] = packets(bench.take())
      if (first) expect(first.to).toBe(endpoint(5))
    }
  })
})

describe('49. when the only bridge of b becomes suspect', () => {
  it('everybody is a candidate, and that is counted once the member has joined', () => {
    const { bench, routing, candidates, preferred } = zoned(bridge, two)
    bench.hear(peer, { type: 'suspect', incarnation: 1, node: 'n5', from: 'x' })
    routing.hasJoined = false
    expect(candidates()).toEqual([2, 3, 4, 5, 6])
    expect(preferred()).toBeUndefined()
    expect(routing.metrics.skipped).toBe(0)
    routing.hasJoined = true
    candidates()
    expect(routing.metrics.skipped).toBe(5)
    expect(routing.metrics.choices).toBe(11)
    bench.hear(peer, aliveOf(5, 2, { meta: encodeZoneMeta({ zone: 'b', role: bridge }) }))
    expect(candidates()).toEqual([2, 3, 5, 6])
  })

  it('a zone that nobody lives in any more needs none', () => {
    const { bench, candidates } = zoned(member, two)
    for (const host of [4, 5]) bench.hear(peer, { type: 'dead', incarnation: 1, node: `n${host}`, from: `n${host}` })
    expect(candidates()).toEqual([2, 3, 6])
  })

  it('nor does one of bridges alone; and we count for our own', () => {
    expect(zoned(member, [[2, 'b', bridge]]).candidates()).toEqual([2])
    expect(zoned(bridge, [[2, 'a', member]]).candidates()).toEqual([2])
    // Nobody bridges zone a: the filter is off.
    expect(
      zoned(member, [
        [4, 'b', member],
        [5, 'b', bridge],
      ]).candidates(),
    ).toEqual([4, 5])
  })
})
