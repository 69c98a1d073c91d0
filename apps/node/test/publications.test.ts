// Goal: what a member publishes is there for everybody as long as the member is, and no longer. Method: nodes on a memory network; one
// leaves, one dies, one is cut off and comes back, one is another process under the same name.

import { memoryNetwork } from '@hearsay/transport'
import { describe, expect, it } from 'vitest'
import { cluster, failure, soon, start, statuses, tuning } from './nodes.ts'

const seen = (node: { published(key: string): ReadonlyMap<string, unknown> }, key = 'load') =>
  Object.fromEntries(node.published(key))

describe('published state', () => {
  it('is there for everybody, larger than metadata and by owner, until it is taken back', async () => {
    const [a, b, c] = (await cluster('a', 'b', 'c')) as [Node, Node, Node]
    const large = { zone: 'eu', shards: Array.from({ length: 2000 }, (_, index) => index) }
    await a.publish('load', large)
    await b.publish('load', 2)
    for (const node of [a, b, c]) await soon(() => expect(seen(node)).toEqual({ a: large, b: 2 }))
    await a.publish('load', 3)
    for (const node of [a, b, c]) await soon(() => expect(seen(node)).toEqual({ a: 3, b: 2 }))
    await b.unpublish('load')
    for (const node of [a, b, c]) await soon(() => expect(seen(node)).toEqual({ a: 3 }))
    expect(seen(c, 'nothing')).toEqual({})
  })

  it('disappears when its owner leaves, and when it dies', async () => {
    const [a, b, c] = (await cluster('a', 'b', 'c')) as [Node, Node, Node]
    await a.publish('load', 1)
    await b.publish('load', 2)
    await soon(() => expect(seen(c)).toEqual({ a: 1, b: 2 }))
    await a.leave()
    await soon(() => expect(seen(c)).toEqual({ b: 2 }))
    await b.close()
    await soon(() => expect(seen(c)).toEqual({}))
    expect(statuses(c)).toMatchObject({ a: 'left', b: 'dead' })
  })

  it('is back when its owner was found dead by mistake', async () => {
    const network = memoryNetwork()
    const a = await start({ name: 'a', transport: network, tuning: { ...tuning, rejoin: { intervalMs: 300 } } })
    const b = await start({
      name: 'b',
      transport: network,
      join: [a.address],
      tuning: { ...tuning, rejoin: { intervalMs: 300 } },
    })
    await a.publish('load', 1)
    await soon(() => expect(seen(b)).toEqual({ a: 1 }))
    network.cut(a.address, b.address)
    network.cut(b.address, a.address)
    await soon(() => expect(statuses(b).a).toBe('dead'))
    expect(seen(b)).toEqual({})
    network.heal()
    await soon(() => expect(seen(b)).toEqual({ a: 1 }))
  })

  it('is told as it changes, members that come and go included', async () => {
    const [a, b] = (await cluster('a', 'b')) as [Node, Node]
    const views: unknown[] = []
    const stop = new AbortController()
    const watching = (async () => {
      for await (const view of b.watchPublished('load', { signal: stop.signal })) views.push(Object.fromEntries(view))
    })()
    await soon(() => expect(views).toEqual([{}]))
    await a.publish('load', 1)
    await soon(() => expect(views).toEqual([{}, { a: 1 }]))
    await a.publish('other', 1)
    await a.publish('load', 2)
    await soon(() => expect(views).toEqual([{}, { a: 1 }, { a: 2 }]))
    await a.close()
    await soon(() => expect(views).toEqual([{}, { a: 1 }, { a: 2 }, {}]))
    stop.abort()
    await watching
    const ended = b.watchPublished('load')
    await ended.next()
    await b.close()
    expect(await ended.next()).toEqual({ done: true, value: undefined })
  })

  it('of a former process disappears with it, also where the next one has the same name', async () => {
    const network = memoryNetwork()
    const other = await start({ name: 'other', transport: network })
    const former = await start({
      name: 'a',
      transport: network.transport({ address: '10.0.9.9:7946' }),
      join: [other.address],
    })
    await former.publish('load', 1)
    await former.publish('zone', 'eu')
    await soon(() => expect(seen(other)).toEqual({ a: 1 }))
    await former.close()
    const next = await start({
      name: 'a',
      transport: network.transport({ address: '10.0.9.9:7946' }),
      join: [other.address],
    })
    await next.publish('zone', 'us')
    await soon(() => expect([seen(other), seen(other, 'zone')]).toEqual([{}, { a: 'us' }]))
    expect(statuses(other).a).toBe('alive')
  })

  it('is refused where only dskit’s values are sent', async () => {
    const node = await start({ name: 'a', profile: 'mimir', transport: memoryNetwork() })
    await expect(node.publish('load', 1)).rejects.toMatchObject({ code: 'CODEC_NOT_SENT' })
    expect(seen(node)).toEqual({})
    expect((await failure({ name: 'b', transport: memoryNetwork(), snapshotIntervalMs: -1 })).problems).toMatchObject([
      { path: 'snapshotIntervalMs' },
    ])
  })
})

type Node = Awaited<ReturnType<typeof start>>
