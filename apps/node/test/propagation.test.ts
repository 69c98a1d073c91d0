// Goal: `whenPropagated` says that members have a value when they have, and only then. Method: nodes on a memory network; one of them
// hears nothing for a while, one knows nothing of the value's codec.

import { KvError, lastWriterMap, orSet } from '@hearsay/kv'
import { memoryNetwork } from '@hearsay/transport'
import { describe, expect, it } from 'vitest'
import { cluster, soon, start, statuses, tuning } from './nodes.ts'

const reached = (error: unknown) => (error as KvError).reached

describe('whenPropagated', () => {
  it('resolves once every other member has the value', async () => {
    const [a, b, c] = (await cluster('a', 'b', 'c')) as [Node, Node, Node]
    const { change } = await a.kv.update('k', orSet, (set) => set.add('eu'))
    const { proven, unproven } = await a.kv.whenPropagated('k', { change })
    expect([[...proven].sort(), unproven]).toEqual([['b', 'c'], []])
    for (const node of [b, c]) expect([...node.kv.get('k', orSet)!]).toEqual(['eu'])
    await a.kv.delete('k')
    await a.kv.whenPropagated('k')
    for (const node of [b, c]) expect(node.kv.entry('k')?.deleted).toBe(true)
  })

  it('resolves by exchanges alone where gossip is off, and by gossip alone where exchanges are', async () => {
    for (const only of [{ gossip: { intervalMs: 0 } }, { pushPull: { intervalMs: 0 } }]) {
      const network = memoryNetwork()
      const options = { transport: network, tuning: { ...tuning, ...only } }
      const a = await start({ name: 'a', ...options })
      const b = await start({ name: 'b', ...options, join: [a.address] })
      await soon(() => expect(a.members()).toHaveLength(2))
      await a.kv.update('k', lastWriterMap, (map) => map.set('x', 1))
      const exchange = !('pushPull' in only)
      expect(await a.kv.whenPropagated('k', { exchange })).toEqual({ proven: ['b'], unproven: [] })
      expect(b.kv.get('k', lastWriterMap)!.get('x')).toBe(1)
    }
  })

  it('does not resolve while a member hears nothing, and says who has it when it is called off', async () => {
    const network = memoryNetwork()
    const slow = { ...tuning, suspicion: { multiplier: 60 } }
    const a = await start({ name: 'a', transport: network, tuning: slow })
    const b = await start({ name: 'b', transport: network, tuning: slow, join: [a.address] })
    const c = await start({ name: 'c', transport: network, tuning: slow, join: [a.address] })
    await soon(() => expect(b.members()).toHaveLength(3))
    for (const other of [a, b]) {
      network.cut(other.address, c.address, 'both')
    }
    await a.kv.update('k', orSet, (set) => set.add('eu'))
    const stop = new AbortController()
    const waiting = a.kv.whenPropagated('k', { signal: stop.signal }).catch((error: unknown) => error)
    expect(await a.kv.whenPropagated('k', { fraction: 0.5 })).toEqual({ proven: ['b'], unproven: ['c'] })
    await new Promise((resolve) => setTimeout(resolve, 800))
    expect(statuses(a).c).not.toBe('dead')
    stop.abort()
    const error = await waiting
    expect(error).toBeInstanceOf(KvError)
    expect(reached(error)).toEqual({ proven: ['b'], unproven: ['c'] })
    network.heal()
    expect((await a.kv.whenPropagated('k')).proven).toHaveLength(2)
    expect([...c.kv.get('k', orSet)!]).toEqual(['eu'])
  })
})

type Node = Awaited<ReturnType<typeof start>>
