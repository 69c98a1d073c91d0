// Pairs whose codec, key or value is not what it should be: kv spec 2.7 and checks 9, 10, 12, 13, 59.
import { describe, expect, it } from 'vitest'
import { asUnixMs, decodePair, encodeFullState, encodePair, type KvPair, MAX_FOREIGN_BYTES } from '../src/index.ts'
import { contents, mapType, Peer, stateOf } from './machine-peer.ts'

const pair = (fields: Partial<KvPair>): Uint8Array =>
  encodePair({
    key: 'k',
    value: mapType.encode(stateOf({ a: 1 })),
    codecId: mapType.codecId,
    deleted: false,
    updateTimeMs: asUnixMs(0),
    ...fields,
  })

describe('a pair that cannot be taken', () => {
  it('9. of an unknown codec in a broadcast is counted: nothing stored, kept or queued', () => {
    const peer = new Peer()
    expect(peer.receive(pair({ codecId: 'nobody' }))).toBe('unknown-codec')
    expect(peer.machine.size).toBe(0)
    expect([...peer.machine.foreign()]).toEqual([])
    expect(peer.takeBroadcasts()).toEqual([])
  })

  it('9. of an unknown codec in a full state does not keep the next pair from being stored', () => {
    const peer = new Peer()
    const state = encodeFullState([pair({ key: 'x', codecId: 'nobody' }), pair({})])
    expect(peer.receiveState(state)).toEqual(['unknown-codec', 'stored'])
    expect(peer.seen('k')).toEqual({ a: 'v' })
    expect(peer.takeBroadcasts().map((item) => item.key)).toEqual(['k'])
  })

  it('10. without a key is counted as such', () => {
    const peer = new Peer()
    expect(peer.receive(pair({ key: '' }))).toBe('empty-key')
    expect(peer.machine.size).toBe(0)
  })

  it('whose value does not decode is counted, and the next is taken', () => {
    const peer = new Peer()
    const state = encodeFullState([pair({ key: 'bad', value: Uint8Array.of(0xc1) }), pair({})])
    expect(peer.receiveState(state)).toEqual(['decode-failed', 'stored'])
  })

  it('whose key holds another type is counted, and nothing changes', () => {
    const other = { ...mapType, codecId: 'other' }
    const peer = new Peer({}, [mapType, other])
    peer.receive(pair({}))
    peer.takeBroadcasts()
    expect(peer.receive(pair({ codecId: 'other' }))).toBe('type-mismatch')
    expect(peer.machine.entry('k')?.version).toBe(1)
    expect(peer.takeBroadcasts()).toEqual([])
  })

  it('whose type throws while merging is counted, and nothing changes', () => {
    const broken = {
      ...mapType,
      merge: () => {
        throw new Error('no')
      },
    }
    const peer = new Peer({}, [broken])
    expect(peer.receive(pair({}))).toBe('merge-failed')
    expect(peer.machine.size).toBe(0)
  })
})

describe('an empty value', () => {
  it('12. is the empty protobuf message to its codec, and no change', () => {
    const decoded: number[][] = []
    const snappyMessage = {
      ...mapType,
      codecId: 'ringDesc',
      decode: (bytes: Uint8Array) => {
        decoded.push([...bytes])
        return mapType.empty()
      },
    }
    const peer = new Peer({}, [snappyMessage])
    expect(peer.receive(pair({ codecId: 'ringDesc', value: new Uint8Array(0) }))).toBe('unchanged')
    expect(decoded).toEqual([[0]])
    expect(peer.machine.size).toBe(0)
  })
})

