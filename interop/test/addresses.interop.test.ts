// Goal: addresses and names in every form that memberlist uses. Method: real processes whose addresses or names have that
// form, looked at from both sides, and by a third Go member that learned of them from us.

import { networkInterfaces } from 'node:os'
import { udpTcpTransport } from '@hearsay/transport'
import { describe, expect, it } from 'vitest'
import { MemberlistPeer } from '../src/memberlist-peer.ts'
import { aliveIn, hearing, metaOf, ourNode, statusOf } from '../src/our-node.ts'
import { TappedTransport } from '../src/tapped-transport.ts'
import { waitFor } from '../src/wait-for.ts'

const times = { gossipIntervalMs: 50, probeIntervalMs: 400, probeTimeoutMs: 300, pushPullIntervalMs: 500 }
const tuning = {
  gossip: { intervalMs: 50 },
  probe: { intervalMs: 400, timeoutMs: 300 },
  pushPull: { intervalMs: 500 },
}
const common = { profile: 'lan', kvTraffic: false, tuning } as const

/** First bytes of packets that are neither labelled, encrypted nor compressed (wire spec 1.1). */
const PING = 0
const ACK = 2
const CHECKSUM = 12
const CHECKSUM_HEADER_BYTES = 5

describe('an IPv4 address in 16 bytes', () => {
  it('is kept and passed on as it came, so that nobody finds a conflict', async () => {
    await using mapped = await MemberlistPeer.start({ name: 'go-1', advertiseMapped: true, meta: 'mapped', ...times })
    await using node = await ourNode('ts-1', { ...common, join: [mapped.address] })
    const heard = hearing(node)
    await using other = await MemberlistPeer.start({ name: 'go-2', ...times })
    await other.join(node.address)
    const formIn = async (go: MemberlistPeer, name: string): Promise<string | undefined> => {
      const member = (await go.members()).find((each) => each.name === name)
      return member && Buffer.from(member.addressBytes, 'base64').toString('hex')
    }
    await waitFor('everybody has three', async () => (await mapped.names()).length === 3 && aliveIn(node).length === 3)
    expect(node.members().find(({ name }) => name === 'go-1')?.address).toBe(mapped.address)
    expect(await formIn(other, 'go-1')).toBe('00000000000000000000ffff7f000001')
    expect(await formIn(other, 'ts-1')).toBe('7f000001')
    expect(await formIn(mapped, 'ts-1')).toBe('7f000001')

    // What changes about it travels on, and its probes and states find it where it is.
    await mapped.updateMeta('mapped still')
    await waitFor('we have its metadata', () => metaOf(node, 'go-1') === 'mapped still')
    await waitFor('the third has it', async () => (await other.metaOf('go-1')) === 'mapped still')
    const exchangesBefore = node.metrics().membership.pushPullsInitiated
    await waitFor('states are exchanged', () => node.metrics().membership.pushPullsInitiated >= exchangesBefore + 3)
    for (const go of [mapped, other]) {
      expect(go.events.filter(({ event }) => event === 'conflict')).toEqual([])
      expect([...go.complaints(), ...go.doubts()]).toEqual([])
    }
    expect(heard.events.filter(({ type }) => /conflict|suspect|fail/.test(type))).toEqual([])
    expect(node.metrics().membership.drops).toEqual({})
  })
})

const hasIpv6 = Object.values(networkInterfaces()).some((each) => each?.some(({ address }) => address === '::1'))

describe.skipIf(!hasIpv6)('IPv6', () => {
  it('members on ::1 probe each other, exchange states and pass messages', async () => {
    await using go = await MemberlistPeer.start({ name: 'go-1', bindAddress: '::1', ...times })
    await using node = await ourNode('ts-1', { ...common, bindAddress: '::1', join: [go.address] })
    const heard = hearing(node)
    expect(node.joined).toBe(true)
    expect(node.address).toMatch(/^\[::1\]:\d+$/)
    await waitFor('Go lists us', async () => (await go.members()).some(({ address }) => address === node.address))
    await node.send('go-1', Buffer.from('by packet'), { reliable: false })
    await node.send('go-1', Buffer.from('by stream'))
    await go.send('ts-1', Buffer.from('by packet'), 'packet')
    await go.send('ts-1', Buffer.from('by stream'), 'stream')
    const both = ['by packet', 'by stream']
    await waitFor('Go has both', () => both.every((each) => go.messages().includes(each)))
    await waitFor('we have both', () => both.every((each) => heard.messages.includes(each)))
    await waitFor('probes are answered both ways', () => {
      const { messagesIn } = node.metrics().membership
      return (messagesIn.ping ?? 0) >= 2 && (messagesIn.ack ?? 0) >= 2
    })
    expect([...go.complaints(), ...go.doubts()]).toEqual([])
    expect(statusOf(node, 'go-1')).toBe('alive')
    expect(node.metrics().membership.drops).toEqual({})
  })
})

describe('names that are IP addresses', () => {
  it('put a checksum on pings, which both sides accept', async () => {
    // Go looks up who is at an address by taking it for a name, and adds a checksum when it finds somebody (wire spec 2.5).
    const tap = new TappedTransport(udpTcpTransport({ bindAddress: '127.0.0.22', bindPort: 0 }))
    await using go = await MemberlistPeer.start({
      name: '127.0.0.21',
      bindAddress: '127.0.0.21',
      compression: false,
      ...times,
    })
    await using node = await ourNode('127.0.0.22', {
      ...common,
      compression: 'none',
      transport: tap,
      join: [go.address],
    })
    const checked = (type: number): number =>
      tap.received.filter((packet) => packet[0] === CHECKSUM && packet[CHECKSUM_HEADER_BYTES] === type).length
    await waitFor('pings and acks with a checksum came', () => checked(PING) >= 2 && checked(ACK) >= 2, {
      view: () => tap.received.map((packet) => Buffer.from(packet.subarray(0, 6)).toString('hex')),
    })
    expect([...go.complaints(), ...go.doubts()]).toEqual([])
    expect(await go.health()).toBe(0)
    expect(aliveIn(node)).toEqual(['127.0.0.21', '127.0.0.22'])
    expect(node.metrics().membership.drops).toEqual({})
  })
})
