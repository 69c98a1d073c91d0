// What outlives a process: snapshots are whole or refused, a recent one counts, and an old one brings nothing removed back.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeSnapshot,
  encodePair,
  encodeSnapshot,
  type KvError,
  KvStore,
  lastWriterMap,
  MAX_CLOCK_SKEW_MS,
  orSet,
  register,
} from '../src/index.ts'
import { VirtualSystem } from './virtual-system.ts'

const TOMBSTONES_MS = 60_000
const GRACE_MS = 5000
const options = {
  leftIngestersTimeoutMs: TOMBSTONES_MS,
  obsoleteEntriesTimeoutMs: 2 * TOMBSTONES_MS,
  hintGraceMs: GRACE_MS,
}

function stores() {
  const system = new VirtualSystem()
  const make = (more: object = {}) => new KvStore({ system, ...options, ...more })
  const tell = async (from: KvStore, to: KvStore) => {
    to.delegate().mergeRemoteState(from.delegate().localState(false), false, { from: 'x', channel: 'stream' })
    await system.settle()
  }
  return { system, make, tell }
}

const set = (store: KvStore, name: string, key = 'k') => store.update(key, lastWriterMap, (map) => map.set(name, 1))
const names = (store: KvStore, key = 'k') => [...(store.get(key, lastWriterMap) ?? [])].map(([name]) => name)

describe('a snapshot', () => {
  it('holds everything, and counts at once in the next process; nobody is told', async () => {
    const { system, make } = stores()
    const a = make()
    await set(a, 'x')
    await a.update('s', orSet, (s) => s.add('eu').add('us'))
    await a.update('s', orSet, (s) => s.delete('us'))
    await a.update('gone', register, (r) => r.set(1))
    await a.delete('gone')
    const bytes = a.snapshot()
    await system.advance(TOMBSTONES_MS)
    const b = make()
    const sent: unknown[] = []
    b.delegate().attach({ broadcast: (item) => sent.push(item), memberCount: () => 2 })
    const seen: string[] = []
    b.on('change', ({ key, origin }) => seen.push(`${key} ${origin}`))
    b.restore(bytes)
    expect(names(b)).toEqual(['x'])
    expect([...b.get('s', orSet)!]).toEqual(['eu'])
    expect(b.entry('gone')).toMatchObject({ deleted: true })
    expect(seen).toEqual(['k snapshot', 's snapshot', 'gone snapshot'])
    expect(sent).toEqual([])
    expect(b.hints()).toEqual([])
    expect(b.metrics().snapshotOutcomes).toEqual({ stored: 3 })
    // A deletion is still one: who had missed it does not bring the key back.
    await system.advance(2 * TOMBSTONES_MS)
    expect(b.keys()).toEqual(['k', 's'])
  })

  it('is merged with what was heard before it was read', async () => {
    const { make, tell } = stores()
    const [a, b, c] = [make(), make(), make()]
    await set(a, 'mine')
    await set(b, 'theirs')
    await tell(b, c)
    c.restore(a.snapshot())
    expect(names(c).sort()).toEqual(['mine', 'theirs'])
  })

  it('waits for types that are declared later', async () => {
    const { make } = stores()
    const other = { ...lastWriterMap<number>(), codecId: 'app' }
    const a = make({ types: [other] })
    await a.update('k', other, (map) => map.set('x', 1))
    const b = make()
    b.restore(a.snapshot())
    expect(b.keys()).toEqual([])
    b.declare(other)
    expect(b.get('k', other)!.get('x')).toBe(1)
  })

  it('that is damaged in any way is refused, and nothing of it is taken', async () => {
    const { make } = stores()
    const a = make()
    await set(a, 'x')
    const whole = a.snapshot()
    const code = (bytes: Uint8Array) => {
      const store = make()
      try {
        store.restore(bytes)
        return 'none'
      } catch (error) {
        expect(store.keys()).toEqual([])
        return (error as KvError).code
      }
    }
    expect(code(whole)).toBe('none')
    for (let cut = 0; cut < whole.length; cut++) expect(code(whole.subarray(0, cut))).toBe('SNAPSHOT_DAMAGED')
    fc.assert(
      fc.property(fc.nat(whole.length - 1), fc.integer({ min: 1, max: 255 }), (at, flip) => {
        const bytes = whole.slice()
        bytes[at]! ^= flip
        expect(code(bytes)).toBe('SNAPSHOT_DAMAGED')
      }),
    )
    expect(code(new Uint8Array([...whole, 0]))).toBe('SNAPSHOT_DAMAGED')
    expect(code(fc.sample(fc.uint8Array({ minLength: 100, maxLength: 100 }), 1)[0]!)).toBe('SNAPSHOT_DAMAGED')
  })

  it('whose pairs nobody can read is taken but for them', () => {
    const { make } = stores()
    const pair = (key: string, codecId: string) =>
      encodePair({ key, value: Uint8Array.of(0xc1), codecId, deleted: false, updateTimeMs: 0 as never })
    const store = make()
    const good = lastWriterMap.merge(lastWriterMap.empty(), lastWriterMap.empty().set('x', 1), Date.now() as never)
    const whole = encodePair({
      key: 'k',
      value: lastWriterMap.encode(good.state),
      codecId: lastWriterMap.codecId,
      deleted: false,
      updateTimeMs: 0 as never,
    })
    store.restore(
      encodeSnapshot([pair('bad', lastWriterMap.codecId), whole], (Date.now() + MAX_CLOCK_SKEW_MS) as never),
    )
    expect(store.keys()).toEqual(['k'])
    expect(store.metrics().snapshotOutcomes).toEqual({ 'decode-failed': 1, stored: 1 })
    expect(decodeSnapshot(encodeSnapshot([], 5 as never))).toEqual({ takenAt: 5, pairs: [] })
  })
})

