// Goal: dskit processes and ours share hash rings, by differences and by full states, each alone. Method: real dskit
// stores over their own TCP transport; what travelled is read off dskit's own counters.

import type { HearsayNode } from '@hearsay/node'
import { ringDesc } from '@hearsay/ring'
import { describe, expect, it } from 'vitest'
import { DskitPeer } from '../src/dskit-peer.ts'
import { ourNode, statusOf } from '../src/our-node.ts'
import { waitFor } from '../src/wait-for.ts'

const key = 'collectors/ring'
const far = 3_600_000

const ours = (options: Parameters<typeof ourNode>[1] = {}): Parameters<typeof ourNode>[1] => ({
  profile: 'mimir',
  ...options,
})
const instanceOf = (node: HearsayNode, id: string) =>
  node
    .ring(key)
    .instances()
    .find((instance) => instance.id === id)

describe('dskit', () => {
  it('each side joins the other and lists it', async () => {
    await using go = await DskitPeer.start('go-1')
    await using node = await ourNode('ts-1', ours({ join: [go.address] }))
    expect(statusOf(node, 'go-1')).toBe('alive')
    await using second = await DskitPeer.start('go-2')
    expect(await second.join(node.address)).toBe(1)
    await waitFor('we list both', () => statusOf(node, 'go-2') === 'alive')
    await waitFor('dskit counts three', async () => (await go.metric('cluster_members_count')) === 3)
    expect([...go.complaints(), ...second.complaints()]).toEqual([])
  })

  it.each([{ label: '' }, { label: 'prod' }])(
    'differences travel both ways with push/pull off (label "$label")',
    async ({ label }) => {
      await using go = await DskitPeer.start('go-1', { 'pullpush-interval': '0s', 'cluster-label': label })
      await using node = await ourNode(
        'ts-1',
        ours({ join: [go.address], label, tuning: { pushPull: { intervalMs: 0 } } }),
      )
      await waitFor('dskit counts two', async () => (await go.metric('cluster_members_count')) === 2)
      const pushes = await go.metric('state_pushes_total')
      await go.register(key, 'ingester-go', [1, 2, 3_000_000_000], { zone: 'zone-a' })
      const seen = await waitFor('we show what dskit registered', () => instanceOf(node, 'ingester-go'))
      expect({ address: seen.address, zone: seen.zone, state: seen.state, tokens: [...seen.tokens] }).toEqual({
        address: '127.0.0.1:9095',
        zone: 'zone-a',
        state: 'ACTIVE',
        tokens: [1, 2, 3_000_000_000],
      })
      await node
        .ring(key, { instanceId: 'ingester-ts', address: '127.0.0.1:9096', zone: 'zone-b' })
        .join({ tokens: 16 })
      const entry = await waitFor('dskit shows what we registered', async () => (await go.ring(key))?.['ingester-ts'])
      expect(entry).toMatchObject({ addr: '127.0.0.1:9096', zone: 'zone-b', state: 'ACTIVE' })
      expect(entry.tokens).toEqual([...instanceOf(node, 'ingester-ts')!.tokens])
      await go.setState(key, 'ingester-go', 'LEAVING')
      await waitFor('we show the new state', () => instanceOf(node, 'ingester-go')?.state === 'LEAVING')
      await go.unregister(key, 'ingester-go')
      await waitFor('we show that it is gone', () => instanceOf(node, 'ingester-go') === undefined)
      expect(await go.metric('state_pushes_total'), 'no full state came after the join').toBe(pushes)
      expect(await go.metric('received_broadcasts_total')).toBeGreaterThan(0)
      expect(await go.metric('received_broadcasts_invalid_total')).toBe(0)
      expect(go.complaints()).toEqual([])
    },
  )

  it('full states travel both ways with gossip too slow to matter', async () => {
    await using go = await DskitPeer.start('go-1', { 'gossip-interval': `${far}ms`, 'pullpush-interval': '500ms' })
    // Broadcasts also ride on probes, dskit's every 5 s: ours are off, and what dskit counted tells whether any came.
    const tuning = { gossip: { intervalMs: 0 }, pushPull: { intervalMs: 500 }, probe: { intervalMs: 0 } }
    await using node = await ourNode('ts-1', ours({ join: [go.address], tuning }))
    await waitFor('dskit counts two', async () => (await go.metric('cluster_members_count')) === 2)
    // dskit probes every 5 s whatever one configures, and our ack may carry a waiting change: such a window proves
    // nothing about full states, so another one is taken.
    for (let attempt = 1; ; attempt++) {
      const before = {
        broadcasts: await go.metric('received_broadcasts_total'),
        pushes: await go.metric('state_pushes_total'),
      }
      const [mine, theirs] = [`ts-${attempt}`, `go-${attempt}`]
      await node.ring(key, { instanceId: mine, address: '127.0.0.1:9096' }).join({ tokens: 8 })
      await waitFor('dskit shows what we registered', async () => (await go.ring(key))?.[mine], { timeoutMs: 10_000 })
      await go.register(key, theirs, [7 + attempt])
      await waitFor('we show what dskit registered', () => instanceOf(node, theirs), { timeoutMs: 10_000 })
      expect(await go.metric('state_pushes_total')).toBeGreaterThan(before.pushes)
      const received = (await go.metric('received_broadcasts_total')) - before.broadcasts
      if (received === 0 && node.metrics().kv.receivedBroadcasts === 0) break
      expect(attempt, 'windows in which a probe carried a change').toBeLessThan(5)
    }
    expect(go.complaints()).toEqual([])
  })

  it('changes made on both sides at once end as one value on both', async () => {
    await using go = await DskitPeer.start('go-1', { 'pullpush-interval': '1s' })
    await using node = await ourNode('ts-1', ours({ join: [go.address], tuning: { pushPull: { intervalMs: 1000 } } }))
    await waitFor('dskit counts two', async () => (await go.metric('cluster_members_count')) === 2)
    const fromJson = (ingesters: object) => ringDesc.fromJson({ ingesters })
    const entry = (id: string, token: number) => ({
      [id]: {
        addr: `${id}:1`,
        timestamp: Math.floor(Date.now() / 1000),
        state: 'ACTIVE',
        tokens: [token],
        zone: '',
        registered_timestamp: 1,
      },
    })
    const writes: Promise<unknown>[] = []
    for (let index = 0; index < 10; index++) {
      writes.push(go.register(key, `go-${index}`, [1000 + index]))
      writes.push(node.kv.mergeIn(key, ringDesc, fromJson(entry(`ts-${index}`, 2000 + index))))
    }
    await Promise.all(writes)
    const wanted = Array.from({ length: 10 }, (_, index) => [`go-${index}`, `ts-${index}`])
      .flat()
      .sort()
    await waitFor('both have all twenty', async () => {
      const theirs = Object.keys((await go.ring(key)) ?? {}).sort()
      const mine = node
        .ring(key)
        .instances()
        .map(({ id }) => id)
        .sort()
      return theirs.join() === wanted.join() && mine.join() === wanted.join()
    })
    const theirs = (await go.ring(key))!
    const mine = ringDesc.toJson(node.kv.get(key, ringDesc)!).ingesters
    for (const id of wanted)
      expect(
        { addr: mine[id]?.addr, timestamp: mine[id]?.timestamp, state: mine[id]?.state, tokens: mine[id]?.tokens },
        id,
      ).toEqual({
        addr: theirs[id]?.addr,
        timestamp: theirs[id]?.timestamp,
        state: theirs[id]?.state,
        tokens: theirs[id]?.tokens,
      })
    expect(go.complaints()).toEqual([])
  })

  it('our leave takes our instance out of their ring', async () => {
    await using go = await DskitPeer.start('go-1')
    const node = await ourNode('ts-1', ours({ join: [go.address] }))
    await node.ring(key, { instanceId: 'ingester-ts' }).join({ tokens: 8 })
    await waitFor('dskit shows us', async () => (await go.ring(key))?.['ingester-ts'])
    await node.leave()
    await waitFor('dskit shows that we are gone', async () => (await go.ring(key))?.['ingester-ts'] === undefined)
    await waitFor('dskit counts one', async () => (await go.metric('cluster_members_count')) === 1)
    expect(go.complaints()).toEqual([])
  })
})
