// Goal: what `node.ring(key)` returns: joining, reading, watching and leaving, on virtual time, with two members that
// share a store.
import { describe, expect, it } from 'vitest'
import { fnv1a32, InstanceState, Ring, RingDesc, type RingOptions, RingView, ringDesc } from '../src/index.ts'
import { I } from './rings.ts'
import { settle, VirtualStore, VirtualSystem } from './virtual-store.ts'

const world = () => {
  const system = new VirtualSystem()
  const store = new VirtualStore(system)
  const member = (id: string, options: Partial<RingOptions> = {}): Ring =>
    new Ring({ key: 'workers', store, instance: { id, address: `${id}:1` }, system, ...options })
  return { system, store, member }
}
const code = (expected: string) => expect.objectContaining({ code: expected })

describe('a ring', () => {
  it('can be read by whoever takes no part', async () => {
    const { member } = world()
    const reader = member('r')
    expect(reader.owner('job')).toBeUndefined()
    expect(reader.instances()).toEqual([])
    await member('a').join()
    expect(reader.owner('job')).toMatchObject({ instance: { id: 'a' }, isLocal: false })
    expect(reader.isJoined).toBe(false)
  })

  it('has one owner for each key, whoever asks', async () => {
    const { member } = world()
    const [a, b] = [member('a'), member('b')]
    await Promise.all([a.join({ tokens: 64 }), b.join({ tokens: 64 })])
    const owned = { a: 0, b: 0 }
    for (let key = 0; key < 100; key++) {
      const [seenByA, seenByB] = [a.owner(`job-${key}`)!, b.owner(`job-${key}`)!]
      expect(seenByA.instance.id).toBe(seenByB.instance.id)
      expect(seenByA.isLocal).toBe(seenByA.instance.id === 'a')
      expect(seenByB.isLocal).toBe(seenByB.instance.id === 'b')
      expect(seenByA.replicas.map(({ id }) => id).sort()).toEqual(['a', 'b'])
      expect(seenByA.instance.id).toBe(a.view().owner(fnv1a32(`job-${key}`))!.instance.id)
      owned[seenByA.instance.id as 'a' | 'b']++
    }
    expect(Math.min(owned.a, owned.b)).toBeGreaterThan(10)
    expect(a.hash()).toBe(b.hash())
  })

  it('finds replicas with a quorum, or says what is missing', async () => {
    const { member } = world()
    const [a, b] = [member('a'), member('b')]
    expect(() => a.replicas('k')).toThrow(code('EMPTY_RING'))
    await a.join()
    expect(() => a.replicas('k')).toThrow(code('NOT_ENOUGH_REPLICAS'))
    await b.join()
    expect(a.replicas('k', { op: 'read' })).toMatchObject({ maxErrors: 0 })
    expect(a.replicas(5, { op: 0x0000ffff }).instances).toHaveLength(2)
    expect(() => a.replicas('k', { replicationFactor: 9 })).toThrow(code('REPLICATION_FACTOR_UNSUPPORTED'))
  })

  it('gives the work of a silent member to the next one', async () => {
    const { member, system } = world()
    const [a, b] = [member('a'), member('b')]
    await Promise.all([a.join(), b.join()])
    const key = Array.from({ length: 100 }, (_, index) => `k${index}`).find((k) => a.owner(k)!.instance.id === 'b')!
    await b.close()
    await system.advance(60_000)
    expect(a.owner(key)!.instance.id).toBe('b')
    await system.advance(1)
    expect(a.owner(key)).toMatchObject({ instance: { id: 'a' }, isLocal: true })
    expect(a.view().owner(key)!.instance.id).toBe('b')
  })

  it('keeps one view while nothing changes', async () => {
    const { member, system, store } = world()
    const a = member('a')
    await a.join()
    const before = a.view()
    await system.advance(1000)
    expect(a.view()).toBe(before)
    store.receive(RingDesc.of([['b', I(2_000_000)]]))
    expect(a.view()).not.toBe(before)
  })
})

describe('joining', () => {
  it('can be asked for once only, until it was left', async () => {
    const { member } = world()
    const a = member('a')
    const joining = a.join()
    await expect(a.join()).rejects.toEqual(code('ALREADY_JOINED'))
    await joining
    expect(a.isJoined).toBe(true)
    await expect(a.join()).rejects.toEqual(code('ALREADY_JOINED'))
    await a.leave()
    expect(a.isJoined).toBe(false)
  })

  it('again within the second of leaving is possible', async () => {
    const { member, system } = world()
    const a = member('a')
    await a.join()
    await a.leave()
    const joining = a.join()
    await system.advance(0)
    await joining
    expect(a.instances().map(({ id }) => id)).toEqual(['a'])
  })

  it('beats the heart every period', async () => {
    const { member, system, store } = world()
    await member('a', { heartbeatPeriodMs: 10_000 }).join()
    await system.advance(35_000)
    expect(store.ring.get('a')!.timestamp).toBe(1_000_000 + 30)
  })

  it('without tokens is a member that owns nothing', async () => {
    const { member } = world()
    const a = member('a')
    await a.join({ tokens: 0, state: 'PENDING' })
    expect(a.instances()).toMatchObject([{ id: 'a', state: 'PENDING' }])
    expect(a.owner('k')).toBeUndefined()
  })

  it('fails when the store does not take it, and can be tried again', async () => {
    const { member, system, store } = world()
    const a = member('a')
    store.failure = new Error('full')
    const joining = expect(a.join()).rejects.toEqual(
      expect.objectContaining({ code: 'JOIN_FAILED', cause: store.failure }),
    )
    await system.advance(10_000)
    await joining
    store.failure = undefined
    await a.join()
    expect(a.isJoined).toBe(true)
  })

  it.each([{ tokens: -1 }, { tokens: 1.5 }, { tokens: 65_537 }, { state: 'LEFT' }, { state: 'x' }])(
    'refuses %j',
    async (options) => {
      await expect(
        world()
          .member('a')
          .join(options as object),
      ).rejects.toEqual(code('OPTION_INVALID'))
    },
  )

  it('tells the logger when tokens went to another instance', async () => {
    const { member, system, store } = world()
    const warnings: unknown[] = []
    await member('b', { logger: { warn: (_message, fields) => warnings.push(fields) } }).join({ tokens: 2 })
    store.receive(RingDesc.of([['a', I(1_000_000, 'ACTIVE', [...store.ring.get('b')!.tokens])]]))
    await system.advance(15_000)
    expect(warnings).toEqual([{ ring: 'workers', count: 2 }])
    expect(store.ring.get('b')!.tokens).toHaveLength(2)
  })
})

