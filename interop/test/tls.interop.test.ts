// Goal: TLS as dskit speaks it, both ways, and every refusal in words on our side. Method: real dskit stores with dskit's
// own TLS flags, and nodes of ours with certificates of the same and of foreign authorities.

import type { HearsayNode, NodeOptions } from '@hearsay/node'
import { tcpTransport } from '@hearsay/transport'
import { afterAll, describe, expect, it } from 'vitest'
import { authorities, member, nameless } from '../src/certificates.ts'
import { DskitPeer } from '../src/dskit-peer.ts'
import { aliveIn, keptLog, type LogLine, ourNode, statusOf } from '../src/our-node.ts'
import { waitFor } from '../src/wait-for.ts'

const key = 'collectors/ring'
const [ca, foreign] = await authorities()
const good = await member(ca)
const stranger = await member(ca, foreign)
const doubter = await member(foreign, ca)
const bare = nameless(ca)
afterAll(() => {
  for (const files of [good, stranger, doubter, bare]) files[Symbol.dispose]()
})

const ours = (options: NodeOptions): NodeOptions => ({
  profile: 'mimir',
  tuning: { pushPull: { intervalMs: 1000 } },
  ...options,
})
/** Why a node could not join. */
const failure = async (options: NodeOptions): Promise<string> => {
  const outcome = await ourNode('ts-refused', ours({ requireJoin: true, ...options })).catch((error: unknown) => error)
  if (outcome instanceof Error) return outcome.message
  await (outcome as HearsayNode).close()
  throw new Error('it joined')
}
/** Tokens that do not compress, sorted and none twice. */
const spread = (count: number): number[] =>
  Array.from({ length: count }, (_, index) => (Math.imul(index + 1, 2_654_435_761) ^ 0x5bd1e995) >>> 0).sort(
    (a, b) => a - b,
  )
/** What was said of handshakes that failed. */
const refusals = (lines: readonly LogLine[]): string[] =>
  lines.flatMap(({ fields }) => (fields.reason === 'tls-failed' ? [String(fields.detail)] : []))