describe('a snapshot older than tombstones are kept', () => {
  async function old() {
    const made = stores()
    const [a, b] = [made.make(), made.make()]
    await set(a, 'stays')
    await set(a, 'goes')
    await made.tell(a, b)
    const bytes = a.snapshot()
    a.close()
    await b.update('k', lastWriterMap, (map) => map.delete('goes'))
    await made.system.advance(TOMBSTONES_MS + 1)
    // An effective merge drops the tombstone.
    await set(b, 'new')
    const back = made.make()
    back.restore(bytes)
    return { ...made, b, back, bytes }
  }

  it('is only looked at', async () => {
    const { back, tell, make } = await old()
    expect(back.keys()).toEqual([])
    const [hint] = back.hints()
    expect(hint).toMatchObject({ key: 'k', codecId: 'hearsay.lastWriterMap', ageMs: TOMBSTONES_MS + 1 })
    expect([...(hint!.value as ReturnType<typeof lastWriterMap.empty>)].map(([name]) => name)).toEqual([
      'stays',
      'goes',
    ])
    const other = make()
    await tell(back, other)
    expect(other.keys()).toEqual([])
  })

  it('gives way to what somebody offers: what was removed does not come back', async () => {
    const { system, b, back, tell } = await old()
    await tell(b, back)
    expect(names(back)).toEqual(['stays', 'new'])
    expect(back.hints()).toEqual([])
    await system.advance(GRACE_MS)
    expect(names(back)).toEqual(['stays', 'new'])
  })

  it('counts when nobody has offered the key after a while, as after a failure of everybody', async () => {
    const { system, back } = await old()
    await system.advance(GRACE_MS - 1)
    expect(back.keys()).toEqual([])
    await system.advance(1)
    expect(names(back)).toEqual(['stays', 'goes'])
    expect(back.hints()).toEqual([])
  })

  it('counts for a key that is written to', async () => {
    const { back } = await old()
    await set(back, 'more')
    expect(names(back)).toEqual(['stays', 'goes', 'more'])
  })
})
