// Goal: the application says who may be merged in, and may take its time (membership spec 9.2). Method: join exchanges in both
// roles on one machine, answered, refused, too many, too late.
import type { NodeState } from '@hearsay/wire'
import { describe, expect, it } from 'vitest'
import type { Effect } from '../src/effect.ts'
import { MAX_HELD_MERGES } from '../src/held-merges.ts'
import {
  aliveOf,
  Bench,
  type BenchOptions,
  type EffectOf,
  endpoint,
  reasons,
  settled,
  stateOf,
  streams,
  types,
} from './harness.ts'

const peer = endpoint(99)
const node = (host: number, state = 0, changes: Partial<NodeState> = {}): NodeState => {
  const { address, port, versions } = aliveOf(host, 3)
  return { name: `n${host}`, address, port, meta: Uint8Array.of(host), versions, incarnation: 3, state, ...changes }
}
const asks = (effects: readonly Effect[]): EffectOf<'merge-ask'>[] =>
  effects.filter((effect): effect is EffectOf<'merge-ask'> => effect.kind === 'merge-ask')
const closed = (effects: readonly Effect[]): boolean => effects.some(({ kind }) => kind === 'close-stream')

const asking = (options: BenchOptions = {}): Bench => new Bench({ hooks: { asksBeforeMerge: true }, ...options })
const request = (bench: Bench, join: boolean, nodes: NodeState[], userState = new Uint8Array(0)) =>
  bench.give({ kind: 'stream-request', exchange: -1, from: peer, message: stateOf(nodes, join, userState) })

describe('a join that somebody asks of us', () => {
  it('is answered at once, and merged when the application consents', () => {
    const bench = asking()
    const effects = request(bench, true, [node(2), node(3, 2), node(4, 3)], Uint8Array.of(7))
    expect(closed(effects)).toBe(true)
    expect(types(effects)).toEqual([])
    const [ask] = asks(effects)
    expect(ask).toMatchObject({
      from: peer,
      members: [
        { name: 'n2', address: endpoint(2), status: 'alive', incarnation: 3, meta: Uint8Array.of(2) },
        { name: 'n3', status: 'dead' },
        { name: 'n4', status: 'left' },
      ],
    })
    const merged = bench.give({ kind: 'merge-answer', ask: ask!.ask, accept: true })
    expect(types(merged)).toEqual(['join n2'])
    expect(merged).toContainEqual(
      expect.objectContaining({ kind: 'remote-state', state: Uint8Array.of(7), join: true }),
    )
    // Once.
    expect(bench.give({ kind: 'merge-answer', ask: ask!.ask, accept: true })).toEqual([])
  })

  it('invariant 14: it changes nothing when it is refused, or never answered', () => {
    for (const answered of [true, false]) {
      const bench = asking()
      const before = bench.machine.members()
      const [ask] = asks(request(bench, true, [node(2)], Uint8Array.of(7)))
      const effects = answered ? bench.give({ kind: 'merge-answer', ask: ask!.ask, accept: false }) : []
      expect(effects.map(({ kind }) => kind)).toEqual(answered ? ['ignored'] : [])
      expect(bench.machine.members()).toEqual(before)
    }
  })

  it('is not asked about where it is no join, nor where nobody wants to be asked', () => {
    expect(types(request(asking(), false, [node(2)]))).toEqual(['join n2'])
    expect(types(request(new Bench(), true, [node(2)]))).toEqual(['join n2'])
  })

  it('waits with copies: the caller may reuse its buffers, and so may the application', () => {
    const bench = asking()
    const address = node(2).address!
    const meta = Uint8Array.of(1, 2)
    const userState = Uint8Array.of(7)
    const [ask] = asks(request(bench, true, [node(2, 0, { address, meta })], userState))
    for (const bytes of [address, meta, userState, ask!.members[0]!.meta]) bytes.fill(9)
    const effects = bench.give({ kind: 'merge-answer', ask: ask!.ask, accept: true })
    expect(bench.machine.member('n2')).toMatchObject({ address: endpoint(2), meta: Uint8Array.of(1, 2) })
    expect(effects).toContainEqual(expect.objectContaining({ state: Uint8Array.of(7) }))
  })

  // Also of what will not be merged, as Go does: the application may object to it.
  it('shows every entry, those of unknown states and without an address too', () => {
    const [ask] = asks(request(asking(), true, [node(2, 9), node(3, 0, { address: null }), node(4)]))
    expect(ask!.members.map(({ name, status }) => `${name} ${status}`)).toEqual(['n2 dead', 'n3 alive', 'n4 alive'])
  })

  it('is refused when too many wait, until one is answered', () => {
    const bench = asking()
    const held = Array.from({ length: MAX_HELD_MERGES }, () => asks(request(bench, true, [node(2)]))[0]!)
    expect(new Set(held.map(({ ask }) => ask)).size).toBe(MAX_HELD_MERGES)
    expect(reasons(request(bench, true, [node(2)]))).toEqual(['too-many-merges'])
    bench.give({ kind: 'merge-answer', ask: held[0]!.ask, accept: false })
    expect(asks(request(bench, true, [node(2)]))).toHaveLength(1)
  })
})

describe('a join of ours', () => {
  const joining = (bench: Bench) => {
    bench.give({ kind: 'join', request: 5, addresses: [peer] })
    const [stream] = streams(bench.take())
    const message = stateOf([node(2), node(1, 0, { name: 'me' })], true)
    return bench.give({ kind: 'stream-reply', exchange: stream!.exchange, message })
  }

  it('settles when the application has decided, either way', () => {
    for (const accept of [true, false]) {
      const bench = asking()
      const effects = joining(bench)
      expect(settled(effects)).toEqual([])
      const answer = settled(bench.give({ kind: 'merge-answer', ask: asks(effects)[0]!.ask, accept }))
      expect(answer).toMatchObject([{ type: 'join', seeds: [{ address: peer, ok: accept }] }])
      expect(bench.status('n2')).toBe(accept ? 'alive' : undefined)
    }
  })

  it('fails when too many wait', () => {
    const bench = asking()
    for (let count = 0; count < MAX_HELD_MERGES; count++) request(bench, true, [node(2)])
    expect(settled(joining(bench))).toMatchObject([{ type: 'join', seeds: [{ ok: false }] }])
  })

  it('is not asked about when the versions do not fit: there is nothing to decide', () => {
    const versions = { ...aliveOf(2, 1).versions!, protocolMin: 4, protocolMax: 5, protocolCurrent: 5 }
    for (const lenientVersions of [true, false]) {
      const bench = asking({ policy: { lenientVersions } })
      const effects = request(bench, true, [node(2, 0, { versions })])
      expect(asks(effects)).toEqual([])
      expect(reasons(effects)).toEqual(['versions-disagree'])
    }
  })

  it('comes to nothing once we have stopped', () => {
    const bench = asking()
    const [ask] = asks(joining(bench))
    bench.give({ kind: 'stop' })
    expect(bench.give({ kind: 'merge-answer', ask: ask!.ask, accept: true })).toEqual([])
  })
})
