// Goal: a node keeps the promises of its README and its doc comments, composed as users get it. Method: whole nodes on
// a network in memory, on real timers with a brisk tuning; what is awaited is a state, never a time.

import { lastWriterMap } from '@hearsay/kv'
import { memoryNetwork } from '@hearsay/transport'
import { describe, expect, it } from 'vitest'
import { createNode, type HearsayNode, NodeError, type NodeOptions } from '../src/index.ts'
import { cluster, failure, soon, start, statuses } from './nodes.ts'

describe('a cluster', () => {
  it('of three that know one seed knows itself', async () => {
    const made = await cluster('a', 'b', 'c')
    for (const node of made) await soon(() => expect(statuses(node)).toEqual({ a: 'alive', b: 'alive', c: 'alive' }))
    expect(made.map(({ joined }) => joined)).toEqual([true, true, true])
  })

  it('spreads what one of them stored, and a newer value after it', async () => {
    const [a, b, c] = await cluster('a', 'b', 'c')
    const flags = lastWriterMap<number>()
    for (const limit of [1, 2]) {
      await a!.kv.update('flags', flags, (state) => state.set('limit', limit))
      for (const node of [b!, c!]) await soon(() => expect(node.kv.get('flags', flags)?.get('limit')).toBe(limit))
    }
  })

  it('has what a seed stored as soon as the join is over', async () => {
    const network = memoryNetwork()
    const a = await start({ name: 'a', transport: network })
    const flags = lastWriterMap<boolean>()
    await a.kv.update('flags', flags, (state) => state.set('on', true))
    const b = await start({ name: 'b', transport: network, join: [a.address] })
    expect(b.kv.get('flags', flags)?.get('on')).toBe(true)
  })

  it('shares a ring: every node finds the same owner, and none once its last instance has left', async () => {
    const [a, b] = await cluster('a', 'b')
    await a!.ring('workers').join({ tokens: 64 })
    await b!.ring('workers').join({ tokens: 64 })
    const owners = (node: HearsayNode) =>
      Array.from({ length: 50 }, (_, job) => node.ring('workers').owner(`job-${job}`)?.instance.id)
    await soon(() => {
      expect(new Set(owners(a!))).toEqual(new Set(['a', 'b']))
      expect(owners(b!)).toEqual(owners(a!))
    })
    expect(a!.rings()).toEqual(['workers'])
    await b!.leave()
    await soon(() => expect(new Set(owners(a!))).toEqual(new Set(['a'])))
    expect(statuses(a!)).toMatchObject({ b: 'left' })
  })

  it('tells messages and membership to listeners until they are taken off', async () => {
    const network = memoryNetwork()
    const a = await start({ name: 'a', transport: network })
    const joined: string[] = []
    const heard: string[] = []
    const onMessage = ({ payload }: { payload: Uint8Array }) => void heard.push(new TextDecoder().decode(payload))
    a.on('member', ({ type, member }) => void (type === 'join' && joined.push(member.name)))
    a.on('message', () => {
      throw new Error('a listener of somebody else')
    })
    a.on('message', onMessage)
    const b = await start({ name: 'b', transport: network, join: [a.address] })
    await b.send('a', new TextEncoder().encode('one'))
    await soon(() => expect(heard).toEqual(['one']))
    a.off('message', onMessage)
    await b.send('a', new TextEncoder().encode('two'))
    await b.kv.update('k', lastWriterMap<number>(), (state) => state.set('x', 1))
    await soon(() => expect(a.kv.entries()).toHaveLength(1))
    expect(heard).toEqual(['one'])
    expect(joined).toContain('b')
  })

  it('keeps the traffic of the store from listeners', async () => {
    const [a, b] = await cluster('a', 'b')
    const heard: unknown[] = []
    b!.on('message', (message) => void heard.push(message))
    await a!.kv.update('k', lastWriterMap<number>(), (state) => state.set('x', 1))
    await soon(() => expect(b!.kv.entries()).toHaveLength(1))
    expect(heard).toEqual([])
  })
})

