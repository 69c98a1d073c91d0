// Goal: a cluster of real memberlist members and of ours is one cluster. Method: processes of v0.7.0 on loopback; each
// behaviour is looked at from both sides, for each way of putting packets together that can be configured.

import { describe, expect, it } from 'vitest'
import { MemberlistPeer } from '../src/memberlist-peer.ts'
import { metaOf, ourNode, statusOf } from '../src/our-node.ts'
import { waitFor } from '../src/wait-for.ts'

const fast = { probeIntervalMs: 400, probeTimeoutMs: 150 }
const tuning = { probe: { intervalMs: 400, timeoutMs: 150 } }
const text = (value: string): Uint8Array => new TextEncoder().encode(value)

const ways = [
  { title: 'plain', compression: false, label: '' },
  { title: 'compressed', compression: true, label: '' },
  { title: 'compressed, labelled', compression: true, label: 'prod' },
  { title: 'plain, labelled', compression: false, label: 'prod' },
]

describe.each(ways)('memberlist v0.7.0, $title', ({ compression, label }) => {
  const ours = { profile: 'lan', kvTraffic: false, tuning, label, compression: compression ? 'lzw' : 'none' } as const
  const theirs = { ...fast, compression, label }

  it('hearsay joins Go: each sees the other alive, with its metadata', async () => {
    await using go = await MemberlistPeer.start({ name: 'go-1', meta: 'from go', ...theirs })
    await using node = await ourNode('ts-1', { ...ours, join: [go.address], meta: text('from ts') })
    expect(node.joined).toBe(true)
    expect(statusOf(node, 'go-1')).toBe('alive')
    expect(metaOf(node, 'go-1')).toBe('from go')
    await waitFor('Go lists us', async () =>
      (await go.members()).some(
        ({ name, meta }) => name === 'ts-1' && Buffer.from(meta ?? '', 'base64').toString() === 'from ts',
      ),
    )
    expect(go.complaints()).toEqual([])
  })

  it('Go joins hearsay; a third, Go, member learns of both by gossip', async () => {
    await using node = await ourNode('ts-1', ours)
    await using first = await MemberlistPeer.start({ name: 'go-1', ...theirs })
    await using second = await MemberlistPeer.start({ name: 'go-2', ...theirs })
    expect(await first.join(node.address)).toBe(1)
    expect(await second.join(node.address)).toBe(1)
    await waitFor('we list both', () => statusOf(node, 'go-1') === 'alive' && statusOf(node, 'go-2') === 'alive')
    for (const go of [first, second])
      await waitFor('each Go member lists three', async () => (await go.members()).length === 3)
    expect([...first.complaints(), ...second.complaints()]).toEqual([])
  })

  it('user messages arrive, by packet, by stream and by broadcast, both ways', async () => {
    await using go = await MemberlistPeer.start({ name: 'go-1', ...theirs })
    await using node = await ourNode('ts-1', { ...ours, join: [go.address] })
    const heard: string[] = []
    node.on('message', ({ payload }) => heard.push(Buffer.from(payload).toString('latin1')))
    await waitFor('Go lists us', async () => (await go.members()).length === 2)
    const bytes = Uint8Array.from({ length: 256 }, (_, index) => index)
    await node.send('go-1', text('packet'), { reliable: false })
    await node.send('go-1', bytes)
    node.broadcast(text('broadcast'))
    await go.send('ts-1', text('packet'), 'packet')
    await go.send('ts-1', bytes, 'stream')
    await go.broadcast(text('broadcast'))
    const wanted = ['packet', 'broadcast', Buffer.from(bytes).toString('latin1')]
    await waitFor('all three, there', () => wanted.every((payload) => go.messages().includes(payload)), {
      view: () => go.messages(),
    })
    await waitFor('all three, here', () => wanted.every((payload) => heard.includes(payload)), { view: () => heard })
    expect(go.complaints()).toEqual([])
  })

  it('new metadata is seen on both sides', async () => {
    await using go = await MemberlistPeer.start({ name: 'go-1', ...theirs })
    await using node = await ourNode('ts-1', { ...ours, join: [go.address] })
    await waitFor('Go lists us', async () => (await go.members()).length === 2)
    await node.updateMeta(text('second'))
    await go.updateMeta('zweite')
    await waitFor('Go sees ours', async () =>
      (await go.members()).some(
        ({ name, meta }) => name === 'ts-1' && Buffer.from(meta ?? '', 'base64').toString() === 'second',
      ),
    )
    await waitFor('we see theirs', () => metaOf(node, 'go-1') === 'zweite')
    expect(go.heard('update', 'ts-1')).toBe(true)
  })

  it('a leave is a leave on both sides, not a failure', async () => {
    await using go = await MemberlistPeer.start({ name: 'go-1', ...theirs })
    await using other = await MemberlistPeer.start({ name: 'go-2', ...theirs })
    await using node = await ourNode('ts-1', { ...ours, join: [go.address] })
    await using leaver = await ourNode('ts-2', { ...ours, join: [go.address] })
    await other.join(go.address)
    await waitFor('everybody is there', async () => (await go.members()).length === 4 && node.members().length === 4)
    await other.leave()
    await waitFor('we record left', () => statusOf(node, 'go-2') === 'left', { view: () => node.members() })
    await leaver.leave()
    await waitFor('Go says leave', () => go.heard('leave', 'ts-2'))
    await waitFor('we record left', () => statusOf(node, 'ts-2') === 'left')
    // A failure would have been suspected first, and Go logs that.
    expect(go.complaints()).toEqual([])
    expect(go.events.filter(({ line }) => line?.includes('ts-2') && /suspect|Suspect|failed/.test(line))).toEqual([])
  })

  it('a killed Go process is found dead by us', async () => {
    await using go = await MemberlistPeer.start({ name: 'go-1', ...theirs })
    await using victim = await MemberlistPeer.start({ name: 'go-2', ...theirs })
    await using node = await ourNode('ts-1', { ...ours, join: [go.address, victim.address] })
    await waitFor('everybody is there', async () => (await go.members()).length === 3 && node.members().length === 3)
    await victim.kill()
    await waitFor('we find it dead', () => statusOf(node, 'go-2') === 'dead', { view: () => node.members() })
    await waitFor('Go finds it dead', () => go.heard('leave', 'go-2'))
    expect(statusOf(node, 'go-1')).toBe('alive')
  })

  it('a node of ours that stops without a word is found dead by Go', async () => {
    await using go = await MemberlistPeer.start({ name: 'go-1', ...theirs })
    await using node = await ourNode('ts-1', { ...ours, join: [go.address] })
    const victim = await ourNode('ts-2', { ...ours, join: [go.address] })
    await waitFor('everybody is there', async () => (await go.members()).length === 3 && node.members().length === 3)
    await victim.close()
    await waitFor('Go finds it dead', () => go.heard('leave', 'ts-2'))
    await waitFor('we find it dead', () => statusOf(node, 'ts-2') === 'dead')
  })
})