describe('leaving', () => {
  it('removes the entry for everybody and stops the heart', async () => {
    const { member, system, store } = world()
    const [a, b] = [member('a'), member('b')]
    await Promise.all([a.join(), b.join()])
    await a.leave()
    expect(store.ring.get('a')!.state).toBe(InstanceState.LEFT)
    expect(b.instances().map(({ id }) => id)).toEqual(['b'])
    const tombstone = store.ring.get('a')
    await system.advance(60_000)
    expect(store.ring.get('a')).toBe(tombstone)
  })

  it('of who takes no part is nothing; twice is once', async () => {
    const { member } = world()
    const a = member('a')
    await a.leave()
    await a.join()
    await Promise.all([a.leave(), a.leave()])
    expect(a.instances()).toEqual([])
  })

  it('before the join was done rejects the join', async () => {
    const { member, system, store } = world()
    const a = member('a')
    store.failure = new Error('not yet')
    const joining = expect(a.join()).rejects.toEqual(code('NOT_JOINED'))
    await settle()
    store.failure = undefined
    const leaving = a.leave()
    await system.advance(1000)
    await Promise.all([joining, leaving])
    expect(a.instances()).toEqual([])
  })

  it('that the store does not take is an error', async () => {
    const { member, system, store } = world()
    const a = member('a')
    await a.join()
    store.failure = new Error('gone')
    const leaving = expect(a.leave()).rejects.toEqual(code('LEAVE_FAILED'))
    await system.advance(20_000)
    await leaving
  })
})

describe('changes', () => {
  it('tell who joined, changed and left; heartbeats are none', async () => {
    const { member, system, store } = world()
    const [a, b] = [member('a'), member('b')]
    await a.join()
    const stop = new AbortController()
    const seen: unknown[] = []
    const watching = (async () => {
      for await (const { joined, left, changed, view } of a.changes({ signal: stop.signal })) {
        expect(view).toBeInstanceOf(RingView)
        seen.push({ joined, left, changed })
      }
    })()
    await system.advance(40_000)
    expect(seen).toEqual([])
    await b.join()
    await settle()
    store.receive(store.ring.with([['b', store.ring.get('b')!.with({ timestamp: 1_000_041, zone: 'z' })]]))
    await settle()
    await a.leave()
    await settle()
    stop.abort()
    await watching
    expect(seen[0]).toEqual({ joined: ['b'], left: [], changed: [] })
    expect(seen[1]).toEqual({ joined: [], left: [], changed: ['b'] })
    expect(seen.at(-1)).toEqual({ joined: [], left: ['a'], changed: [] })
  })

  it('miss nothing between the call and the first wait', async () => {
    const { member } = world()
    const a = member('a')
    const changes = a.changes()
    await a.join()
    expect((await changes.next()).value).toMatchObject({ joined: ['a'] })
  })

  it('end when the ring is closed', async () => {
    const { member } = world()
    const a = member('a')
    const next = a.changes().next()
    await a.close()
    expect(await next).toMatchObject({ done: true })
  })
})

describe('closing', () => {
  it('stops the heart without leaving, and refuses to go on', async () => {
    const { member, system, store } = world()
    const a = member('a')
    await a.join()
    await a[Symbol.asyncDispose]()
    await a.close()
    const entry = store.ring.get('a')
    await system.advance(60_000)
    expect(store.ring.get('a')).toBe(entry)
    expect(system.armed).toBe(0)
    await expect(a.join()).rejects.toEqual(code('CLOSED'))
    expect(() => a.changes()).toThrow(code('CLOSED'))
    expect(a.instances()).toHaveLength(1)
  })

  it('rejects who waits', async () => {
    const { member, store } = world()
    const a = member('a')
    store.failure = new Error('never')
    const joining = expect(a.join()).rejects.toEqual(code('CLOSED'))
    await a.close()
    await joining
  })
})

describe('options', () => {
  it.each([
    { key: '' },
    { instance: { id: '', address: 'x' } },
    { heartbeatPeriodMs: 0 },
    { replicationFactor: 0 },
    { heartbeatTimeoutMs: -1 },
  ])('refuses %j', (options) => {
    expect(() => world().member('a', options)).toThrow(code('OPTION_INVALID'))
  })

  it('declares the type of rings to a store that wants to be told', () => {
    const { store, system } = world()
    const declared: unknown[] = []
    const declaring = Object.assign(store, { declare: (type: unknown) => void declared.push(type) })
    new Ring({ key: 'k', store: declaring, instance: { id: 'a', address: 'a:1' }, system })
    expect(declared).toEqual([ringDesc])
  })
})