describe('a start', () => {
  it('without seeds is a cluster of one', async () => {
    const a = await start({ name: 'a', transport: memoryNetwork() })
    expect(a.joined).toBe(true)
    expect(statuses(a)).toEqual({ a: 'alive' })
  })

  it('with a seed that is not there succeeds alone, says why, and joins it when it comes', async () => {
    const network = memoryNetwork()
    const seed = '10.0.0.50:7946'
    const a = await start({ name: 'a', transport: network, join: [seed], rejoinIntervalMs: 20 })
    expect(a.joined).toBe(false)
    expect(a.seeds()).toEqual([{ seed, outcome: 'failed', reason: expect.stringContaining(seed) }])
    await start({ name: 'b', transport: network.transport(seed) })
    await soon(() => expect(statuses(a)).toEqual({ a: 'alive', b: 'alive' }))
    await soon(() => expect(a.joined).toBe(true))
  })

  it('with rejoinIntervalMs 0 tries seeds once', async () => {
    const network = memoryNetwork()
    const seed = '10.0.0.50:7946'
    const a = await start({ name: 'a', transport: network, join: [seed], rejoinIntervalMs: 0 })
    await start({ name: 'b', transport: network.transport(seed) })
    await new Promise((resolve) => setTimeout(resolve, 50))
    expect(statuses(a)).toEqual({ a: 'alive' })
  })

  it('that requires a seed rejects when none answers, with what became of each, and closes what it opened', async () => {
    const network = memoryNetwork()
    const transport = network.transport('10.0.0.1:7946')
    const error = await failure({ name: 'a', transport, join: ['10.0.0.50:7946'], requireJoin: true })
    expect(error).toMatchObject({ code: 'JOIN_FAILED', seeds: [{ seed: '10.0.0.50:7946', outcome: 'failed' }] })
    await start({ name: 'b', transport: network.transport('10.0.0.1:7946') })
  })

  it('names everything wrong with the options at once, by path', async () => {
    const error = await failure({
      name: '',
      label: 'x'.repeat(256),
      bindPort: 70_000,
      profile: 'moon',
      transport: 'carrier pigeon',
      tuning: { probe: { timeoutMs: -1 } },
      typo: true,
    } as unknown as NodeOptions)
    expect(error).toBeInstanceOf(NodeError)
    expect(error.code).toBe('CONFIG_INVALID')
    expect(error.problems.map(({ path }) => path).sort()).toEqual(
      ['bindPort', 'label', 'name', 'profile', 'transport', 'tuning.probe.timeoutMs', 'typo'].sort(),
    )
  })

  it('on a port in use rejects with a sentence that names it', async () => {
    const a = await start({ name: 'a', bindAddress: '127.0.0.1', bindPort: 0 })
    const port = Number(a.address.split(':')[1])
    const error = await failure({ name: 'b', bindAddress: '127.0.0.1', bindPort: port })
    expect(error.message).toContain(String(port))
    expect(error.code).toMatch(/ADDRESS|PORT|IN_USE|LISTEN/)
  })
})

describe('an end', () => {
  it('is announced by leave, found out after close', async () => {
    const [a, b, c] = await cluster('a', 'b', 'c')
    await soon(() => expect(a!.members()).toHaveLength(3))
    await b!.leave()
    await soon(() => expect(statuses(a!).b).toBe('left'))
    await c!.close()
    await soon(() => expect(statuses(a!).c).toBe('dead'))
  })

  it('comes once, however often it is asked for', async () => {
    const [a] = await cluster('a')
    await Promise.all([a!.leave(), a!.leave(), a!.close()])
    await a!.close()
    await expect(a!.send('a', new Uint8Array(1))).rejects.toMatchObject({ code: 'CLOSED' })
  })

  it('frees the address', async () => {
    const network = memoryNetwork()
    for (let round = 0; round < 3; round++) {
      const node = await createNode({ name: 'a', transport: network.transport('10.0.0.1:7946') })
      await node.close()
    }
  })
})

it.each(['udp', 'tcp'] as const)('real sockets over %s: two nodes meet, share a value, and part', async (transport) => {
  const own = { transport, bindAddress: '127.0.0.1', bindPort: 0, label: 'test' } as const
  const a = await start({ name: 'a', ...own })
  const b = await start({ name: 'b', ...own, join: [a.address] })
  const flags = lastWriterMap<string>()
  await b.kv.update('flags', flags, (state) => state.set('who', 'b'))
  await soon(() => expect(a.kv.get('flags', flags)?.get('who')).toBe('b'))
  await b.leave()
  await soon(() => expect(statuses(a)).toMatchObject({ b: 'left' }))
})
