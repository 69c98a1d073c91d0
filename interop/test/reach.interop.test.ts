// Goal: messages of unusual number and size arrive, and members that packets cannot reach are judged as memberlist would.
// Method: real processes; on our side a tap that writes packets down, or loses those of one peer.

import { createHash } from 'node:crypto'
import { udpTcpTransport } from '@hearsay/transport'
import { describe, expect, it } from 'vitest'
import { MemberlistPeer } from '../src/memberlist-peer.ts'
import { hearing, ourNode, statusOf } from '../src/our-node.ts'
import { TappedTransport } from '../src/tapped-transport.ts'
import { waitFor } from '../src/wait-for.ts'

const times = { gossipIntervalMs: 50, probeIntervalMs: 400, probeTimeoutMs: 150 }
const tuning = { gossip: { intervalMs: 50 }, probe: { intervalMs: 400, timeoutMs: 150 } }
const common = { profile: 'lan', kvTraffic: false, tuning } as const
const tapped = (packetBudgetBytes = 1400): TappedTransport =>
  new TappedTransport(udpTcpTransport({ bindAddress: '127.0.0.1', bindPort: 0, packetBudgetBytes }))

const COMPOUND = 7
const CHECKSUM = 12
const MAX_PARTS = 255
const CHECKSUM_HEADER_BYTES = 5

describe('300 broadcasts of two bytes in one tick', () => {
  const count = 300
  /** Room for all of them: what limits a packet is the number of its parts. */
  const budgetBytes = 4000
  const numbered = Array.from({ length: count }, (_, index) => Buffer.from([index >> 8, index & 255]))
  const asText = numbered.map((payload) => payload.toString('latin1'))
  /** How many parts a packet has that is neither labelled, encrypted nor compressed. */
  const partsIn = (packet: Uint8Array): number => {
    const message = packet[0] === CHECKSUM ? packet.subarray(CHECKSUM_HEADER_BYTES) : packet
    return message[0] === COMPOUND ? message[1]! : 1
  }

  it('from Go all arrive here, 255 of them in one packet', async () => {
    const tap = tapped()
    // No probes: memberlist counts wrongly what it adds to a ping or an ack when that is more than 255 (wire spec 2.7).
    const quiet = { probeIntervalMs: 60_000, compression: false, udpBufferSizeBytes: budgetBytes }
    await using go = await MemberlistPeer.start({ name: 'go-1', ...times, ...quiet })
    await using node = await ourNode('ts-1', {
      ...common,
      compression: 'none',
      tuning: { ...tuning, probe: { intervalMs: 0 } },
      transport: tap,
      join: [go.address],
    })
    const heard = hearing(node)
    await waitFor('Go lists us', async () => (await go.members()).length === 2)
    await go.broadcastMany(count)
    await waitFor('all are here', () => asText.every((each) => heard.messages.includes(each)), {
      view: () => new Set(heard.messages).size,
    })
    expect(Math.max(...tap.received.map(partsIn))).toBe(MAX_PARTS)
    expect(node.metrics().membership.drops).toEqual({})
  })

  it.each([
    ['by gossip', 50],
    ['on pings and acks', 0],
  ])('from us all arrive there, at most 255 to a packet, %s', async (_, intervalMs) => {
    const tap = tapped(budgetBytes)
    await using go = await MemberlistPeer.start({ name: 'go-1', ...times, compression: false })
    await using node = await ourNode('ts-1', {
      ...common,
      tuning: { ...tuning, gossip: { intervalMs } },
      compression: 'none',
      transport: tap,
      join: [go.address],
    })
    await waitFor('Go lists us', async () => (await go.members()).length === 2)
    for (const payload of numbered) node.broadcast(payload)
    await waitFor('all are there', () => {
      const messages = new Set(go.messages())
      return asText.every((each) => messages.has(each))
    })
    expect(Math.max(...tap.sent.map(partsIn))).toBe(MAX_PARTS)
    // A packet with a wrong count would be complained of.
    expect(go.complaints()).toEqual([])
    expect(go.messages().filter((each) => !asText.includes(each))).toEqual([])
  })
})

