// Machines wired together by hand: what spreads, and what does not need to.
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { asUnixMs, decodePair, encodePair } from '../src/index.ts'
import { contents, gossip, mapType, Peer, pushPull, stateOf } from './machine-peer.ts'

const carried = (payload: Uint8Array) => contents(mapType.decode(decodePair(payload)!.value))

describe('two peers', () => {
  it('spread only the difference', () => {
    const [x, y] = [new Peer(), new Peer()]
    x.write('k', stateOf(Object.fromEntries(Array.from({ length: 100 }, (_, i) => [`entry-${i}`, 0]))))
    gossip([x, y])
    const whole = x.machine.entry('k')!.pair.length

    x.now = 10
    x.write('k', (x.machine.entry('k')!.visible as ReturnType<typeof stateOf>).set('entry-7', 'new'), 1)
    const [item, ...echoes] = gossip([x, y])
    expect(carried(item!.payload)).toEqual({ 'entry-7': 'new' })
    expect(item!.payload.length).toBeLessThan(whole / 20)
    // Y passes on what it learned; to X that is no news, and there it ends.
    expect(echoes.map((echo) => carried(echo.payload))).toEqual([{ 'entry-7': 'new' }])
    expect(y.seen('k')).toEqual(x.seen('k'))
  })

  it('pass on the bytes that came, where the type says that all of them are news', () => {
    // The type reads four numbers of a value, and would write only those.
    const latest = {
      ...mapType,
      codecId: 'latest',
      implausible: () => [],
      dropTombstones: (state: number[]) => ({ state, removedCount: 0, remainingCount: 0 }),
      nextExpiry: () => undefined,
      empty: () => [0],
      decode: (bytes: Uint8Array) => [...bytes.subarray(0, 4)],
      encode: (state: number[]) => Uint8Array.from(state),
      merge: (state: number[], incoming: number[]) =>
        incoming[0]! > state[0]! ? { state: incoming, change: incoming } : { state, change: undefined },
      names: () => ['latest'],
    }
    const peer = new Peer({}, [latest])
    const value = Uint8Array.of(7, 0, 0, 0, 99)
    peer.receive(encodePair({ key: 'k', value, codecId: 'latest', deleted: false, updateTimeMs: asUnixMs(0) }))
    expect(peer.takeBroadcasts().map((item) => decodePair(item.payload)!.value)).toEqual([value])
    expect(decodePair(peer.machine.entry('k')!.pair)!.value).toEqual(value.subarray(0, 4))
  })

  it('hold the union after one push/pull, and pass on only what they learned', () => {
    const [x, y] = [new Peer(), new Peer()]
    x.write('k', stateOf({ both: 5, x: 0 }))
    y.write('k', stateOf({ both: 5, y: 0 }))
    y.write('y-only', stateOf({ a: 0 }))
    x.takeBroadcasts()
    y.takeBroadcasts()
    pushPull(x, y)
    for (const peer of [x, y]) {
      expect(peer.seen('k')).toEqual({ both: 'v', x: 'v', y: 'v' })
      expect(peer.seen('y-only')).toEqual({ a: 'v' })
    }
    const learned = (peer: Peer) => Object.fromEntries(peer.takeBroadcasts().map((item) => [item.key, item.names]))
    expect(learned(x)).toEqual({ k: ['y'], 'y-only': ['a'] })
    expect(learned(y)).toEqual({ k: ['x'] })
  })

  it('carry a deleted key in their full state', () => {
    const [x, y] = [new Peer(), new Peer()]
    x.write('k', stateOf({ a: 0 }))
    gossip([x, y])
    x.delete('k')
    x.takeBroadcasts()
    pushPull(y, x)
    expect(y.machine.entry('k')?.deleted).toBe(true)
  })
})

describe('three peers', () => {
  it('learn a change over one that passes it on', () => {
    const [x, y, z] = [new Peer(), new Peer(), new Peer()]
    x.write('k', stateOf({ a: 0 }))
    // X reaches only Y, Y only Z.
    for (const item of x.takeBroadcasts()) y.receive(item.payload)
    for (const item of y.takeBroadcasts()) z.receive(item.payload)
    expect(z.seen('k')).toEqual({ a: 'v' })
  })

  it('agree after any edits, any losses and one round of push/pulls', () => {
    const edit = fc.record({
      peer: fc.nat(2),
      name: fc.constantFrom('a', 'b', 'c', 'd'),
      kind: fc.constantFrom('set', 'remove'),
      value: fc.nat(9),
      pass: fc.integer({ min: 0, max: 3 }),
      reaches: fc.array(fc.boolean(), { minLength: 3, maxLength: 3 }),
    })
    fc.assert(
      fc.property(fc.array(edit, { minLength: 1, maxLength: 20 }), (edits) => {
        const peers = [new Peer(), new Peer(), new Peer()] as const
        for (const { peer, name, kind, value, pass, reaches } of edits) {
          const writer = peers[peer]!
          writer.now += pass
          const entry = writer.machine.entry('k')
          const state = (entry?.visible ?? mapType.empty()) as ReturnType<typeof mapType.empty>
          writer.write('k', kind === 'set' ? state.set(name, value) : state.delete(name), entry?.version ?? 0)
          for (const item of writer.takeBroadcasts())
            for (const [i, other] of peers.entries()) if (reaches[i] && other !== writer) other.receive(item.payload)
        }
        const [x, y, z] = peers
        pushPull(x, y)
        pushPull(y, z)
        pushPull(x, z)
        const ends = peers.map((peer) => mapType.toJson((peer.machine.entry('k')?.state ?? mapType.empty()) as never))
        expect(ends[1]).toEqual(ends[0])
        expect(ends[2]).toEqual(ends[0])
      }),
      { numRuns: 100 },
    )
  })

  it('fall silent: no change goes round for ever', () => {
    const peers = [new Peer(), new Peer(), new Peer()]
    peers[0]!.write('k', stateOf({ a: 0 }))
    peers[1]!.write('k', stateOf({ b: 0 }))
    // Each of two changes leaves each peer once at most.
    expect(gossip(peers).length).toBeLessThanOrEqual(6)
  })
})
