// Watching: kv spec 1.6 and checks 35-37.
import { describe, expect, it, vi } from 'vitest'
import { coalesce } from '../src/change.ts'
import { asUnixMs, encodePair, type KvChange } from '../src/index.ts'
import { contents, GONE, mapType, stateOf } from './machine-peer.ts'
import { StorePeer } from './store-peer.ts'

const set = (peer: StorePeer, key: string, name: string, value: unknown) =>
  peer.store.update(key, mapType, (state) => state.set(name, value))

const seenIn = (result: IteratorResult<KvChange>): { [name: string]: unknown } => contents(result.value?.value)

/** The result if there is one already. */
async function pending<T>(promise: Promise<T>): Promise<T | 'waiting'> {
  return Promise.race([promise, new Promise<'waiting'>((resolve) => setImmediate(() => resolve('waiting')))])
}

describe('watching a key', () => {
  it('35. begins with the next change, and a slow watcher gets the newest value once', async () => {
    const peer = new StorePeer()
    await set(peer, 'k', 'a', 0)
    const watch = peer.store.watch('k')
    const first = watch.next()
    expect(await pending(first)).toBe('waiting')
    await set(peer, 'k', 'a', 1)
    expect(seenIn(await first)).toEqual({ a: 1 })

    for (const value of [2, 3, 4]) await set(peer, 'k', 'a', value)
    await set(peer, 'k', 'b', 5)
    const second = await watch.next()
    expect(seenIn(second)).toEqual({ a: 4, b: 5 })
    expect(contents(second.value?.change)).toEqual({ a: 4, b: 5 })
    expect(second.value).toMatchObject({
      key: 'k',
      codecId: mapType.codecId,
      version: 6,
      deleted: false,
      origin: 'local',
    })
    expect(await pending(watch.next())).toBe('waiting')
  })

  it('hears nothing of other keys, and tells local from remote changes', async () => {
    const peer = new StorePeer()
    const watch = peer.store.watch('k')
    await set(peer, 'k2', 'a', 0)
    await set(peer, 'k/2', 'a', 0)
    await peer.receive(
      encodePair({
        key: 'k',
        value: mapType.encode(stateOf({ a: 1 })),
        codecId: mapType.codecId,
        deleted: false,
        updateTimeMs: asUnixMs(0),
      }),
    )
    expect((await watch.next()).value).toMatchObject({ key: 'k', origin: 'remote' })
    expect(await pending(watch.next())).toBe('waiting')
  })

  it('shows what was removed in the change, and not in the value', async () => {
    const peer = new StorePeer()
    await set(peer, 'k', 'a', 1)
    await set(peer, 'k', 'b', 2)
    const watch = peer.store.watch('k')
    await peer.store.update('k', mapType, (state) => state.delete('a'))
    const { value } = await watch.next()
    expect(contents(value?.value)).toEqual({ b: 2 })
    expect(contents(value?.change)).toEqual({ a: GONE })
  })

  it('30. tells of a deletion with the value that is still there, and not of the purge', async () => {
    const peer = new StorePeer({ obsoleteEntriesTimeoutMs: 1000 })
    await set(peer, 'k', 'a', 1)
    const watch = peer.store.watch('k')
    await peer.store.delete('k')
    const { value } = await watch.next()
    expect(value).toMatchObject({ deleted: true })
    expect(contents(value?.value)).toEqual({ a: 1 })
    await peer.system.advance(3000)
    expect(peer.store.get('k')).toBeUndefined()
    expect(await pending(watch.next())).toBe('waiting')
  })

  it('passes over a change whose key is purged by then', async () => {
    const peer = new StorePeer({ obsoleteEntriesTimeoutMs: 1000 })
    await set(peer, 'k', 'a', 1)
    const watch = peer.store.watch('k')
    await peer.store.delete('k')
    await peer.system.advance(3000)
    expect(await pending(watch.next())).toBe('waiting')
  })
})

describe('watching a prefix', () => {
  it('36. keeps as many keys as its mailbox holds, and counts the rest', async () => {
    const peer = new StorePeer({ watchPrefixBufferSize: 2 })
    const watch = peer.store.watch('ha/')
    const first = watch.next()
    await set(peer, 'ha/0', 'a', 0)
    expect((await first).value?.key).toBe('ha/0')
    // The consumer is busy with the first.
    for (let i = 1; i <= 5; i++) await set(peer, `ha/${i}`, 'a', 0)
    expect([(await watch.next()).value?.key, (await watch.next()).value?.key]).toEqual(['ha/1', 'ha/2'])
    expect(await pending(watch.next())).toBe('waiting')
    expect(peer.store.metrics().watchPrefixDroppedNotifications).toEqual(new Map([['ha/', 3]]))
  })

  it('gives one change for each key, in the order in which they changed first', async () => {
    const peer = new StorePeer()
    const watch = peer.store.watch('')
    for (const [key, value] of [
      ['x', 1],
      ['y', 1],
      ['x', 2],
      ['y', 2],
    ] as const)
      await set(peer, key, 'a', value)
    const results = [await watch.next(), await watch.next()]
    expect(results.map((result) => [result.value?.key, seenIn(result)])).toEqual([
      ['x', { a: 2 }],
      ['y', { a: 2 }],
    ])
    expect(await pending(watch.next())).toBe('waiting')
  })

  it('may be of names without a slash when asked for', async () => {
    const peer = new StorePeer()
    const watch = peer.store.watch('flags', { prefix: true })
    await set(peer, 'flags-2', 'a', 1)
    expect((await watch.next()).value?.key).toBe('flags-2')
  })
})

