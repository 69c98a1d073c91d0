// dskit's framing on real sockets, with raw TCP peers on the other side (kv spec 5).
import { connect, createServer, type Server, type Socket } from 'node:net'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { encodePacketFrame, type TcpOptions, type Transport, tcpTransport } from '../src/index.ts'
import { Recorder, receive, text } from './recorder.ts'
import { v5 } from './v5.ts'

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function start(options: TcpOptions = {}) {
  const transport = tcpTransport({ bindAddress: '127.0.0.1', bindPort: 0, ...options })
  const seen = new Recorder()
  const { bound, advertised } = await transport.listen(seen)
  open.push(() => transport.close())
  const detail = (name: string) => transport.stats().detail?.[name]
  return { transport, seen, bound, advertised, detail }
}

/** A raw connection; `closed` resolves with what the other side sent. */
function raw(address: string): { socket: Socket; closed: Promise<string> } {
  const [host, port] = address.split(':')
  const socket = connect({ host: host!, port: Number(port), allowHalfOpen: true })
  open.push(() => socket.destroy())
  let got = ''
  socket.on('data', (chunk) => {
    got += chunk.toString('latin1')
  })
  socket.on('error', () => {})
  socket.on('end', () => socket.end())
  return { socket, closed: new Promise((resolve) => socket.once('close', () => resolve(got))) }
}

