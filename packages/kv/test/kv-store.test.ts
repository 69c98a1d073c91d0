// The driver: what comes in by way of membership, and what goes out.
import { describe, expect, it } from 'vitest'
import {
  asUnixMs,
  encodeFullState,
  encodePair,
  type KvRejection,
  KvStore,
  lastWriterMap,
  register,
} from '../src/index.ts'
import { contents, mapType, START, stateOf } from './machine-peer.ts'
import { StorePeer } from './store-peer.ts'

const source = { from: 'peer', channel: 'packet' } as const

const broadcast = (key: string, state = stateOf({ a: 1 }), codecId = mapType.codecId): Uint8Array =>
  encodePair({ key, value: mapType.encode(state), codecId, deleted: false, updateTimeMs: asUnixMs(0) })

describe('what comes in', () => {
  it('28. waits for each key within a bound; the rest is dropped and counted, other keys proceed', async () => {
    const peer = new StorePeer({ inboxPairsPerKey: 3 })
    for (let i = 0; i < 5; i++) peer.delegate.onMessage(broadcast('k', stateOf({ [`name-${i}`]: 1 })), source)
    peer.delegate.onMessage(broadcast('other'), source)
    expect(peer.store.metrics()).toMatchObject({ inboxPairs: 4, receivedBroadcastsDropped: 2, receivedBroadcasts: 6 })
    await peer.system.settle()
    expect(Object.keys(contents(peer.store.get('k')))).toEqual(['name-0', 'name-1', 'name-2'])
    expect(contents(peer.store.get('other'))).toEqual({ a: 'v' })
    expect(peer.store.metrics()).toMatchObject({ inboxPairs: 0, inboxBytes: 0 })
  })

  it('is merged in slices, keys taking turns', () => {
    const peer = new StorePeer({ mergeSliceMs: 4 })
    for (const key of ['x', 'x', 'x', 'y', 'z'])
      peer.delegate.onMessage(
        broadcast(key, stateOf({ [`name-${Math.trunc(peer.store.metrics().inboxPairs)}`]: 1 })),
        source,
      )
    const merged: string[] = []
    peer.store.on('change', (change) => merged.push(change.key))
    peer.system.costPerLookMs = 1
    const rounds: number[] = []
    while (peer.store.metrics().inboxPairs > 0) {
      peer.system.io()
      rounds.push(merged.length)
    }
    expect(merged).toEqual(['x', 'y', 'z', 'x', 'x'])
    expect(rounds.length).toBeGreaterThan(1)
  })

  it('is copied: what becomes of the lent bytes does not matter', async () => {
    const peer = new StorePeer()
    const payload = broadcast('k')
    const state = encodeFullState([broadcast('from-state')])
    peer.delegate.onMessage(payload, source)
    peer.delegate.mergeRemoteState(state, false, source)
    payload.fill(0xff)
    state.fill(0xff)
    await peer.system.settle()
    expect(peer.store.keys().sort()).toEqual(['from-state', 'k'])
    expect(contents(peer.store.get('k'))).toEqual({ a: 'v' })
  })

  it('9. 10. 11. is counted by what is wrong with it', async () => {
    const peer = new StorePeer()
    const rejected: KvRejection[] = []
    peer.store.on('rejected', (rejection) => rejected.push(rejection))
    await peer.receive(Uint8Array.of(8, 1))
    await peer.receive(broadcast(''))
    await peer.receive(broadcast('k', stateOf({ a: 1 }), 'unknown'))
    await peer.receive(
      encodePair({
        key: 'bad',
        value: Uint8Array.of(0xc1),
        codecId: mapType.codecId,
        deleted: false,
        updateTimeMs: asUnixMs(0),
      }),
    )
    const metrics = peer.store.metrics()
    expect(metrics).toMatchObject({ receivedBroadcasts: 4, receivedBroadcastsInvalid: 3, storeCount: 0 })
    expect(metrics.broadcastOutcomes).toEqual({ 'unknown-codec': 1, 'decode-failed': 1 })
    expect(rejected.map(({ key, outcome }) => [key, outcome])).toEqual([
      ['k', 'unknown-codec'],
      ['bad', 'decode-failed'],
    ])
    expect(rejected[1]?.cause).toBeInstanceOf(Error)

    const whole = encodeFullState([broadcast('one'), broadcast(''), broadcast('two'), broadcast('three')])
    peer.delegate.mergeRemoteState(whole.subarray(0, whole.length - 1), true, source)
    await peer.system.settle()
    expect(peer.store.keys()).toEqual(['one', 'two'])
    expect(peer.store.metrics()).toMatchObject({
      statePushes: 1,
      statePushesMalformed: 1,
      statePairsSkipped: 1,
      statePairOutcomes: { stored: 2 },
    })
    expect(peer.queued.map((item) => item.class)).toEqual(['relayed', 'relayed'])
  })

  it('can be waited for', async () => {
    const peer = new StorePeer()
    peer.delegate.mergeRemoteState(encodeFullState([broadcast('k')]), true, source)
    let isIdle = false
    const idle = peer.store.idle().then(() => {
      isIdle = true
    })
    await Promise.resolve()
    expect(isIdle).toBe(false)
    await peer.system.settle()
    await idle
    expect(peer.store.keys()).toEqual(['k'])
    await peer.store.idle()
  })
})

