// Deleting keys and purging them: kv spec 3.6, 3.7 and checks 30-34.
import { describe, expect, it } from 'vitest'
import { asUnixMs, decodePair, encodePair } from '../src/index.ts'
import { contents, gossip, mapType, Peer, START, stateOf } from './machine-peer.ts'

const TIMEOUT = 30_000

const deletedPair = (updateTimeMs: number, state = stateOf({ a: 1 })): Uint8Array =>
  encodePair({
    key: 'k',
    value: mapType.encode(state),
    codecId: mapType.codecId,
    deleted: true,
    updateTimeMs: asUnixMs(updateTimeMs),
  })

const livePair = (state: ReturnType<typeof stateOf>): Uint8Array =>
  encodePair({
    key: 'k',
    value: mapType.encode(state),
    codecId: mapType.codecId,
    deleted: false,
    updateTimeMs: asUnixMs(0),
  })

describe('deleting a key', () => {
  it('is dated in whole milliseconds, whatever the clock shows', () => {
    const peer = new Peer()
    peer.write('k', stateOf({ a: 0 }))
    peer.takeBroadcasts()
    peer.now = 7.25
    expect(peer.delete('k')).toBe('stored')
    expect(peer.takeBroadcasts().map(({ payload }) => decodePair(payload)!.updateTimeMs)).toEqual([START + 7])
  })

  it('30. marks it everywhere with one time; the value stays readable until both purge it, silently', () => {
    const [x, y] = [new Peer({ obsoleteEntriesTimeoutMs: TIMEOUT }), new Peer({ obsoleteEntriesTimeoutMs: TIMEOUT })]
    x.write('k', stateOf({ a: 0 }))
    gossip([x, y])
    x.now = y.now = 5000

    expect(x.delete('k')).toBe('stored')
    expect(x.notified()).toEqual(['k'])
    const travelled = gossip([x, y])
    expect(travelled.map((item) => item.class)).toEqual(['relayed', 'relayed'])
    for (const { payload } of travelled) {
      expect(decodePair(payload)).toMatchObject({ deleted: true, updateTimeMs: START + 5000 })
      expect(contents(mapType.decode(decodePair(payload)!.value))).toEqual({ a: 'v' })
    }
    for (const peer of [x, y]) {
      expect(peer.machine.entry('k')).toMatchObject({ deleted: true, deletedAt: START + 5000, version: 2 })
      expect(peer.seen('k')).toEqual({ a: 'v' })
      peer.effects.length = 0
      peer.advance(TIMEOUT - 1)
      expect(peer.machine.size).toBe(1)
      peer.advance(TIMEOUT + 1)
      expect(peer.machine.size).toBe(0)
      expect(peer.notified()).toEqual([])
      expect(peer.takeBroadcasts()).toEqual([])
      expect(peer.machine.nextDeadline()).toBeUndefined()
    }
  })

  it('purges strictly after the timeout, so a key that is exactly as old waits for the next tick', () => {
    const peer = new Peer({ obsoleteEntriesTimeoutMs: TIMEOUT })
    peer.write('k', stateOf({ a: 0 }))
    peer.delete('k')
    expect(peer.machine.nextDeadline()).toEqual({ at: TIMEOUT, reason: 'purge' })
    peer.advance(TIMEOUT)
    expect(peer.machine.size).toBe(1)
    expect(peer.machine.nextDeadline()).toEqual({ at: 2 * TIMEOUT, reason: 'purge' })
    peer.advance(TIMEOUT)
    expect(peer.machine.size).toBe(0)
  })

  it('never purges when told so, and a tick that came late is not made up for', () => {
    const keeper = new Peer({ obsoleteEntriesTimeoutMs: 0 })
    keeper.write('k', stateOf({ a: 0 }))
    keeper.delete('k')
    expect(keeper.machine.nextDeadline()).toBeUndefined()

    const late = new Peer({ obsoleteEntriesTimeoutMs: TIMEOUT })
    late.write('k', stateOf({ a: 0 }))
    // The deleter's clock is ahead of ours.
    late.receive(deletedPair(START + 100 * TIMEOUT))
    late.now = 10 * TIMEOUT + 7
    late.handle({ kind: 'deadline' })
    expect(late.machine.nextDeadline()).toEqual({ at: 11 * TIMEOUT + 7, reason: 'purge' })
  })

  it('31. means nothing to a node without the key: nothing stored, nothing passed on', () => {
    const peer = new Peer()
    expect(peer.receive(deletedPair(START))).toBe('unchanged')
    expect(peer.machine.size).toBe(0)
    expect(peer.takeBroadcasts()).toEqual([])
  })

  it('32. is sticky: newer live data merge, the mark and its time stay, and travel along', () => {
    const peer = new Peer()
    peer.write('k', stateOf({ a: 0 }))
    peer.now = 1000
    peer.delete('k')
    peer.takeBroadcasts()
    expect(peer.receive(livePair(stateOf({ b: 5000 })))).toBe('stored')
    expect(peer.machine.entry('k')).toMatchObject({ deleted: true, deletedAt: START + 1000 })
    expect(peer.seen('k')).toEqual({ a: 'v', b: 'v' })
    expect(decodePair(peer.takeBroadcasts()[0]!.payload)).toMatchObject({ deleted: true, updateTimeMs: START + 1000 })
  })

  it('33. without a time is no deletion', () => {
    const peer = new Peer()
    peer.write('k', stateOf({ a: 1 }))
    expect(peer.receive(deletedPair(0))).toBe('unchanged')
    expect(peer.machine.entry('k')?.deleted).toBe(false)
  })

  it('34. over: live data after the purge make the key anew, as version 1', () => {
    const peer = new Peer({ obsoleteEntriesTimeoutMs: TIMEOUT })
    peer.write('k', stateOf({ a: 0 }))
    peer.delete('k')
    peer.advance(3 * TIMEOUT)
    expect(peer.machine.size).toBe(0)
    expect(peer.receive(deletedPair(START + 1))).toBe('unchanged')
    expect(peer.receive(livePair(stateOf({ a: 1 })))).toBe('stored')
    expect(peer.machine.entry('k')).toMatchObject({ version: 1, deleted: false, deletedAt: 0 })
  })

  it('forgets the counts of a key with the key', () => {
    const peer = new Peer({ obsoleteEntriesTimeoutMs: TIMEOUT })
    peer.write('k', stateOf({ a: 0, b: [undefined, 0] }))
    expect([...peer.machine.tombstones()]).toHaveLength(1)
    peer.delete('k')
    peer.advance(3 * TIMEOUT)
    expect([...peer.machine.tombstones()]).toEqual([])
  })

  it('twice, or of an unknown key, changes nothing', () => {
    const peer = new Peer()
    expect(peer.delete('k')).toBe('unchanged')
    peer.write('k', stateOf({ a: 0 }))
    expect(peer.delete('k')).toBe('stored')
    expect(peer.delete('k')).toBe('unchanged')
    expect(peer.machine.entry('k')?.version).toBe(2)
  })

  it('keeps its first time when repeated with a later one alone, and takes the later one with a change', () => {
    const peer = new Peer()
    peer.write('k', stateOf({ a: 0 }))
    peer.receive(deletedPair(START + 10, stateOf({ a: 0 })))
    expect(peer.receive(deletedPair(START + 20, stateOf({ a: 0 })))).toBe('unchanged')
    expect(peer.machine.entry('k')?.deletedAt).toBe(START + 10)
    expect(peer.receive(deletedPair(START + 30, stateOf({ b: 5 })))).toBe('stored')
    expect(peer.machine.entry('k')?.deletedAt).toBe(START + 30)
  })

  it('is not lost when all that came with it has expired', () => {
    const peer = new Peer({ leftIngestersTimeoutMs: 1000 })
    peer.write('k', stateOf({ a: -9000, b: 0 }))
    peer.takeBroadcasts()
    expect(peer.receive(deletedPair(START + 1, stateOf({ a: [undefined, -5000] })))).toBe('stored')
    expect(peer.machine.entry('k')?.deleted).toBe(true)
    const sent = decodePair(peer.takeBroadcasts()[0]!.payload)!
    expect(sent.deleted).toBe(true)
    expect(contents(mapType.decode(sent.value))).toEqual({ b: 'v' })
  })
})
