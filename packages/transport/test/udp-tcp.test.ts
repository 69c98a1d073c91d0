// UDP and TCP on one port, on loopback.
import { createSocket } from 'node:dgram'
import { connect, createServer, type Server } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { parseAddress, TransportError, tcpTransport, type UdpTcpOptions, udpTcpTransport } from '../src/index.ts'
import { bindSharedPort } from '../src/node/shared-port.ts'
import { Recorder } from './recorder.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function start(options: UdpTcpOptions = {}) {
  const transport = udpTcpTransport({ bindAddress: '127.0.0.1', bindPort: 0, ...options })
  const seen = new Recorder()
  open.push(() => transport.close())
  return { transport, seen, ...(await transport.listen(seen)) }
}

const until = (condition: () => void) => vi.waitFor(condition, { timeout: 10_000, interval: 5 })

const occupyTcp = async (port = 0): Promise<number> => {
  const server: Server = createServer()
  await new Promise<void>((resolve, reject) => server.once('error', reject).listen(port, '127.0.0.1', resolve))
  open.push(() => server.close())
  return (server.address() as { port: number }).port
}

const occupyUdp = async (): Promise<number> => {
  const socket = createSocket('udp4')
  await new Promise<void>((resolve) => socket.bind(0, '127.0.0.1', resolve))
  open.push(() => socket.close())
  return socket.address().port
}

describe('listening', () => {
  it('takes one port for both, and says which', async () => {
    const { bound, advertised, seen } = await start()
    const { ip, port } = parseAddress(bound)!
    expect(ip).toBe('127.0.0.1')
    expect(advertised).toBe(bound)
    const socket = createSocket('udp4')
    open.push(() => socket.close())
    socket.send('hi', port, ip)
    connect({ host: ip, port }).on('error', () => {})
    await until(() => expect([seen.packets.length, seen.streams.length]).toEqual([1, 1]))
  })

  it('advertises what it was told to, and the bound port without another', async () => {
    const { bound, advertised } = await start({ advertiseAddress: '203.0.113.9' })
    expect(advertised).toBe(`203.0.113.9:${parseAddress(bound)!.port}`)
    expect((await start({ advertiseAddress: '2001:DB8::9', advertisePort: 4000 })).advertised).toBe(
      '[2001:db8::9]:4000',
    )
  })

  it('on a port whose TCP side is taken is refused with the address and what to do', async () => {
    const bindPort = await occupyTcp()
    await expect(start({ bindPort })).rejects.toMatchObject({
      name: 'TransportError',
      code: 'ADDRESS_IN_USE',
      address: `127.0.0.1:${bindPort}`,
      message: `TCP address 127.0.0.1:${bindPort} is in use: stop the process that has it, or give another bindPort (0 picks a free one).`,
    })
  })

  it('on a port whose UDP side is taken is refused too, and leaves the TCP side free', async () => {
    // The TCP side of a port may by chance be somebody else's, so a few ports get their chance.
    const attempt = async () => {
      const bindPort = await occupyUdp()
      const outcome = await start({ bindPort }).catch((error: unknown) => error)
      expect(outcome).toMatchObject({ code: 'ADDRESS_IN_USE', message: expect.stringMatching(/^UDP address/) })
      await occupyTcp(bindPort)
    }
    await vi.waitFor(attempt, { timeout: 10_000 })
  })

  it('on a port of the system’s choosing asks again while UDP cannot have it, ten times in all', async () => {
    const inUse = new TransportError('ADDRESS_IN_USE', 'taken')
    const attempts = async (taken: number, port = 0) => {
      const log: string[] = []
      let count = 0
      const socket = (name: string, port: number) => ({
        port,
        close: async () => void log.push(`close ${name} ${port}`),
      })
      const outcome = await bindSharedPort(port, [
        async (wanted) => {
          log.push(`tcp ${wanted}`)
          return socket('tcp', wanted || 4000 + ++count)
        },
        async (wanted) => {
          log.push(`tcp6 ${wanted}`)
          return socket('tcp6', wanted)
        },
        async (wanted) => {
          log.push(`udp ${wanted}`)
          if (count <= taken) throw inUse
          return socket('udp', wanted)
        },
      ]).catch((error: unknown) => error)
      return { log, outcome }
    }
    const second = await attempts(1)
    expect(second.log).toEqual(
      'tcp 0, tcp6 4001, udp 4001, close tcp 4001, close tcp6 4001, tcp 0, tcp6 4002, udp 4002'.split(', '),
    )
    expect(second.outcome).toMatchObject([{ port: 4002 }, { port: 4002 }, { port: 4002 }])
    const never = await attempts(99)
    expect(never.outcome).toBe(inUse)
    expect(never.log.filter((line) => line.startsWith('udp'))).toHaveLength(10)
    expect(never.log.filter((line) => line.startsWith('close'))).toHaveLength(20)
    // A port that was asked for by number is tried once.
    expect((await attempts(99, 7946)).log).toEqual(
      'tcp 7946, tcp6 7946, udp 7946, close tcp 7946, close tcp6 7946'.split(', '),
    )
  })

  it('may be tried again after it failed', async () => {
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
    const bindPort = (server.address() as { port: number }).port
    const transport = udpTcpTransport({ bindAddress: '127.0.0.1', bindPort })
    open.push(() => transport.close())
    await expect(transport.listen(new Recorder())).rejects.toMatchObject({ code: 'ADDRESS_IN_USE' })
    await new Promise((resolve) => server.close(resolve))
    expect((await transport.listen(new Recorder())).bound).toBe(`127.0.0.1:${bindPort}`)
  })

  it('frees the port when it closes', async () => {
    const { transport, bound } = await start()
    await transport.close()
    expect((await start({ bindPort: parseAddress(bound)!.port })).bound).toBe(bound)
  })

  it('on an address of no interface is refused', async () => {
    for (const make of [udpTcpTransport, tcpTransport])
      await expect(make({ bindAddress: '198.51.100.1', bindPort: 0 }).listen(new Recorder())).rejects.toMatchObject({
        code: 'ADDRESS_NOT_AVAILABLE',
        message: expect.stringMatching(/198\.51\.100\.1/),
      })
  })

  it('refuses host names, bad ports and unusable advertised addresses at once', () => {
    for (const make of [udpTcpTransport, tcpTransport])
      for (const options of [
        { bindAddress: 'localhost' },
        { bindPort: 65_536 },
        { bindPort: 1.5 },
        { advertisePort: -1 },
        { advertiseAddress: 'db.example.com' },
        { advertiseAddress: '0.0.0.0' },
      ])
        expect(() => make(options)).toThrow(expect.objectContaining({ code: 'INVALID_ADDRESS' }))
  })

  it('says how large the receive buffer became', async () => {
    const { transport } = await start({ receiveBufferBytes: 64 * 1024 })
    expect(transport.stats().detail?.receive_buffer_bytes).toBeGreaterThan(0)
  })
})

