// Several bind addresses, both address families, and whom to listen to.
import { createSocket } from 'node:dgram'
import { connect, createServer } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import {
  type BindOptions,
  memoryNetwork,
  parseAddress,
  type Transport,
  tcpTransport,
  udpTcpTransport,
} from '../src/index.ts'
import { hasIpv6 } from './ipv6.ts'
import { Recorder, receive } from './recorder.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

const kinds: Readonly<Record<string, (options: BindOptions) => Transport>> = {
  'UDP and TCP': udpTcpTransport,
  'TCP with dskit framing': tcpTransport,
}
type Make = (typeof kinds)[string]

async function start(make: Make, options: BindOptions) {
  const transport = make({ bindPort: 0, ...options })
  const seen = new Recorder()
  open.push(() => transport.close())
  const { bound, advertised } = await transport.listen(seen)
  return { transport, seen, bound, advertised, port: parseAddress(bound)!.port }
}
type Started = Awaited<ReturnType<typeof start>>

const until = (condition: () => void) => vi.waitFor(condition, { timeout: 10_000, interval: 5 })

/** A packet and a stream get from `from` to `to`. */
async function reaches(from: Started, to: Started, address: string): Promise<void> {
  const [packets, streams] = [to.seen.packets.length, to.seen.streams.length]
  from.transport.send(address, Uint8Array.of(1), 'probe')
  const { stream } = receive(await from.transport.dial(address, { timeoutMs: 10_000 }))
  await until(() => expect([to.seen.packets.length, to.seen.streams.length]).toEqual([packets + 1, streams + 1]))
  expect(to.seen.packets.at(-1)!.from).toBe(from.advertised)
  expect(parseAddress(to.seen.streams.at(-1)!.stream.remote)!.ip).toBe(parseAddress(from.advertised)!.ip)
  stream.destroy()
}

