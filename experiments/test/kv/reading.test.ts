// Goal: laws see what is in a store. Method: a store of production, edited, and read.

import { asUnixMs, counter, KvStore, type KvSystem, lastWriterMap, orSet, register } from '@hearsay/kv'
import { InstanceDesc, ringDesc } from '@hearsay/ring'
import { describe, expect, it } from 'vitest'
import { EntryReading, holds, type Reading } from '../../src/kv/reading.ts'

const NOW_MS = 1_000_000
const still: KvSystem = { now: () => 0, wallNow: () => asUnixMs(NOW_MS), arm: () => () => {}, afterIo: () => {} }
const store = () => new KvStore({ system: still, writer: 'me', types: [ringDesc], leftIngestersTimeoutMs: 1000 })
const read = (each: KvStore): Reading => new EntryReading(each.entry('k')!)

describe('a reading', () => {
  it('of a map has a mark for each name, and what was removed', async () => {
    const each = store()
    await each.update('k', lastWriterMap, (map) => map.set('a', 1).set('b', 2, { ttlMs: 50 }))
    const before = read(each)
    expect(before.marks).toEqual([
      { name: 'a', line: '', rank: NOW_MS },
      { name: 'b', line: '', rank: NOW_MS, expiresAtMs: NOW_MS + 50 },
    ])
    await each.update('k', lastWriterMap, (map) => map.delete('a'))
    const after = read(each)
    expect(after.marks.map(({ name }) => name)).toEqual(['b'])
    expect(after.removals).toEqual([{ name: 'a', line: '', rank: NOW_MS + 1, buriedAtMs: NOW_MS + 1 }])
    expect(after).toMatchObject({ version: 2, deletedAtMs: undefined })
    expect([holds(before, before.marks[0]!), holds(after, before.marks[0]!)]).toEqual([true, false])
  })

  it('of a set has a mark for each who added', async () => {
    const each = store()
    await each.update('k', orSet, (set) => set.add('a').add('b'))
    await each.update('k', orSet, (set) => set.delete('a'))
    expect(read(each).marks).toEqual([{ name: 'b', line: 'me', rank: NOW_MS }])
    expect(read(each).removals).toEqual([{ name: 'a', line: 'me', rank: NOW_MS, buriedAtMs: NOW_MS }])
  })

  it('of a counter has what each writer counted', async () => {
    const each = store()
    await each.update('k', counter, (count) => count.add(5).add(-2))
    const { marks, tallies, value } = read(each)
    expect(marks).toEqual([{ name: 'me', line: '', rank: 7 }])
    expect(tallies).toEqual(new Map([['me', { added: 5, subtracted: 2 }]]))
    expect(value).toBe(3)
  })

  it('of a register has its only value; of a deleted key the time', async () => {
    const each = store()
    await each.update('k', register, (one) => one.set('x'))
    await each.delete('k')
    expect(read(each)).toMatchObject({ deletedAtMs: NOW_MS })
    expect(read(each).marks).toEqual([{ name: 'value', line: '', rank: NOW_MS }])
  })

  it('of a ring has a mark for each instance, in seconds', async () => {
    const each = store()
    const instance = (timestamp: number) => new InstanceDesc({ timestamp, tokens: [1] })
    await each.update('k', ringDesc, (ring) =>
      ring.with([
        ['a', instance(900)],
        ['b', instance(950)],
      ]),
    )
    await each.update('k', ringDesc, (ring) => ring.with([['a', undefined]]))
    expect(read(each).marks).toEqual([{ name: 'b', line: '', rank: 950 }])
    expect(read(each).removals).toEqual([{ name: 'a', line: '', rank: 1000, buriedAtMs: NOW_MS }])
  })

  it('shows the same where the order is another', async () => {
    const [a, b] = [store(), store()]
    await a.update('k', lastWriterMap, (map) => map.set('a', 1).set('b', 2))
    await b.update('k', lastWriterMap, (map) => map.set('b', 2).set('a', 1))
    expect(read(a).shown).toBe(read(b).shown)
    await b.update('k', lastWriterMap, (map) => map.set('a', 3))
    expect(read(a).shown).not.toBe(read(b).shown)
  })
})
