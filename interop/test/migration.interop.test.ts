// Goal: encryption and a label are switched on in a running cluster without losing anybody. Method: two processes and two
// nodes, restarted one after the other with the settings of each step; in between, old and new settings live together.

import { lan, Memberlist } from '@hearsay/membership'
import { udpTcpTransport } from '@hearsay/transport'
import { Keyring } from '@hearsay/wire'
import { beforeAll, describe, expect, it } from 'vitest'
import { buildMemberlistPeers, MemberlistPeer } from '../src/memberlist-peer.ts'
import { ourNode } from '../src/our-node.ts'
import { RollingCluster, type Settings } from '../src/rolling.ts'
import { TappedTransport } from '../src/tapped-transport.ts'
import { waitFor } from '../src/wait-for.ts'

const key = Uint8Array.from({ length: 32 }, (_, index) => 9 * index + 4)

beforeAll(() => buildMemberlistPeers('v0.7.0', 'grafana'))

describe('encryption is switched on', () => {
  const plain: Settings = { go: {}, ours: {} }
  const switched = (verifyIncoming: boolean, verifyOutgoing: boolean): Settings => ({
    go: { secretKeys: [key], verifyIncoming, verifyOutgoing },
    ours: { encryptionKeys: [key], gossipVerifyIncoming: verifyIncoming, gossipVerifyOutgoing: verifyOutgoing },
  })

  it('keys, then what is sent, then what is received: nobody is lost', async () => {
    await using cluster = await RollingCluster.form(plain)
    expect(await cluster.roll(switched(false, false)), 'keys are installed').toEqual([])
    expect(await cluster.roll(switched(false, true)), 'what is sent is encrypted').toEqual([])
    expect(await cluster.roll(switched(true, true)), 'plaintext is refused').toEqual([])

    await using stranger = await MemberlistPeer.start({ name: 'go-3' })
    await expect(stranger.join(cluster.address)).rejects.toThrow()
  })
})

describe('a member of ours that is not restarted', () => {
  it('takes keys and both switches while it runs', async () => {
    const tap = new TappedTransport(udpTcpTransport({ bindAddress: '127.0.0.1', bindPort: 0 }))
    const encryption = { keyring: new Keyring(), verifyIncoming: false, verifyOutgoing: false }
    const quick = { ...lan, probe: { ...lan.probe, intervalMs: 200, timeoutMs: 150 } }
    const ours = new Memberlist({ name: 'ts-1', transport: tap, tuning: quick, encryption, compression: 'none' })
    // It reads everything and sends plaintext throughout.
    await using go = await MemberlistPeer.start({
      name: 'go-1',
      secretKeys: [key],
      verifyIncoming: false,
      verifyOutgoing: false,
      probeIntervalMs: 200,
      probeTimeoutMs: 150,
    })
    await ours.start()
    try {
      // Encryption version 1. A relayed ping begins with the same byte, but there is no third member to relay.
      const encrypted = (): number => tap.sent.filter(([first]) => first === 1).length
      const acks = (): number => ours.metrics().messagesIn.ack ?? 0
      const moreAcks = async (): Promise<void> => {
        const before = acks()
        await waitFor('Go answers', () => acks() >= before + 3)
      }
      expect((await ours.join([go.address])).joinedCount).toBe(1)
      ours.keyring.add(key)
      await moreAcks()
      expect(encrypted()).toBe(0)
      encryption.verifyOutgoing = true
      await moreAcks()
      expect(encrypted()).toBeGreaterThanOrEqual(3)
      expect(ours.metrics().drops).toEqual({})
      expect(go.complaints()).toEqual([])
      encryption.verifyIncoming = true
      await waitFor('plaintext is refused', () => (ours.metrics().drops['not-encrypted'] ?? 0) >= 3)
    } finally {
      await ours.close()
    }
  })
})

describe('a label is switched on', () => {
  // memberlist itself cannot: its option to skip the check refuses every label (wire spec 6.1). The fork accepts any.
  const step = (label: string, accept: 'any' | 'own'): Settings => ({
    go: { version: 'grafana', label, skipInboundLabelCheck: accept === 'any' },
    ours: { label, labelMode: accept === 'any' ? 'ignore' : 'strict' },
  })

  it('any is accepted, then ours is sent, then others are refused: nobody is lost', async () => {
    await using cluster = await RollingCluster.form(step('', 'own'))
    expect(await cluster.roll(step('', 'any')), 'any is accepted').toEqual([])
    expect(await cluster.roll(step('prod', 'any')), 'ours is sent').toEqual([])
    expect(await cluster.roll(step('prod', 'own')), 'others are refused').toEqual([])

    await using stranger = await MemberlistPeer.start({ name: 'go-3' })
    await expect(stranger.join(cluster.address)).rejects.toThrow()
  })
})

describe('a member behind a proxy that strips labels', () => {
  it('is how memberlist means it: it refuses a label of ours that is still there, as we refuse its', async () => {
    await using go = await MemberlistPeer.start({ name: 'go-1', label: 'prod', skipInboundLabelCheck: true })
    await using node = await ourNode('ts-1', { kvTraffic: false, label: 'prod', labelMode: 'stripped-by-proxy' })
    const { joinedCount } = await node.join([go.address])
    expect(joinedCount).toBe(0)
    await waitFor('Go says why', () => go.logged(/double stream label header/).length > 0)
    await expect(go.join(node.address)).rejects.toThrow()
    expect(node.metrics().membership.drops['label-mismatch']).toBeGreaterThan(0)
  })
})
