// Goal: leaving tells what is untold, takes the instance out of its rings, never waits for nobody, and always ends closed.

import { lastWriterMap } from '@hearsay/kv'
import { RingError } from '@hearsay/ring'
import { memoryNetwork } from '@hearsay/transport'
import { describe, expect, it } from 'vitest'
import { cluster, soon, start, statuses } from './nodes.ts'

const numbers = lastWriterMap<number>()
/** Nothing goes out by itself: neither gossip, nor probes, nor states. */
const mute = { probe: { intervalMs: 0 }, gossip: { intervalMs: 0 }, pushPull: { intervalMs: 0 } }

describe('leaving', { timeout: 8_000 }, () => {
  it('tells others the last change, then says good-bye', async () => {
    const network = memoryNetwork()
    const gossipOnly = { ...mute, gossip: { intervalMs: 10 } }
    const a = await start({ name: 'a', transport: network, tuning: gossipOnly })
    const b = await start({ name: 'b', transport: network, tuning: gossipOnly, join: [a.address] })
    const events: string[] = []
    b.on('member', ({ type, member }) => void events.push(`${type} ${member.name}`))
    // More than one packet holds.
    for (let key = 0; key < 200; key++)
      await a.kv.update(`k${key}`, numbers, (state) => state.set('x'.repeat(200), key))
    await a.leave()
    await soon(() => expect(events).toContain('leave a'))
    expect(b.kv.entries()).toHaveLength(200)
  })

  it('takes the instance out of its ring everywhere', async () => {
    const [a, b, c] = await cluster('a', 'b', 'c')
    for (const node of [a!, b!, c!]) await node.ring('workers').join({ tokens: 8 })
    const ids = (node: typeof a) =>
      node!
        .ring('workers')
        .instances()
        .map(({ id }) => id)
    for (const node of [a, b, c]) await soon(() => expect(ids(node)).toEqual(['a', 'b', 'c']))
    await b!.leave()
    for (const node of [a, c]) await soon(() => expect(ids(node)).toEqual(['a', 'c']))
  })

  it('does not wait for anybody when nobody is there', async () => {
    const a = await start({ name: 'a', transport: memoryNetwork() })
    await a.kv.update('k', numbers, (state) => state.set('x', 1))
    expect(a.metrics().membership.queued.local?.items).toBe(1)
    await a.leave()
  })

  it('is cut short by close', async () => {
    const network = memoryNetwork()
    const a = await start({ name: 'a', transport: network, tuning: mute })
    await start({ name: 'b', transport: network, tuning: mute, join: [a.address] })
    await a.kv.update('k', numbers, (state) => state.set('x', 1))
    expect(a.metrics().membership.queued.local?.items).toBe(1)
    const leaving = a.leave()
    await new Promise((resolve) => setTimeout(resolve, 20))
    await a.close()
    await leaving
  })

  it('says good-bye and closes even when a ring cannot be left, and tells of it', async () => {
    const network = memoryNetwork()
    const a = await start({ name: 'a', transport: network.transport('10.0.0.1:7946') })
    const b = await start({ name: 'b', transport: network, join: [a.address] })
    // A ring gives up after ten attempts, a second apart: here at once.
    a.ring('workers').leave = () => Promise.reject(new RingError('LEAVE_FAILED', 'a was not removed from workers'))
    await expect(a.leave()).rejects.toMatchObject({ name: 'RingError', code: 'LEAVE_FAILED' })
    await soon(() => expect(statuses(b).a).toBe('left'))
    await start({ name: 'c', transport: network.transport('10.0.0.1:7946') })
  })
})

it('heartbeats of one node are seen by another', async () => {
  const [a, b] = await cluster('a', 'b')
  await a!.ring('workers', { heartbeatPeriodMs: 100 }).join({ tokens: 8 })
  const seen = () => b!.ring('workers').instances()[0]?.heartbeatAtMs ?? 0
  await soon(() => expect(seen()).toBeGreaterThan(0))
  const first = seen()
  // Heartbeats are whole seconds.
  await soon(() => expect(seen()).toBeGreaterThan(first))
})