describe.each(Object.entries(kinds))('%s', (_title, make) => {
  it('listens on every address of a list, on the port that the first one got', async () => {
    const b = await start(make, { bindAddress: ['127.0.0.2', '127.0.0.3'] })
    expect([b.bound, b.advertised]).toEqual([`127.0.0.2:${b.port}`, `127.0.0.2:${b.port}`])
    const a = await start(make, { bindAddress: '127.0.0.1' })
    await reaches(a, b, `127.0.0.2:${b.port}`)
    await reaches(a, b, `127.0.0.3:${b.port}`)
    await expect(a.transport.dial(`127.0.0.4:${b.port}`, { timeoutMs: 1000 })).rejects.toMatchObject({
      code: 'DIAL_REFUSED',
    })
  })

  it('names the address of a list that is taken, and leaves nothing bound', async () => {
    const taken = createServer()
    await new Promise<void>((resolve) => taken.listen(0, '127.0.0.3', resolve))
    open.push(() => taken.close())
    const bindPort = (taken.address() as { port: number }).port
    await expect(start(make, { bindAddress: ['127.0.0.2', '127.0.0.3'], bindPort })).rejects.toMatchObject({
      code: 'ADDRESS_IN_USE',
      message: expect.stringContaining(`127.0.0.3:${bindPort} is in use`),
    })
    const free = createServer()
    await new Promise<void>((resolve, reject) => free.once('error', reject).listen(bindPort, '127.0.0.2', resolve))
    await new Promise((resolve) => free.close(resolve))
  })

  it('takes what is listed twice once, and refuses what is listed beside all of its family', async () => {
    const b = await start(make, { bindAddress: ['127.0.0.2', '::ffff:127.0.0.2'] })
    expect(b.bound).toBe(`127.0.0.2:${b.port}`)
    expect(() => make({ bindAddress: ['0.0.0.0', '127.0.0.1'] })).toThrow(/127\.0\.0\.1 beside 0\.0\.0\.0/)
    expect(() => make({ bindAddress: ['::1', '::'] })).toThrow(/::1 beside ::/)
    expect(() => make({ bindAddress: ['127.0.0.1', 'localhost'] })).toThrow(/"localhost" is not one/)
    expect(() => make({ bindAddress: Array.from({ length: 65 }, (_, i) => `127.0.0.${i + 1}`) })).toThrow(/at most 64/)
  })

  it('bounds connections over all addresses together', async () => {
    const b = await start(make, { bindAddress: ['127.0.0.2', '127.0.0.3'], maxInboundConnections: 2 })
    const sockets = ['127.0.0.2', '127.0.0.3', '127.0.0.2', '127.0.0.3'].map((host) => connect(b.port, host))
    for (const socket of sockets) open.push(() => socket.on('error', () => {}).destroy())
    await until(() => expect(b.transport.stats().drops).toEqual({ 'too-many-connections': 2 }))
    for (const { stream } of b.seen.streams) stream.destroy()
    for (const socket of sockets) socket.destroy()
    await until(() => expect(b.transport.stats().detail).toMatchObject({ open_connections: 0 }))
    await reaches(await start(make, { bindAddress: '127.0.0.1' }), b, b.bound)
  })

  it('drops what comes from an address that is not allowed, and counts it', async () => {
    const asked: string[] = []
    const allows = (ip: string) => {
      asked.push(ip)
      return ip !== '127.0.0.1'
    }
    const b = await start(make, { bindAddress: '127.0.0.1', allows })
    const a = await start(make, { bindAddress: '127.0.0.1' })
    a.transport.send(b.bound, Uint8Array.of(1), 'gossip')
    await until(() => expect(b.seen.drops).toMatchObject([{ reason: 'not-allowed' }]))
    const { events } = receive(await a.transport.dial(b.bound, { timeoutMs: 10_000 }))
    await until(() => expect(events.at(-1)).toMatch(/^(end|close)/))
    expect(b.transport.stats().drops).toEqual({ 'not-allowed': 2 })
    expect([b.seen.packets, b.seen.streams, new Set(asked)]).toEqual([[], [], new Set(['127.0.0.1'])])
  })

  describe.skipIf(!hasIpv6)('over IPv6', () => {
    it('bound to :: hears and reaches both families, and knows IPv4 peers by their IPv4 address', async () => {
      const both = await start(make, { bindAddress: '::', advertiseAddress: '127.0.0.1' })
      const four = await start(make, { bindAddress: '127.0.0.1' })
      await reaches(four, both, `127.0.0.1:${both.port}`)
      await reaches(both, four, four.advertised)
      const six = await start(make, { bindAddress: '::1' })
      await reaches(six, both, `[::1]:${both.port}`)
    })

    it('bound to 0.0.0.0 and :: has a socket for each', async () => {
      const both = await start(make, { bindAddress: ['0.0.0.0', '::'], advertiseAddress: '127.0.0.1' })
      const [four, six] = [await start(make, { bindAddress: '127.0.0.1' }), await start(make, { bindAddress: '::1' })]
      await reaches(four, both, `127.0.0.1:${both.port}`)
      await reaches(six, both, `[::1]:${both.port}`)
      await reaches(both, four, four.advertised)
      const otherWay = await start(make, { bindAddress: ['::', '0.0.0.0'], advertiseAddress: '::1' })
      expect(otherWay.bound).toBe(`[::]:${otherWay.port}`)
      await reaches(otherWay, six, six.advertised)
    })

    it('leaves IPv4 to the address that is listed beside ::', async () => {
      const b = await start(make, { bindAddress: ['::', '127.0.0.2'], advertiseAddress: '::1' })
      const a = await start(make, { bindAddress: '127.0.0.1' })
      await reaches(a, b, `127.0.0.2:${b.port}`)
      await expect(a.transport.dial(`127.0.0.3:${b.port}`, { timeoutMs: 1000 })).rejects.toMatchObject({
        code: 'DIAL_REFUSED',
      })
    })

    it('asks about IPv4 peers by their IPv4 address', async () => {
      const b = await start(make, {
        bindAddress: '::',
        advertiseAddress: '127.0.0.1',
        allows: (ip) => ip === '127.0.0.1',
      })
      const a = await start(make, { bindAddress: '127.0.0.1' })
      await reaches(a, b, `127.0.0.1:${b.port}`)
      connect(b.port, '::1').on('error', () => {})
      await until(() => expect(b.seen.drops).toMatchObject([{ reason: 'not-allowed' }]))
    })
  })
})

describe('UDP', () => {
  it('drops what is for a family that is not bound, and counts it', async () => {
    const a = await start(udpTcpTransport, { bindAddress: '127.0.0.1' })
    a.transport.send('[::1]:7946', Uint8Array.of(1), 'gossip')
    expect(a.transport.stats()).toMatchObject({ packetsSent: 0, drops: { 'send-failed': 1 } })
    const socket = createSocket('udp4')
    open.push(() => socket.close())
    const heard = new Promise((resolve) => socket.once('message', resolve))
    await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
    a.transport.send(`[::ffff:127.0.0.1]:${socket.address().port}`, Uint8Array.of(7), 'gossip')
    expect(await heard).toEqual(Buffer.of(7))
  })
})

describe('in-memory', () => {
  it('drops what comes from an address that is not allowed, and counts it', async () => {
    const network = memoryNetwork()
    const [a, b] = [
      network.transport('10.0.0.1:1'),
      network.transport({ address: '10.0.0.2:1', allows: (ip) => ip !== '10.0.0.1' }),
    ]
    const seen = new Recorder()
    await a.listen(new Recorder())
    await b.listen(seen)
    a.send('10.0.0.2:1', Uint8Array.of(1), 'gossip')
    const { events } = receive(await a.dial('10.0.0.2:1', { timeoutMs: 1000 }))
    await until(() => expect(events.at(-1)).toMatch(/^(end|close)/))
    expect(b.stats().drops).toEqual({ 'not-allowed': 2 })
    expect([seen.packets, seen.streams]).toEqual([[], []])
    await Promise.all([a.close(), b.close()])
  })
})