describe('a notify interval', () => {
  it('37. delivers once an interval, whatever else the node is waiting for', async () => {
    const peer = new StorePeer({ notifyIntervalMs: 100 })
    const watch = peer.store.watch('k')
    const result = watch.next()
    for (const value of [1, 2, 3]) await set(peer, 'k', `name-${value}`, value)
    expect(peer.store.metrics().pendingKeyNotifications).toBe(1)
    await peer.system.advance(99)
    expect(await pending(result)).toBe('waiting')
    await peer.system.advance(1)
    expect(contents((await result).value?.change)).toEqual({ 'name-1': 1, 'name-2': 2, 'name-3': 3 })
    expect(peer.store.metrics().pendingKeyNotifications).toBe(0)
    expect(peer.system.armedTimers).toBe(0)
  })
})

describe('notes that wait', () => {
  it('are not put off by further changes', async () => {
    const peer = new StorePeer({ notifyIntervalMs: 100 })
    const result = peer.store.watch('k').next()
    await set(peer, 'k', 'a', 1)
    await peer.system.advance(99)
    await set(peer, 'k', 'a', 2)
    await peer.system.advance(1)
    expect(seenIn(await result)).toEqual({ a: 2 })
  })

  it('of one key and two types, the key having been purged in between, are not mixed', () => {
    const other = { ...mapType, codecId: 'other' }
    const note = (type: typeof mapType, change: unknown) =>
      ({ key: 'k', type, change, version: 1, deleted: false, origin: 'local' }) as const
    const newer = note(other, stateOf({ b: 2 }))
    expect(coalesce(note(mapType, stateOf({ a: 1 })), newer, asUnixMs(0))).toBe(newer)
  })

  it('survive a type that cannot merge two changes: the newer stands', () => {
    const broken = {
      ...mapType,
      merge: () => {
        throw new Error('no')
      },
    }
    const note = (change: unknown) =>
      ({ key: 'k', type: broken, change, version: 1, deleted: false, origin: 'local' }) as const
    const newer = note(stateOf({ b: 2 }))
    expect(coalesce(note(stateOf({ a: 1 })), newer, asUnixMs(0))).toBe(newer)
  })
})

describe('a watch ends', () => {
  it('with its signal, with return, and with the store', async () => {
    const peer = new StorePeer()
    const aborting = new AbortController()
    const bySignal = peer.store.watch('k', { signal: aborting.signal })
    const byReturn = peer.store.watch('k')
    const byStore = peer.store.watch('k')
    const waiting = [bySignal, byReturn, byStore].map((watch) => watch.next())
    expect(peer.store.metrics().watchers).toBe(3)
    aborting.abort()
    await byReturn.return?.()
    peer.store.close()
    for (const result of waiting) expect(await result).toEqual({ done: true, value: undefined })
    expect(peer.store.metrics().watchers).toBe(0)
    expect(await bySignal.next()).toEqual({ done: true, value: undefined })
    expect(() => peer.store.watch('k')).toThrowError(expect.objectContaining({ code: 'STOPPED' }))
  })

  it('when a loop over it is left', async () => {
    const peer = new StorePeer()
    const watch = peer.store.watch('k')
    await set(peer, 'k', 'a', 1)
    for await (const change of watch) {
      expect(change.key).toBe('k')
      break
    }
    expect(peer.store.metrics().watchers).toBe(0)
  })

  it('at once with a signal that is aborted already', async () => {
    const peer = new StorePeer()
    expect(await peer.store.watch('k', { signal: AbortSignal.abort() }).next()).toMatchObject({ done: true })
  })
})

describe('listening', () => {
  it('hears every change, in order, also of writes that listeners make', async () => {
    const peer = new StorePeer()
    const heard: string[] = []
    peer.store.on('change', (change) => {
      if (change.key === 'k' && change.version === 1) void set(peer, 'echo', 'a', 1)
    })
    peer.store.on('change', (change) => heard.push(`${change.key}@${change.version}`))
    await set(peer, 'k', 'a', 1)
    await set(peer, 'k', 'a', 2)
    expect(heard).toEqual(['k@1', 'echo@1', 'k@2'])
  })

  it('and throwing does not disturb the store: the error surfaces outside of it', async () => {
    const peer = new StorePeer()
    const watch = peer.store.watch('k')
    const outside: (() => void)[] = []
    const spy = vi.spyOn(globalThis, 'queueMicrotask').mockImplementation((run) => outside.push(run))
    peer.store.on('change', () => {
      throw new Error('mine')
    })
    await set(peer, 'k', 'a', 1)
    await set(peer, 'k', 'a', 2)
    spy.mockRestore()
    expect(outside).toHaveLength(2)
    expect(outside[0]).toThrowError('mine')
    expect(seenIn(await watch.next())).toEqual({ a: 2 })
  })

  it('stops with off', async () => {
    const peer = new StorePeer()
    const heard: string[] = []
    const listener = (change: KvChange) => heard.push(change.key)
    peer.store.on('change', listener)
    peer.store.off('change', listener)
    await set(peer, 'k', 'a', 1)
    expect(heard).toEqual([])
  })
})
