// What one machine does with news: kv spec 3.3 and the acceptance checks on merging (kv spec 11, 14-16, 18, 29).
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePair } from '../src/index.ts'
import { contents, GONE, mapType, Peer, START, stateOf } from './machine-peer.ts'

const MINUTE = 60_000

/** What a broadcast carries. */
const carried = (payload: Uint8Array) => contents(mapType.decode(decodePair(payload)!.value))

/** The broadcast that a peer with this state sends. */
function broadcastOf(state: unknown, key = 'k'): Uint8Array {
  const peer = new Peer({ leftIngestersTimeoutMs: 0 })
  peer.write(key, state)
  return peer.takeBroadcasts()[0]!.payload
}

describe('merging', () => {
  it('14. stores a first value as version 1 and spreads exactly its entries; the same again is no news', () => {
    const peer = new Peer()
    const payload = broadcastOf(stateOf({ a: 1, b: 2 }))
    expect(peer.receive(payload)).toBe('stored')
    expect(peer.machine.entry('k')?.version).toBe(1)
    const [item, ...more] = peer.takeBroadcasts()
    expect(more).toEqual([])
    expect(item).toMatchObject({ key: 'k', version: 1, class: 'relayed' })
    expect([...item!.names].sort()).toEqual(['a', 'b'])
    expect(carried(item!.payload)).toEqual({ a: 'v', b: 'v' })

    expect(peer.receive(payload)).toBe('unchanged')
    expect(peer.notified()).toEqual([])
    expect(peer.takeBroadcasts()).toEqual([])
    expect(peer.machine.entry('k')?.version).toBe(1)
  })

  it('15. forwards only what taught it something', () => {
    const peer = new Peer()
    peer.receive(broadcastOf(stateOf({ a: ['known', 10], b: ['old', 10] })))
    peer.takeBroadcasts()
    peer.receive(broadcastOf(stateOf({ a: ['older', 5], b: ['new', 20] })))
    const [item] = peer.takeBroadcasts()
    expect(item?.names).toEqual(['b'])
    expect(carried(item!.payload)).toEqual({ b: 'new' })
    expect(peer.seen('k')).toEqual({ a: 'known', b: 'new' })
    expect(peer.machine.entry('k')?.version).toBe(2)
  })

  it('16. neither stores nor spreads a tombstone that is too old, in an empty store', () => {
    const peer = new Peer({ leftIngestersTimeoutMs: 5 * MINUTE })
    const tombstone = (age: number) => broadcastOf(stateOf({ a: [undefined, -age] }))
    expect(peer.receive(tombstone(6 * MINUTE))).toBe('unchanged')
    expect(peer.takeBroadcasts()).toEqual([])
    expect(peer.machine.size).toBe(0)

    expect(peer.receive(tombstone(4 * MINUTE))).toBe('stored')
    expect(peer.takeBroadcasts()).toHaveLength(1)
  })

  it('16. lets a live entry go behind a tombstone that is too old: watchers hear of it once, peers do not', () => {
    const peer = new Peer({ leftIngestersTimeoutMs: 5 * MINUTE })
    peer.write('k', stateOf({ a: -10 * MINUTE, b: 0 }))
    peer.takeBroadcasts()
    const tombstone = broadcastOf(stateOf({ a: [undefined, -6 * MINUTE] }))
    expect(peer.receive(tombstone)).toBe('shrunk')
    expect(peer.seen('k')).toEqual({ b: 'v' })
    expect(peer.machine.entry('k')?.version).toBe(2)
    expect(peer.notified()).toEqual(['k'])
    expect(peer.takeBroadcasts()).toEqual([])

    expect(peer.receive(tombstone)).toBe('unchanged')
    expect(peer.notified()).toEqual([])
  })

  it('spreads a fresh tombstone over a live entry', () => {
    const peer = new Peer({ leftIngestersTimeoutMs: 5 * MINUTE })
    peer.write('k', stateOf({ a: -10 * MINUTE }))
    peer.takeBroadcasts()
    expect(peer.receive(broadcastOf(stateOf({ a: [undefined, -4 * MINUTE] })))).toBe('stored')
    expect(peer.takeBroadcasts()[0]?.names).toEqual(['a'])
    expect(peer.seen('k')).toEqual({})
  })

  it('drops its own expired tombstones at the next effective merge, and counts them', () => {
    const peer = new Peer({ leftIngestersTimeoutMs: MINUTE })
    peer.write('k', stateOf({ a: [undefined, 0], b: 0 }))
    expect([...peer.machine.tombstones()]).toEqual([['k', { remainingCount: 1, removedTotal: 0 }]])
    peer.advance(2 * MINUTE)
    expect(contents(peer.machine.entry('k')?.state)).toEqual({ a: GONE, b: 'v' })
    peer.write('k', stateOf({ c: MINUTE }))
    expect(contents(peer.machine.entry('k')?.state)).toEqual({ b: 'v', c: 'v' })
    expect([...peer.machine.tombstones()]).toEqual([['k', { remainingCount: 0, removedTotal: 1 }]])
  })

  it('keeps tombstones for ever when told to', () => {
    const peer = new Peer({ leftIngestersTimeoutMs: 0 })
    expect(peer.receive(broadcastOf(stateOf({ a: [undefined, -1000 * MINUTE] })))).toBe('stored')
  })

  it('18. makes a tombstone, dated now, of what a replacing edit lacks, and spreads it', () => {
    const peer = new Peer()
    peer.write('k', stateOf({ a: -50, b: -40 }))
    peer.takeBroadcasts()
    const state = peer.machine.entry('k')!.visible as ReturnType<typeof mapType.empty>
    expect(peer.write('k', state.delete('b'), 1)).toBe('stored')
    const [item] = peer.takeBroadcasts()
    expect(item).toMatchObject({ class: 'local', version: 2, names: ['b'] })
    const sent = mapType.decode(decodePair(item!.payload)!.value)
    expect(sent.written.get('b')).toMatchObject({ isTombstone: true, timestampMs: START })
    expect(peer.seen('k')).toEqual({ a: 'v' })
  })

  it('refuses an edit made of an older version, and one of another type', () => {
    const peer = new Peer()
    peer.write('k', stateOf({ a: 0 }))
    peer.write('k', stateOf({ b: 0 }))
    expect(peer.write('k', stateOf({ c: 0 }), 1)).toBe('version-mismatch')
    expect(peer.write('', stateOf({ c: 0 }))).toBe('empty-key')
    expect(peer.seen('k')).toEqual({ a: 'v', b: 'v' })
  })

  it('does not store an empty first value', () => {
    const peer = new Peer()
    expect(peer.write('k', mapType.empty())).toBe('unchanged')
    expect(peer.machine.size).toBe(0)
  })

  it('29. ends in the same value whatever the order of arrival', () => {
    const written = fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.option(fc.nat(3), { nil: undefined }), fc.nat(5))
    const news = fc.array(fc.array(written, { minLength: 1, maxLength: 3 }), { minLength: 1, maxLength: 6 })
    const withOrder = news.chain((all) =>
      fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })),
    )
    fc.assert(
      fc.property(withOrder, ([arrival, shuffled]) => {
        const ends = [arrival, shuffled, [...arrival].reverse()].map((order) => {
          const peer = new Peer()
          for (const entries of order) {
            const times = Object.fromEntries(entries.map(([name, value, at]) => [name, [value, at] as const]))
            peer.receive(broadcastOf(stateOf(times)))
          }
          return mapType.toJson(peer.machine.entry('k')!.state as never)
        })
        expect(ends[1]).toEqual(ends[0])
        expect(ends[2]).toEqual(ends[0])
      }),
      { numRuns: 60 },
    )
  })

  it('holds no more keys than it may, and still changes those it has', () => {
    const peer = new Peer({ maxKeys: 2 })
    expect(peer.receive(broadcastOf(stateOf({ a: 1 }), 'k1'))).toBe('stored')
    expect(peer.receive(broadcastOf(stateOf({ a: 1 }), 'k2'))).toBe('stored')
    expect(peer.receive(broadcastOf(stateOf({ a: 1 }), 'k3'))).toBe('store-full')
    expect(peer.receive(broadcastOf(stateOf({ a: 2 }), 'k2'))).toBe('stored')
    expect(peer.machine.size).toBe(2)
  })

  it('encodes an entry once for each version', () => {
    let encodings = 0
    const counting = {
      ...mapType,
      encode: (state: Parameters<typeof mapType.encode>[0]) => {
        encodings++
        return mapType.encode(state)
      },
    }
    const peer = new Peer({}, [counting])
    peer.write('k', stateOf({ a: 0 }))
    const before = encodings
    peer.machine.fullState()
    peer.machine.fullState()
    expect(peer.machine.entry('k')!.sizeBytes).toBeGreaterThan(0)
    expect(encodings - before).toBeLessThanOrEqual(1)
  })
})

describe('spreading', () => {
  it('22. stops when the machine is stopped, while edits still take place', () => {
    const peer = new Peer()
    peer.write('k', stateOf({ a: 0 }))
    peer.takeBroadcasts()
    peer.handle({ kind: 'stop' })
    expect(peer.write('k', stateOf({ b: 0 }))).toBe('stored')
    expect(peer.seen('k')).toEqual({ a: 'v', b: 'v' })
    expect(peer.notified()).toEqual(['k'])
    expect(peer.takeBroadcasts()).toEqual([])
  })

  it('keeps a codec that must not leave this node, in gossip and in full state', () => {
    const peer = new Peer({ maySend: (codecId) => codecId !== mapType.codecId })
    expect(peer.write('k', stateOf({ a: 0 }))).toBe('stored')
    expect(peer.takeBroadcasts()).toEqual([])
    expect(peer.machine.fullState()).toHaveLength(0)
  })

  it('refuses an edit that cannot be encoded', () => {
    const broken = {
      ...mapType,
      encode: () => {
        throw new Error('no')
      },
    }
    const peer = new Peer({}, [broken])
    expect(peer.write('k', stateOf({ a: 0 }))).toBe('encode-failed')
    expect(peer.machine.size).toBe(0)
  })
})
