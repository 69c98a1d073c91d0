// Values that expire: they disappear from every store at their time, watchers hear of it, and nobody is told by gossip.
import { describe, expect, it } from 'vitest'
import { counter, type KvChange, KvStore, lastWriterMap, orSet, register } from '../src/index.ts'
import { contents, Peer, stateOf } from './machine-peer.ts'
import { VirtualSystem } from './virtual-system.ts'

/** Two stores of one system; whatever one holds, the other may be told. */
function two() {
  const system = new VirtualSystem()
  const [a, b] = [new KvStore({ system }), new KvStore({ system })]
  const tell = async (from: KvStore, to: KvStore) => {
    to.delegate().mergeRemoteState(from.delegate().localState(false), false, { from: 'x', channel: 'stream' })
    await system.settle()
  }
  return { system, a, b, tell }
}

describe('what is written with a time to live', () => {
  it('is gone from every store at its time, of each kind of value', async () => {
    const { system, a, b, tell } = two()
    await a.update('register', register, (r) => r.set('x', { ttlMs: 1000 }))
    await a.update('map', lastWriterMap, (m) => m.set('x', 1, { ttlMs: 1000 }).set('y', 2))
    await a.update('set', orSet, (s) => s.add('x', { ttlMs: 1000 }).add('y'))
    await a.update('counter', counter, (c) => c.add(5, { ttlMs: 1000 }))
    await tell(a, b)
    const seen = (store: KvStore) => [
      store.get('register', register)?.value,
      [...store.get('map', lastWriterMap)!],
      [...store.get('set', orSet)!],
      store.get('counter', counter)?.value,
    ]
    await system.advance(999)
    for (const store of [a, b])
      expect(seen(store)).toEqual([
        'x',
        [
          ['x', 1],
          ['y', 2],
        ],
        ['x', 'y'],
        5,
      ])
    await system.advance(1)
    for (const store of [a, b]) expect(seen(store)).toEqual([undefined, [['y', 2]], ['y'], 0])
    expect(system.armedTimers).toBe(0)
    // Neither has anything to tell the other.
    const versions = () => b.entries().map(({ version }) => version)
    const before = versions()
    await tell(a, b)
    expect(versions()).toEqual(before)
  })

  it('lives on when it is written again, as long as that says', async () => {
    const { system, a } = two()
    const say = (ttlMs: number) => a.update('k', register, (r) => r.set('x', { ttlMs }))
    await say(1000)
    await system.advance(900)
    expect(await say(1000)).toMatchObject({ changed: true })
    await system.advance(999)
    expect(a.get('k', register)?.value).toBe('x')
    await system.advance(1)
    expect(a.get('k', register)?.value).toBeUndefined()
    // Without a time to live it stays, and saying the same again changes nothing.
    await a.update('k', register, (r) => r.set('x'))
    expect(await a.update('k', register, (r) => r.set('x'))).toMatchObject({ changed: false })
    await system.advance(1_000_000)
    expect(a.get('k', register)?.value).toBe('x')
  })

  it('tells watchers, and spreads nothing', async () => {
    const { system, a } = two()
    const sent: unknown[] = []
    a.delegate().attach({ broadcast: (item) => sent.push(item), memberCount: () => 2 })
    await a.update('k', lastWriterMap, (m) => m.set('x', 1, { ttlMs: 50 }))
    expect(sent).toHaveLength(1)
    const changes: KvChange[] = []
    a.on('change', (change) => changes.push(change))
    await system.advance(50)
    expect(changes).toMatchObject([{ key: 'k', origin: 'expiry', version: 2 }])
    expect(contents(changes[0]!.change)).toEqual({ x: expect.any(Symbol) })
    expect(sent).toHaveLength(1)
  })

  it('does not come back from a store that was away longer than tombstones are kept', async () => {
    const peer = new Peer({ leftIngestersTimeoutMs: 60_000 })
    const old = stateOf({ x: 0 }).set('y', 1, { ttlMs: 1000 })
    const away = new Peer()
    away.write('k', old)
    const pair = away.takeBroadcasts()[0]!.payload
    peer.now = 100_000
    expect(peer.receive(pair)).toBe('stored')
    expect(peer.seen('k')).toEqual({ x: 'v' })
    expect(contents(peer.machine.entry('k')!.state)).toEqual({ x: 'v' })
  })

  it('is looked for once at its time, not again and again, when the wall clock jumps back', () => {
    const peer = new Peer()
    peer.write('k', stateOf({}).set('x', 1, { ttlMs: 1000 }))
    const jumped = peer.wallNow
    peer.now = 1000
    peer.machine.handle({ kind: 'deadline' }, peer.now, jumped)
    expect(peer.machine.nextDeadline()).toEqual({ at: 2000, reason: 'expiry' })
    expect(peer.seen('k')).toEqual({ x: 1 })
    peer.advance(1000)
    expect(peer.seen('k')).toEqual({})
  })

  it('is forgotten with its key', () => {
    const peer = new Peer({ obsoleteEntriesTimeoutMs: 100 })
    peer.write('k', stateOf({}).set('x', 1, { ttlMs: 10_000 }))
    peer.delete('k')
    peer.advance(100)
    peer.advance(101)
    expect(peer.machine.size).toBe(0)
    expect(peer.machine.nextDeadline()).toBeUndefined()
  })
})