describe('TLS with dskit', () => {
  it.each([{ clientAuth: 'none' as const }, { clientAuth: 'require' as const }])(
    'each side joins the other, and values travel both ways (client certificates: $clientAuth)',
    async ({ clientAuth }) => {
      await using go = await DskitPeer.start('go-1', good.flags)
      await using node = await ourNode('ts-1', ours({ tls: { ...good.tls, clientAuth }, join: [go.address] }))
      expect(statusOf(node, 'go-1')).toBe('alive')
      await using second = await DskitPeer.start('go-2', good.flags)
      expect(await second.join(node.address)).toBe(1)
      await waitFor('we list both', () => aliveIn(node).length === 3)
      await waitFor('dskit counts three', async () => (await go.metric('cluster_members_count')) === 3)
      await go.register(key, 'ingester-go', [1, 2, 3])
      const ids = (): string[] =>
        node
          .ring(key)
          .instances()
          .map(({ id }) => id)
      await waitFor('we show what dskit registered', () => ids().includes('ingester-go'))
      await node.ring(key, { instanceId: 'ingester-ts', address: '127.0.0.1:9096' }).join({ tokens: 512 })
      await waitFor('dskit shows what we registered', async () => (await second.ring(key))?.['ingester-ts'])
      const { transport } = node.metrics()
      expect([transport.packetsSent, transport.packetsReceived].every((count) => count > 0)).toBe(true)
      expect(transport.drops).toEqual({})
      for (const peer of [go, second]) {
        expect(await peer.metric('tcp_transport_packets_received_errors_total')).toBe(0)
        expect(peer.complaints()).toEqual([])
      }
    },
  )

  it('large packets arrive whole both ways, though dskit closes without reading', async () => {
    await using go = await DskitPeer.start('go-1', { ...good.flags, 'pullpush-interval': '0s' })
    const tuning = { pushPull: { intervalMs: 0 } }
    await using node = await ourNode('ts-1', ours({ tls: good.tls, tuning, join: [go.address] }))
    await waitFor('dskit counts two', async () => (await go.metric('cluster_members_count')) === 2)
    const pushes = await go.metric('state_pushes_total')
    // A quarter of a megabyte, which no socket buffer holds at once.
    await go.register(key, 'ingester-go', spread(60_000))
    await waitFor('we show what dskit registered', () => node.ring(key).instances().length === 1)
    await node.ring(key, { instanceId: 'ingester-ts', address: '127.0.0.1:9096' }).join({ tokens: 60_000 })
    const entry = await waitFor('dskit shows what we registered', async () => (await go.ring(key))?.['ingester-ts'])
    expect(entry.tokens).toHaveLength(60_000)
    expect(await go.metric('state_pushes_total'), 'no full state came after the join').toBe(pushes)
    expect(node.metrics().transport.drops).toEqual({})
    expect(go.complaints()).toEqual([])
  })

  it('wants a certificate for the address that is dialled, or for the name that is given (kv check 46)', async () => {
    using named = await member(ca, ca, { name: 'named', ips: [], names: ['member.cluster'] })
    await using go = await DskitPeer.start('go-1', { ...named.flags, 'tls-server-name': 'member.cluster' })
    expect(await failure({ tls: named.tls, join: [go.address] })).toContain(
      'is not valid for the name 127.0.0.1, but for DNS:member.cluster',
    )
    const tls = { ...named.tls, serverName: 'member.cluster' }
    await using node = await ourNode('ts-1', ours({ tls, join: [go.address] }))
    await waitFor('dskit counts two', async () => (await go.metric('cluster_members_count')) === 2)
    expect(aliveIn(node)).toEqual(['go-1', 'ts-1'])
  })

  it('says so when the authority of a dskit member is not ours', async () => {
    await using go = await DskitPeer.start('go-1', good.flags)
    expect(await failure({ tls: doubter.tls, join: [go.address] })).toContain(
      `the certificate of ${go.address} is signed by an authority that is not in caPath (${doubter.tls.caPath})`,
    )
    expect(await go.metric('cluster_members_count')).toBe(1)
  })

  it('says so when a dskit member does not take our authority', async () => {
    const { logger, lines } = keptLog()
    await using node = await ourNode('ts-1', ours({ tls: good.tls, logger }))
    await using go = await DskitPeer.start('go-1', doubter.flags)
    await expect(go.join(node.address)).rejects.toThrow(/certificate signed by unknown authority/)
    await waitFor('we say so', () => refusals(lines).length > 0)
    expect(refusals(lines)[0]).toMatch(/^it refused our certificate/)
    expect(aliveIn(node)).toEqual(['ts-1'])
  })

  it('says so when one side has TLS and the other has not', async () => {
    await using secured = await DskitPeer.start('go-1', good.flags)
    await using plain = await DskitPeer.start('go-2')
    expect(await failure({ tls: good.tls, join: [plain.address] })).toMatch(/may not speak TLS|does not speak TLS/)
    await failure({ join: [secured.address] })
    const { logger, lines } = keptLog()
    await using node = await ourNode('ts-1', ours({ tls: good.tls, logger }))
    await expect(plain.join(node.address)).rejects.toThrow()
    await waitFor('we say so', () => refusals(lines).includes('it does not speak TLS'))
    expect(aliveIn(node)).toEqual(['ts-1'])
  })
})

describe('client certificates that we demand', () => {
  const demanding = { ...good.tls, clientAuth: 'require' as const }

  it('keep out a dskit member with one of a foreign authority', async () => {
    const { logger, lines } = keptLog()
    await using node = await ourNode('ts-1', ours({ tls: demanding, logger }))
    await using go = await DskitPeer.start('go-1', stranger.flags)
    await expect(go.join(node.address)).rejects.toThrow()
    await waitFor('we say so', () => refusals(lines).length > 0)
    expect(refusals(lines)[0]).toMatch(/^its client certificate is signed by an authority that is not in caPath/)
    expect(aliveIn(node)).toEqual(['ts-1'])
  })

  it('are named to a member of ours that has a foreign one', async () => {
    const { logger, lines } = keptLog()
    await using node = await ourNode('ts-1', ours({ tls: demanding, logger }))
    expect(await failure({ tls: stranger.tls, join: [node.address] })).toMatch(
      /closed the connection right after the TLS handshake: it may demand a client certificate/,
    )
    await waitFor('we say so', () => refusals(lines).length > 0)
    expect(refusals(lines)[0]).toMatch(/^its client certificate is signed by an authority that is not in caPath/)
    expect(aliveIn(node)).toEqual(['ts-1'])
  })

  it('are named to a member of ours that has none', async () => {
    const { logger, lines } = keptLog()
    await using node = await ourNode('ts-1', ours({ tls: demanding, logger }))
    // A node is not started without a certificate, nor is dskit, so this one has its transport from elsewhere.
    const transport = tcpTransport({ bindAddress: '127.0.0.1', bindPort: 0, tls: bare.tls })
    expect(await failure({ transport, join: [node.address] })).toContain(
      `${node.address} demands a client certificate: give certPath and keyPath`,
    )
    await waitFor('we say so', () => refusals(lines).length > 0)
    expect(refusals(lines)[0]).toBe('it offered no client certificate, and clientAuth is require')
    expect(aliveIn(node)).toEqual(['ts-1'])
  })
})