describe('packets', () => {
  it('that are empty are counted and not delivered', async () => {
    const { bound, seen } = await start()
    const { ip, port } = parseAddress(bound)!
    const socket = createSocket('udp4')
    open.push(() => socket.close())
    socket.send(new Uint8Array(0), port, ip)
    await until(() => expect(seen.drops.map(({ reason }) => reason)).toEqual(['frame-malformed']))
    expect(seen.packets).toEqual([])
  })

  it('of the largest size a datagram has arrive', async () => {
    const [a, b] = [await start(), await start()]
    a.transport.send(b.advertised, new Uint8Array(65_507).fill(3), 'gossip')
    await until(() => expect(b.seen.packets[0]?.bytes.length).toBe(65_507))
  })

  it('that cannot be sent are counted and told', async () => {
    const { transport, seen } = await start()
    // An IPv4 socket has no way to an IPv6 address.
    transport.send('[2001:db8::1]:7946', Uint8Array.of(1), 'gossip')
    await until(() => expect(seen.drops).toMatchObject([{ reason: 'send-failed', peer: '[2001:db8::1]:7946' }]))
  })
})

describe('connections', () => {
  it('beyond the bound are closed and counted', async () => {
    const { bound, seen } = await start({ maxInboundConnections: 1 })
    const { ip, port } = parseAddress(bound)!
    const first = connect({ host: ip, port })
    open.push(() => first.destroy())
    await until(() => expect(seen.streams).toHaveLength(1))
    const second = connect({ host: ip, port }).on('error', () => {})
    await new Promise((resolve) => second.once('close', resolve))
    await until(() => expect(seen.drops.map(({ reason }) => reason)).toEqual(['too-many-connections']))
  })
})

describe('IPv6', async () => {
  const available = await new Promise<boolean>((resolve) => {
    const probe = createServer()
    probe.once('error', () => resolve(false))
    probe.listen(0, '::1', () => probe.close(() => resolve(true)))
  })

  it.skipIf(!available)('works bound to an address', async () => {
    const [a, b] = [await start({ bindAddress: '::1' }), await start({ bindAddress: '::1' })]
    expect(a.advertised).toMatch(/^\[::1\]:\d+$/)
    a.transport.send(b.advertised, Uint8Array.of(1), 'gossip')
    await until(() => expect(b.seen.packets).toMatchObject([{ from: a.advertised }]))
    const stream = await a.transport.dial(b.advertised, { timeoutMs: 5000 })
    expect(stream.remote).toBe(b.advertised)
  })

  it.skipIf(!available)('bound to every interface reaches IPv4 peers and is reached by them', async () => {
    const both = await start({ bindAddress: '::', advertiseAddress: '127.0.0.1' })
    const four = await start()
    four.transport.send(both.advertised, Uint8Array.of(1), 'gossip')
    await until(() => expect(both.seen.packets).toMatchObject([{ from: four.advertised }]))
    both.transport.send(four.advertised, Uint8Array.of(2), 'probe')
    await until(() => expect(four.seen.packets).toMatchObject([{ from: both.advertised }]))
  })
})
