// Times from the far future (ring spec 13.2): they lose against anything else, nobody rewrites them, and whose clock it was is told.
import { describe, expect, it } from 'vitest'
import { asUnixMs, type KvImplausible, KvStore, lastWriterMap, MAX_CLOCK_SKEW_MS, register } from '../src/index.ts'
import { START } from './machine-peer.ts'
import { VirtualSystem } from './virtual-system.ts'

const NOW = asUnixMs(START)
const written = (value: string, timestampMs: number) => register.fromJson({ value, timestampMs, writer: 'w' })
const plausible = written('sound', NOW - 5000)
const atTheLimit = written('ahead', NOW + MAX_CLOCK_SKEW_MS)
const beyond = written('far', NOW + MAX_CLOCK_SKEW_MS + 1)
const farther = written('farther', NOW + MAX_CLOCK_SKEW_MS + 2)

describe('a value from the far future', () => {
  it('loses against one that is not, even an older one, and fills a slot that is empty', () => {
    const winner = (a: typeof beyond, b: typeof beyond) => register.merge(a, b, NOW).state.value
    expect(winner(plausible, beyond)).toBe('sound')
    expect(winner(beyond, plausible)).toBe('sound')
    expect(winner(plausible, atTheLimit)).toBe('ahead')
    expect(winner(beyond, farther)).toBe('farther')
    expect(winner(register.empty(), beyond)).toBe('far')
    // When its time has come near, it is like any other.
    expect(register.merge(plausible, beyond, asUnixMs(NOW + 1)).state.value).toBe('far')
  })

  it('is superseded by whoever edits it, and can be removed', () => {
    const edited = register.replace(beyond, beyond.set('new'), NOW, 'me').state
    expect(edited.written).toMatchObject({ value: 'new', timestampMs: NOW, writer: 'me' })
    expect(register.merge(edited, beyond, NOW).change).toBeUndefined()
    const cleared = register.replace(beyond, beyond.clear(), NOW, 'me').state
    expect(cleared.written).toMatchObject({ isTombstone: true, timestampMs: NOW })
    expect(register.merge(cleared, beyond, NOW).change).toBeUndefined()
  })

  it('is counted and named as often as a peer sends it, and stored as it came', async () => {
    const system = new VirtualSystem()
    const [store, wrong] = [
      new KvStore({ system }),
      new KvStore({ system: wrongClock(system, 86_400_000), writer: 'wrong' }),
    ]
    const found: KvImplausible[] = []
    store.on('implausible', (each) => found.push(each))
    await wrong.update('map', lastWriterMap, (map) => map.set('a', 1).set('b', 2))
    const hear = async () => {
      store.delegate().mergeRemoteState(wrong.delegate().localState(false), false, { from: 'x', channel: 'stream' })
      await system.settle()
    }
    await hear()
    expect(found).toEqual([
      {
        key: 'map',
        codecId: 'hearsay.lastWriterMap',
        entries: ['a', 'b'].map((name) => ({ name, writer: 'wrong', timestampMs: NOW + 86_400_000 })),
      },
    ])
    expect(store.get('map', lastWriterMap)!.get('a')).toBe(1)
    await store.update('map', lastWriterMap, (map) => map.set('a', 'mine').delete('b'))
    await hear()
    expect([...store.get('map', lastWriterMap)!]).toEqual([['a', 'mine']])
    expect(store.metrics().implausibleEntries).toBe(4)
    // And what we say convinces a store whose clock is right, whichever it hears first.
    const other = new KvStore({ system })
    for (const from of [wrong, store])
      other.delegate().mergeRemoteState(from.delegate().localState(false), false, { from: 'x', channel: 'stream' })
    await system.settle()
    expect([...other.get('map', lastWriterMap)!]).toEqual([['a', 'mine']])
  })
})

const wrongClock = (system: VirtualSystem, aheadMs: number) => ({
  now: () => system.now(),
  wallNow: () => asUnixMs(system.wallNow() + aheadMs),
  arm: (delayMs: number, run: () => void) => system.arm(delayMs, run),
  afterIo: (run: () => void) => system.afterIo(run),
})