describe('what a type keeps', () => {
  it('13. travels on: the change is encoded by the type that decoded it', () => {
    // A type that remembers, beside its entries, bytes it does not understand.
    type State = { readonly known: ReturnType<typeof mapType.empty>; readonly rest: readonly number[] }
    const keeper = {
      codecId: 'keeper',
      empty: (): State => ({ known: mapType.empty(), rest: [] }),
      encode: (state: State) => Uint8Array.from([state.rest.length, ...state.rest, ...mapType.encode(state.known)]),
      decode: (bytes: Uint8Array): State => ({
        rest: [...bytes.subarray(1, 1 + bytes[0]!)],
        known: mapType.decode(bytes.slice(1 + bytes[0]!)),
      }),
      merge: (state: State, incoming: State, wallNow: ReturnType<typeof asUnixMs>) => {
        const merged = mapType.merge(state.known, incoming.known, wallNow)
        const rest = incoming.rest
        return { state: { known: merged.state, rest }, change: merged.change && { known: merged.change, rest } }
      },
      replace: (state: State) => ({ state, change: undefined }),
      names: (state: State) => mapType.names(state.known),
      dropTombstones: (state: State) => ({ state, removedCount: 0, remainingCount: 0 }),
      toJson: (state: State) => state,
      fromJson: (json: unknown) => json as State,
    }
    const peer = new Peer({}, [keeper])
    const value = keeper.encode({ known: stateOf({ a: 1 }), rest: [7, 8, 9] })
    peer.receive(pair({ codecId: 'keeper', value }))
    const forwarded = keeper.decode(decodePair(peer.takeBroadcasts()[0]!.payload)!.value)
    expect(forwarded.rest).toEqual([7, 8, 9])
    expect(contents(forwarded.known)).toEqual({ a: 'v' })
  })
})

describe('values of undeclared codecs', () => {
  const foreignPair = (key: string, value: Uint8Array, deleted = false) =>
    pair({ key, value, codecId: 'replicaDesc', deleted, updateTimeMs: asUnixMs(deleted ? 1 : 0) })

  it('59. are kept to look at, the last full-state pair of each key, and never passed on', () => {
    const peer = new Peer()
    peer.receiveState(encodeFullState([foreignPair('ha/1', Uint8Array.of(1)), foreignPair('ha/2', Uint8Array.of(2))]))
    peer.receiveState(encodeFullState([foreignPair('ha/1', Uint8Array.of(3), true)]))
    expect(
      [...peer.machine.foreign()].map(({ key, codecId, value, deleted }) => [key, codecId, [...value], deleted]),
    ).toEqual([
      ['ha/2', 'replicaDesc', [2], false],
      ['ha/1', 'replicaDesc', [3], true],
    ])
    expect(peer.takeBroadcasts()).toEqual([])
    expect(peer.machine.fullState()).toHaveLength(0)
    expect(peer.machine.entry('ha/1')).toBeUndefined()
  })

  it('are copied: a kept pair does not hold on to the state it came in', () => {
    const peer = new Peer()
    const state = encodeFullState([foreignPair('x', Uint8Array.of(1, 2, 3))])
    peer.receiveState(state)
    state.fill(0)
    const [kept] = peer.machine.foreign()
    expect(kept?.value).toEqual(Uint8Array.of(1, 2, 3))
    expect(kept?.value.buffer.byteLength).toBe(3)
  })

  it('are bounded in all: the longest unheard of gives way', () => {
    const peer = new Peer()
    const third = new Uint8Array(MAX_FOREIGN_BYTES / 3)
    for (const key of ['a', 'b', 'c']) peer.receiveState(encodeFullState([foreignPair(key, third)]))
    expect([...peer.machine.foreign()].map((kept) => kept.key)).toEqual(['b', 'c'])
    expect(peer.machine.foreignBytes).toBeLessThanOrEqual(MAX_FOREIGN_BYTES)
    peer.receiveState(encodeFullState([foreignPair('d', new Uint8Array(MAX_FOREIGN_BYTES + 1))]))
    expect([...peer.machine.foreign()].map((kept) => kept.key)).toEqual(['b', 'c'])
  })

  it('are counted with their keys: tiny ones meet the bound, too', () => {
    const peer = new Peer()
    const state = encodeFullState(Array.from({ length: 20_000 }, (_, i) => foreignPair(`k${i}`, new Uint8Array(0))))
    peer.receiveState(state)
    expect([...peer.machine.foreign()].length).toBeLessThan(10_000)
    expect(peer.machine.foreignBytes).toBeLessThanOrEqual(MAX_FOREIGN_BYTES)
  })

  it('are forgotten, not replayed, when the codec is declared', () => {
    const peer = new Peer({}, [])
    peer.receiveState(encodeFullState([pair({}), foreignPair('x', Uint8Array.of(1))]))
    const effects = peer.handle({ kind: 'declare', type: mapType })
    expect(effects).toEqual([{ kind: 'declared', codecId: mapType.codecId }])
    expect([...peer.machine.foreign()].map((kept) => kept.key)).toEqual(['x'])
    expect(peer.machine.size).toBe(0)
    expect(peer.handle({ kind: 'declare', type: mapType })).toEqual([])
  })
})