describe('what goes out', () => {
  it('is the full state for a push/pull', async () => {
    const [x, y] = [new StorePeer(), new StorePeer()]
    await x.store.update('k', mapType, (state) => state.set('a', 1))
    const state = x.delegate.localState(false)
    y.delegate.mergeRemoteState(state, false, source)
    await y.system.settle()
    expect(contents(y.store.get('k'))).toEqual({ a: 1 })
    expect(x.store.metrics()).toMatchObject({ statePulls: 1, statePullsBytes: state.length })
    expect(y.store.metrics()).toMatchObject({ statePushes: 1, statePushesBytes: state.length })
  })

  it('is counted while it waits in the queue, and local changes can be waited for', async () => {
    const peer = new StorePeer()
    expect(await peer.store.flushed()).toBe(true)
    await peer.store.update('k', mapType, (state) => state.set('a', 1))
    await peer.receive(broadcast('r'))
    const [local, relayed] = peer.queued
    expect(peer.store.metrics()).toMatchObject({
      broadcasts: { local: 1, relayed: 1 },
      messagesInBroadcastQueue: { local: 1, gossip: 1 },
      messagesInBroadcastQueueBytes: local!.payload.length + relayed!.payload.length,
    })
    expect(await peer.store.flushed(AbortSignal.abort())).toBe(false)
    const flushed = peer.store.flushed()
    local!.onFinished('transmitted')
    local!.onFinished('transmitted')
    expect(await flushed).toBe(true)
    relayed!.onFinished('pruned')
    expect(peer.store.metrics()).toMatchObject({
      messagesInBroadcastQueue: { local: 0, gossip: 0 },
      messagesInBroadcastQueueBytes: 0,
      messagesToBroadcastDropped: 1,
    })
  })

  it('asks two peers for their state when a type is declared late', () => {
    const peer = new StorePeer()
    expect(peer.pushPullRequests).toEqual([])
    peer.store.declare({ ...mapType, codecId: 'late' })
    peer.store.declare({ ...mapType, codecId: 'late' })
    expect(peer.pushPullRequests).toEqual([2])
  })
})

describe('reading', () => {
  it('lists keys and everything about them', async () => {
    const peer = new StorePeer()
    await peer.store.update('flags/a', mapType, (state) => state.set('x', 1))
    await peer.system.advance(10)
    await peer.store.update('flags/b', register<string>(), (state) => state.set('on'))
    await peer.store.update('other', mapType, (state) => state.set('x', 1))
    await peer.store.delete('other')
    expect(peer.store.keys()).toEqual(['flags/a', 'flags/b', 'other'])
    expect(peer.store.keys('flags/')).toEqual(['flags/a', 'flags/b'])
    expect(peer.store.entries()).toMatchObject([
      {
        key: 'flags/a',
        codecId: 'hearsay.lastWriterMap',
        version: 1,
        deleted: false,
        deletedAt: undefined,
        updatedAt: START,
      },
      { key: 'flags/b', codecId: 'hearsay.register', version: 1, deleted: false, updatedAt: START + 10 },
      { key: 'other', version: 2, deleted: true, deletedAt: START + 10 },
    ])
    const encoded = mapType.encode(peer.store.entry('flags/a')!.state as never)
    expect(peer.store.entry('flags/a')).toMatchObject({ sizeBytes: encoded.length, type: mapType })
    expect(peer.store.entry('nothing')).toBeUndefined()
    expect(peer.store.get('flags/b', register<string>())?.value).toBe('on')
  })
})

describe('closing', () => {
  it('leaves no timer, forgets what waits, and is silent afterwards', async () => {
    const peer = new StorePeer({ obsoleteEntriesTimeoutMs: 1000 })
    await peer.store.update('k', mapType, (state) => state.set('a', 1))
    await peer.store.delete('k')
    expect(peer.system.armedTimers).toBe(1)
    peer.delegate.onMessage(broadcast('late'), source)
    const idle = peer.store.idle()
    await peer.store[Symbol.asyncDispose]()
    peer.store.close()
    await idle
    peer.delegate.onMessage(broadcast('later'), source)
    peer.delegate.mergeRemoteState(encodeFullState([broadcast('later')]), false, source)
    await peer.system.advance(10_000)
    expect(peer.system.armedTimers).toBe(0)
    expect(peer.store.keys()).toEqual(['k'])
    expect(peer.delegate.localState(false)).toHaveLength(0)
  })
})

describe('without a host', () => {
  it('works alone; its edits reach peers by full state', async () => {
    await using store = new KvStore()
    const map = lastWriterMap<number>()
    await store.update('k', map, (state) => state.set('a', 1))
    expect(store.get('k', map)?.get('a')).toBe(1)
    expect(store.delegate().localState(true).length).toBeGreaterThan(0)
  })
})