describe('labels', () => {
  it('another label is refused on both sides, and counted by us', async () => {
    await using go = await MemberlistPeer.start({ name: 'go-1', label: 'prod', ...fast })
    await using node = await ourNode('ts-1', {
      kvTraffic: false,
      label: 'test',
      join: [go.address],
      joinTimeoutMs: 3000,
    })
    expect(node.joined).toBe(false)
    expect(node.seeds()[0]?.outcome).toBe('failed')
    await expect(go.join(node.address)).rejects.toThrow()
    expect(node.metrics().membership.drops['label-mismatch']).toBeGreaterThan(0)
    expect(node.members()).toHaveLength(1)
    expect(await go.members()).toHaveLength(1)
  })
})

describe('a suspected member of ours', () => {
  it('refutes what Go says of it', async () => {
    await using go = await MemberlistPeer.start({ name: 'go-1', ...fast })
    await using other = await MemberlistPeer.start({ name: 'go-2', ...fast })
    await using node = await ourNode('ts-1', { kvTraffic: false, tuning, join: [go.address, other.address] })
    expect(node.joined).toBe(true)
    await waitFor('everybody is there', async () => (await go.members()).length === 3)
    // Five seconds of probing by Go must leave us alive: every probe was answered, every doubt refuted.
    await new Promise((resolve) => setTimeout(resolve, 5000))
    expect((await go.members()).map(({ name }) => name).sort()).toEqual(['go-1', 'go-2', 'ts-1'])
    expect(await go.ask('health')).toBe(0)
    expect(go.complaints()).toEqual([])
  })
})