describe('a user message of 1 MiB', () => {
  const sizeBytes = 2 ** 20

  it.each([
    ['plain', false, []],
    ['compressed and encrypted', true, [new Uint8Array(32).fill(7)]],
  ] as const)('goes over a stream both ways, %s', async (_, compression, keys) => {
    await using go = await MemberlistPeer.start({ name: 'go-1', ...times, compression, secretKeys: keys })
    await using node = await ourNode('ts-1', {
      ...common,
      compression: compression ? 'lzw' : 'none',
      encryptionKeys: keys,
      join: [go.address],
    })
    const digest = (bytes: Uint8Array): string => createHash('sha256').update(bytes).digest('hex')
    const heard: string[] = []
    node.on('message', ({ payload }) => heard.push(digest(payload)))
    await waitFor('Go lists us', async () => (await go.members()).length === 2)
    const ours = Uint8Array.from({ length: sizeBytes }, (_, index) => (index * index) >> 7)
    await node.send('go-1', ours)
    const theirs = await go.sendLarge('ts-1', sizeBytes)
    expect(theirs.sizeBytes).toBe(sizeBytes)
    await waitFor('ours is there', () =>
      go.events.some((each) => each.sizeBytes === sizeBytes && each.sha256 === digest(ours)),
    )
    await waitFor('theirs is here', () => heard.includes(theirs.sha256))
    expect(go.complaints()).toEqual([])
    expect(node.metrics().membership.drops).toEqual({})
  })
})

describe('packets that do not get through', () => {
  it('a member that streams reach stays alive, on both sides', async () => {
    const tap = tapped()
    await using go = await MemberlistPeer.start({ name: 'go-1', ...times })
    await using node = await ourNode('ts-1', { ...common, transport: tap, join: [go.address] })
    const heard = hearing(node)
    await waitFor('Go lists us', async () => (await go.members()).length === 2)
    tap.mute(go.address)
    const overTcp = (): number => go.logged(/connect to ts-1 over TCP but UDP probes failed/).length
    await waitFor('Go reached us by stream', () => overTcp() >= 3, { view: () => go.complaints() })
    await waitFor('packets of both were lost', () => tap.lost >= 6)
    expect(statusOf(node, 'go-1')).toBe('alive')
    expect(heard.events.filter(({ type }) => /suspect|fail|leave/.test(type))).toEqual([])
    expect(go.heard('leave', 'ts-1')).toBe(false)
    expect(go.logged(/Suspect ts-1|Refuting/)).toEqual([])
  })

  it('without pings by stream, each finds the other dead', async () => {
    const tap = tapped()
    const slowExchange = { pushPullIntervalMs: 600_000 }
    await using go = await MemberlistPeer.start({ name: 'go-1', ...times, ...slowExchange, disableTcpPings: true })
    await using node = await ourNode('ts-1', {
      ...common,
      tuning: { ...tuning, probe: { ...tuning.probe, streamFallback: false }, pushPull: { intervalMs: 0 } },
      transport: tap,
      join: [go.address],
    })
    await waitFor('Go lists us', async () => (await go.members()).length === 2)
    tap.mute(go.address)
    await waitFor('we find Go dead', () => statusOf(node, 'go-1') === 'dead')
    await waitFor('Go finds us dead', () => go.heard('leave', 'ts-1'))
  })

  it.each([
    ['Go', true],
    ['ours', false],
  ] as const)('a third member, %s, vouches for both when neither pings by stream', async (_, thirdIsGo) => {
    const tap = tapped()
    const noFallback = { ...common, tuning: { ...tuning, probe: { ...tuning.probe, streamFallback: false } } }
    await using go = await MemberlistPeer.start({ name: 'go-1', ...times, disableTcpPings: true })
    await using node = await ourNode('ts-1', { ...noFallback, transport: tap, join: [go.address] })
    await using third = thirdIsGo
      ? await MemberlistPeer.start({ name: 'third', ...times })
      : await ourNode('third', noFallback)
    await go.join(third.address)
    await waitFor('everybody is there', async () => (await go.members()).length === 3 && node.members().length === 3)
    const heard = hearing(node)
    tap.mute(go.address)
    // Each failed ping of either side is one that the third was asked about, and answered.
    await waitFor('Go could not ping us', () => go.logged(/Failed UDP ping: ts-1/).length >= 3, {
      view: () => go.doubts(),
    })
    await waitFor('we could not ping Go', () => (node.metrics().membership.messagesOut['indirect-ping'] ?? 0) >= 3, {
      view: () => node.metrics().membership.messagesOut,
    })
    expect(statusOf(node, 'go-1')).toBe('alive')
    expect(heard.events.filter(({ type }) => /suspect|fail|leave/.test(type))).toEqual([])
    expect(go.logged(/Suspect ts-1|Refuting/)).toEqual([])
    expect(go.heard('leave', 'ts-1')).toBe(false)
  })
})