/** A raw listener that collects each connection to its end. */
async function rawListener(onConnection?: (socket: Socket) => void) {
  const frames: Buffer[] = []
  const server: Server = createServer({ allowHalfOpen: true }, (socket) => {
    open.push(() => socket.destroy())
    socket.on('error', () => {})
    if (onConnection !== undefined) return onConnection(socket)
    const chunks: Buffer[] = []
    socket.on('data', (chunk) => chunks.push(chunk))
    socket.on('end', () => {
      frames.push(Buffer.concat(chunks))
      socket.end()
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(() => server.close())
  return { frames, address: `127.0.0.1:${(server.address() as { port: number }).port}` }
}

const until = (condition: () => void) => vi.waitFor(condition, { timeout: 10_000, interval: 5 })

describe('sending packets', () => {
  it('writes the recorded frame, byte for byte, and finishes', async () => {
    const peer = await rawListener()
    const { transport } = await start({ advertiseAddress: '10.0.0.7', advertisePort: 7946 })
    transport.send(peer.address, v5.subarray(15, 128), 'gossip')
    await until(() => expect(peer.frames).toHaveLength(1))
    expect(peer.frames[0]!.toString('hex')).toBe(Buffer.from(v5).toString('hex'))
  })

  it('writes ten megabytes whole before it closes', async () => {
    const peer = await rawListener()
    const { transport, advertised } = await start()
    const packet = new Uint8Array(transport.packetBudgetBytes).fill(7)
    transport.send(peer.address, packet, 'gossip')
    await until(() => expect(peer.frames).toHaveLength(1))
    expect(peer.frames[0]!.equals(encodePacketFrame(advertised, packet))).toBe(true)
  })

  it('counts a refused connection as dial-failed and tells it, with the sentence', async () => {
    const { transport, seen, detail } = await start()
    transport.send(await vacantAddress(), Uint8Array.of(1), 'probe')
    await until(() => expect(seen.drops).toHaveLength(1))
    expect(seen.drops[0]).toMatchObject({ reason: 'dial-failed', detail: expect.stringMatching(/nothing listens/) })
    expect([detail('packets_sent_total'), detail('packets_sent_errors_total')]).toEqual([1, 1])
  })

  it('gives up a peer that accepts but does not read, as write-failed, and frees the writer', async () => {
    const peer = await rawListener((socket) => socket.pause())
    const { transport, seen } = await start({
      packetWriteTimeoutMs: 50,
      maxConcurrentWrites: 1,
      packetBudgetBytes: 64e6,
    })
    transport.send(peer.address, new Uint8Array(32e6), 'gossip')
    await until(() => expect(seen.drops.map(({ reason }) => reason)).toEqual(['write-failed']))
    const healthy = await rawListener()
    transport.send(healthy.address, Uint8Array.of(1), 'gossip')
    await until(() => expect(healthy.frames).toHaveLength(1))
  })

  it('delivers probes while gossip writers are all stuck', async () => {
    const stuck = await rawListener((socket) => socket.pause())
    const { transport, detail } = await start({
      maxConcurrentWrites: 3,
      acquireWriterTimeoutMs: 60_000,
      packetBudgetBytes: 64e6,
      packetWriteTimeoutMs: 60_000,
    })
    for (let i = 0; i < 3; i++) transport.send(stuck.address, new Uint8Array(32e6), 'gossip')
    await until(() => expect(detail('packets_sent_total')).toBe(3))
    const healthy = await rawListener()
    transport.send(healthy.address, Uint8Array.of(1), 'probe')
    await until(() => expect(healthy.frames).toHaveLength(1))
    expect(transport.stats().drops).toEqual({})
  })

  it('drops what finds no writer in time, counted as in dskit (kv check 44)', async () => {
    const stuck = await rawListener((socket) => socket.pause())
    const { transport, seen, detail } = await start({
      maxConcurrentWrites: 1,
      acquireWriterTimeoutMs: 20,
      packetBudgetBytes: 64e6,
    })
    transport.send(stuck.address, new Uint8Array(32e6), 'gossip')
    transport.send(stuck.address, Uint8Array.of(1), 'gossip')
    await until(() => expect(seen.drops.map(({ reason }) => reason)).toEqual(['no-writer']))
    expect([detail('packets_dropped_total'), detail('packets_sent_total')]).toEqual([1, 1])
  })

  it('brings out what was handed over just before close', async () => {
    const peer = await rawListener()
    const { transport } = await start()
    for (let i = 0; i < 10; i++) transport.send(peer.address, Uint8Array.of(i), 'gossip')
    await transport.close()
    await until(() => expect(peer.frames).toHaveLength(10))
  })

  it('does not let a stuck peer hold up close for longer than the linger', async () => {
    const stuck = await rawListener((socket) => socket.pause())
    const { transport, seen } = await start({ packetBudgetBytes: 64e6, closeLingerMs: 20, maxConcurrentWrites: 1 })
    transport.send(stuck.address, new Uint8Array(32e6), 'gossip')
    transport.send(stuck.address, Uint8Array.of(1), 'gossip')
    await transport.close()
    expect(seen.drops.map(({ reason }) => reason)).toContain('closed')
  })
})

describe('receiving packets', () => {
  it('delivers the recorded frame from the address in it', async () => {
    const { bound, seen, detail } = await start()
    raw(bound).socket.end(v5)
    await until(() => expect(seen.packets).toHaveLength(1))
    expect(seen.packets[0]!.from).toBe('10.0.0.7:7946')
    expect(Buffer.from(seen.packets[0]!.bytes).equals(v5.subarray(15, 128))).toBe(true)
    expect([detail('packets_received_total'), detail('packets_received_bytes_total')]).toEqual([1, 113])
    expect(detail('received_bytes_total')).toBe(144)
  })

  it('does not depend on how the bytes are cut', async () => {
    const { bound, seen } = await start()
    const { socket } = raw(bound)
    socket.setNoDelay(true)
    for (const byte of v5) {
      socket.write(Uint8Array.of(byte))
      await new Promise(setImmediate)
    }
    socket.end()
    await until(() => expect(seen.packets).toHaveLength(1))
    expect(Buffer.from(seen.packets[0]!.bytes).equals(v5.subarray(15, 128))).toBe(true)
  })

  it('drops, counts and never delivers a packet whose digest is wrong (kv check 2)', async () => {
    const { bound, seen, transport, detail } = await start()
    const broken = new Uint8Array(v5)
    broken[143]! ^= 1
    await finish(bound, broken)
    await until(() => expect(seen.drops.map(({ reason }) => reason)).toEqual(['digest-mismatch']))
    expect(seen.packets).toEqual([])
    expect(transport.stats()).toMatchObject({ packetsReceived: 0, drops: { 'digest-mismatch': 1 } })
    expect(detail('packets_received_errors_total')).toBe(1)
    // Also for digest mismatches (kv spec 7.3).
    expect(detail('packets_received_bytes_total')).toBe(113)
  })

  it('drops what is shorter than address and digest', async () => {
    const { bound, seen } = await start()
    await finish(bound, v5.subarray(0, 8))
    await finish(bound, v5.subarray(0, 20))
    await until(() => expect(seen.drops.map(({ reason }) => reason)).toEqual(['frame-malformed', 'frame-malformed']))
  })

  it('closes and counts an HTTP request (kv check 45)', async () => {
    const { bound, seen, detail } = await start()
    const { socket, closed } = raw(bound)
    socket.write('GET / HTTP/1.1\r\nHost: x\r\n\r\n')
    expect(await closed).toBe('')
    await until(() => expect(seen.drops).toMatchObject([{ reason: 'frame-malformed', detail: 'first byte 0x47' }]))
    expect(detail('unknown_connections_total')).toBe(1)
  })

  it('takes a connection without a byte for a health check', async () => {
    const { bound, transport, seen } = await start()
    await finish(bound, new Uint8Array(0))
    await finish(bound, v5)
    await until(() => expect(seen.packets).toHaveLength(1))
    expect(transport.stats().drops).toEqual({})
  })

  it('gives up a peer that stalls in the middle of a packet (kv check 47)', async () => {
    const { bound, seen } = await start({ receiveIdleTimeoutMs: 40 })
    const { socket, closed } = raw(bound)
    socket.write(v5.subarray(0, 60))
    await closed
    await until(() => expect(seen.drops.map(({ reason }) => reason)).toEqual(['receive-timeout']))
  })

  it('gives up a peer that dribbles', async () => {
    const { bound, seen } = await start({ receiveIdleTimeoutMs: 60_000, receiveTotalTimeoutMs: 100 })
    const { socket, closed } = raw(bound)
    socket.write(v5.subarray(0, 20))
    const dribble = setInterval(() => socket.writable && socket.write(Uint8Array.of(0)), 10)
    await closed
    clearInterval(dribble)
    expect(seen.drops.map(({ reason }) => reason)).toEqual(['receive-timeout'])
  })

  it('gives up a peer that says nothing at all', async () => {
    const { bound, seen } = await start({ firstByteTimeoutMs: 40 })
    await raw(bound).closed
    await until(() => expect(seen.drops.map(({ reason }) => reason)).toEqual(['receive-timeout']))
  })

  it('gives up a packet that is too large, before its end', async () => {
    const { bound, seen } = await start({ packetBudgetBytes: 1000, maxPacketBytes: 5000 })
    const { socket, closed } = raw(bound)
    socket.write(new Uint8Array(20_000).fill(1))
    await closed
    await until(() => expect(seen.drops.map(({ reason }) => reason)).toEqual(['packet-too-large']))
  })

  it('closes connections beyond the bound, and takes new ones when old ones are gone', async () => {
    const { bound, seen } = await start({ maxInboundConnections: 2 })
    const idle = [raw(bound), raw(bound)]
    await Promise.all(idle.map(({ socket }) => new Promise((resolve) => socket.once('connect', resolve))))
    await raw(bound).closed
    await until(() => expect(seen.drops.map(({ reason }) => reason)).toContain('too-many-connections'))
    for (const { socket } of idle) socket.end()
    await Promise.all(idle.map(({ closed }) => closed))
    await until(() => {
      raw(bound).socket.end(v5)
      expect(seen.packets.length).toBeGreaterThan(0)
    })
  })
})

describe('streams', () => {
  it('begin with one byte, then are the owner’s', async () => {
    const peer = await rawListener()
    const { transport } = await start()
    const stream = await transport.dial(peer.address, { timeoutMs: 5000 })
    receive(stream)
    stream.write(Buffer.from('hello'))
    stream.end()
    await until(() => expect(peer.frames.map(String)).toEqual(['\x02hello']))
  })

  it('hand on what follows the first byte untouched, in one segment or in two', async () => {
    const { bound, seen, detail } = await start()
    const one = raw(bound)
    one.socket.end('\x02\x01\x02rest')
    await until(() => expect(seen.streams[0]?.events).toEqual(['data \x01\x02rest', 'end']))
    seen.streams[0]!.stream.write(Buffer.from('answer'))
    seen.streams[0]!.stream.end()
    expect(await one.closed).toBe('answer')

    const two = raw(bound)
    two.socket.write('\x02')
    await until(() => expect(seen.streams).toHaveLength(2))
    two.socket.end('later')
    await until(() => expect(text(seen.streams[1]!)).toBe('later'))
    expect(detail('incoming_streams_total')).toBe(2)
  })

  it('are not bound by the timeouts of packets', async () => {
    const { bound, seen } = await start({ firstByteTimeoutMs: 30, receiveIdleTimeoutMs: 30, receiveTotalTimeoutMs: 30 })
    const { socket } = raw(bound)
    socket.write('\x02a')
    await new Promise((resolve) => setTimeout(resolve, 120))
    socket.end('b')
    await until(() => expect(text(seen.streams[0]!)).toBe('ab'))
  })

  it('that nobody takes are closed', async () => {
    const { bound, seen } = await start()
    seen.onStream = () => {}
    const { socket, closed } = raw(bound)
    socket.write('\x02')
    await closed
  })
})

describe('stats', () => {
  it('report every counter of kv spec 7.3', async () => {
    const { transport } = await start()
    expect(Object.keys(transport.stats().detail ?? {})).toEqual(
      expect.arrayContaining([
        'incoming_streams_total',
        'outgoing_streams_total',
        'outgoing_stream_errors_total',
        'packets_received_total',
        'packets_received_bytes_total',
        'packets_received_errors_total',
        'packets_dropped_total',
        'packets_sent_total',
        'packets_sent_bytes_total',
        'packets_sent_errors_total',
        'unknown_connections_total',
        'sent_bytes_total',
        'received_bytes_total',
      ]),
    )
  })
})

async function finish(address: string, bytes: Uint8Array): Promise<void> {
  const { socket, closed } = raw(address)
  socket.end(bytes)
  await closed
}

async function vacantAddress(): Promise<string> {
  const other: Transport = tcpTransport({ bindAddress: '127.0.0.1', bindPort: 0 })
  const { bound } = await other.listen(new Recorder())
  await other.close()
  return bound
}
