// TLS of dskit's framing on loopback: who is refused and what is said about it (kv spec 5.5).
import { connect, createServer as createTcpServer } from 'node:net'
import { connect as connectTls, createServer as createTlsServer, type TlsOptions as NodeTlsOptions } from 'node:tls'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { type TcpOptions, type TlsOptions, type TransportError, tcpTransport } from '../src/index.ts'
import { authority } from './certificates.ts'
import { Recorder, receive } from './recorder.ts'
import { v5 } from './v5.ts'

const ca = await authority('Test authority')
const foreign = await authority('Foreign authority')
const member = await ca.issue({ name: 'member' })
const stranger = await foreign.issue({ name: 'stranger' })
const trusted: TlsOptions = { ...member, ca: ca.cert }

const open: (() => unknown)[] = []
afterEach(async () => {
  for (const close of open.splice(0).reverse()) await close()
})

async function start(tls: TlsOptions | undefined, options: TcpOptions = {}) {
  const loopback = { bindAddress: '127.0.0.1', bindPort: 0 }
  const transport = tcpTransport({ ...loopback, ...(tls === undefined ? {} : { tls }), ...options })
  const seen = new Recorder()
  const { bound } = await transport.listen(seen)
  open.push(() => transport.close())
  return { transport, seen, bound, port: Number(bound.split(':')[1]) }
}

/** A TLS server that is not ours; `answers` nothing unless told. */
async function rawTlsServer(options: NodeTlsOptions, onNames: (sni: string | false) => void = () => {}) {
  const server = createTlsServer(options, (socket) => {
    onNames((socket as unknown as { servername: string | false }).servername)
    socket.on('error', () => {})
    open.push(() => socket.destroy())
  })
  server.on('tlsClientError', () => {})
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  open.push(() => server.close())
  return `127.0.0.1:${(server.address() as { port: number }).port}`
}

const until = (condition: () => void) => vi.waitFor(condition, { timeout: 10_000, interval: 5 })
const dial = async (from: Awaited<ReturnType<typeof start>>, to: string, timeoutMs = 10_000) =>
  receive(await from.transport.dial(to, { timeoutMs }))
const failure = (dialling: Promise<unknown>) =>
  dialling.then(
    () => ({ code: 'none', message: 'the dial succeeded' }),
    (error: TransportError) => ({ code: error.code, message: error.message }),
  )

describe('dialling', () => {
  it('refuses a member whose authority is unknown, and both sides say why', async () => {
    const [a, b] = [await start(trusted), await start({ ...stranger, ca: foreign.cert })]
    expect(await failure(dial(a, b.bound))).toEqual({
      code: 'TLS_FAILED',
      message: `the certificate of ${b.bound} is signed by an authority that is not in the given ca.`,
    })
    a.transport.send(b.bound, Uint8Array.of(1), 'gossip')
    await until(() => expect(a.seen.drops).toMatchObject([{ reason: 'tls-failed', peer: b.bound }]))
    expect([b.seen.streams, b.seen.packets]).toEqual([[], []])
  })

  it('refuses a certificate that is not for the address that is dialled (kv check 46)', async () => {
    const named = await ca.issue({ name: 'named', ips: [], names: ['member.example'] })
    const b = await start({ ...trusted, ...named })
    expect(await failure(dial(await start(trusted), b.bound))).toEqual({
      code: 'TLS_FAILED',
      message: `the certificate of ${b.bound} is not valid for the name 127.0.0.1, but for DNS:member.example; give serverName, or such a certificate.`,
    })
    // kv spec, acceptance 46: with the name set, it succeeds.
    await dial(await start({ ...trusted, serverName: 'member.example' }), b.bound)
    await dial(await start({ ...trusted, insecureSkipVerify: true }), b.bound)
  })

  it('does not take the common name for a name, as Go does not', async () => {
    const b = await start({ ...trusted, ...(await ca.issue({ name: 'member.example', ips: [] })) })
    const a = await start({ ...trusted, serverName: 'member.example' })
    expect(await failure(dial(a, b.bound))).toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringMatching(/no subject alternative/),
    })
  })

  it('sends the server name as SNI, and never an IP address', async () => {
    const names: unknown[] = []
    const both = await ca.issue({ name: 'both', names: ['member.example'] })
    const server = await rawTlsServer(both, (name) => names.push(name))
    await dial(await start({ ...trusted, serverName: 'member.example' }), server)
    await dial(await start(trusted), server)
    await dial(await start({ ...trusted, serverName: '127.0.0.1' }), server)
    await until(() => expect(names).toEqual(['member.example', false, false]))
  })

  it('refuses what has expired, and what is not valid yet', async () => {
    const day = 86_400_000
    const [yesterday, tomorrow] = [new Date(Date.now() - day), new Date(Date.now() + day)]
    const expired = await ca.issue({ name: 'old', notBefore: new Date(Date.now() - 2 * day), notAfter: yesterday })
    const early = await ca.issue({ name: 'new', notBefore: tomorrow, notAfter: new Date(Date.now() + 2 * day) })
    const a = await start(trusted)
    expect(await failure(dial(a, (await start({ ...trusted, ...expired })).bound))).toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringMatching(/has expired/),
    })
    expect(await failure(dial(a, (await start({ ...trusted, ...early })).bound))).toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringMatching(/not valid yet/),
    })
  })

  it('takes its time from the dial, handshake included', async () => {
    const mute = createTcpServer((socket) => open.push(() => socket.destroy()))
    await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve))
    open.push(() => mute.close())
    const address = `127.0.0.1:${(mute.address() as { port: number }).port}`
    expect(await failure(dial(await start(trusted), address, 50))).toEqual({
      code: 'DIAL_TIMEOUT',
      message: `${address} did not finish the TLS handshake within 50 ms.`,
    })
  })

  it('tells a member without TLS from one that is not there', async () => {
    const [a, plain] = [await start(trusted), await start(undefined)]
    expect(await failure(dial(a, plain.bound))).toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringMatching(/may not speak TLS/),
    })
    await plain.transport.close()
    expect(await failure(dial(a, plain.bound))).toMatchObject({ code: 'DIAL_REFUSED' })
  })
})

describe('being dialled', () => {
  it('counts a member without TLS, with its address', async () => {
    const [plain, b] = [await start(undefined), await start(trusted)]
    plain.transport.send(b.bound, v5, 'gossip')
    await until(() =>
      expect(b.seen.drops).toMatchObject([
        { reason: 'tls-failed', detail: 'it does not speak TLS', peer: expect.stringMatching(/^127/) },
      ]),
    )
    expect(b.transport.stats().drops).toEqual({ 'tls-failed': 1 })
  })

  it('gives up a handshake that does not end', async () => {
    const b = await start(trusted, { firstByteTimeoutMs: 40 })
    const socket = connect(b.port, '127.0.0.1')
    open.push(() => socket.destroy())
    const closed = new Promise((resolve) => socket.on('error', () => {}).once('close', resolve))
    socket.write(Uint8Array.of(0x16, 3, 1))
    await closed
    await until(() =>
      expect(b.seen.drops).toMatchObject([{ reason: 'tls-failed', detail: expect.stringMatching(/within 40 ms/) }]),
    )
  })

  it('takes a connection without a byte for a health check, and closes it at once', async () => {
    const b = await start(trusted, { firstByteTimeoutMs: 60_000 })
    for (let i = 0; i < 3; i++) {
      const socket = connect({ port: b.port, host: '127.0.0.1', allowHalfOpen: true }, () => socket.end())
      await new Promise((resolve) => socket.resume().once('close', resolve).once('end', resolve))
    }
    await until(() => expect(b.transport.stats().detail).toMatchObject({ open_connections: 0 }))
    expect(b.transport.stats().drops).toEqual({})
    const half = connect({ port: b.port, host: '127.0.0.1' }, () => half.end(Uint8Array.of(0x16, 3, 1)))
    await until(() =>
      expect(b.seen.drops).toMatchObject([{ reason: 'tls-failed', detail: expect.stringMatching(/closed the conn/) }]),
    )
  })

  it('says nothing after the handshake before the dialler has finished, for dskit reads nothing before it closes', async () => {
    const b = await start(trusted)
    const raw = connect(b.port, '127.0.0.1')
    const socket = connectTls({ socket: raw, host: '127.0.0.1', ca: ca.cert })
    open.push(() => raw.destroy())
    await new Promise((resolve) => socket.once('secureConnect', resolve))
    const { bytesRead } = raw
    let tickets = 0
    socket.on('session', () => tickets++)
    socket.write(v5.subarray(0, 100))
    await until(() => expect(b.transport.stats().detail).toMatchObject({ received_bytes_total: 100 }))
    expect(socket.getProtocol()).toBe('TLSv1.3')
    expect(raw.bytesRead).toBe(bytesRead)
    socket.end(v5.subarray(100))
    await new Promise((resolve) => socket.resume().once('end', resolve))
    await until(() => expect(b.seen.packets).toHaveLength(1))
    // Then come the tickets, which this dialler can use, and the end.
    expect(tickets).toBeGreaterThan(0)
  })

  it('says so when it has no certificate to show', async () => {
    const [a, b] = [await start(trusted), await start({ ca: ca.cert })]
    expect(await failure(dial(a, b.bound))).toMatchObject({ code: 'TLS_FAILED' })
    await until(() =>
      expect(b.seen.drops).toMatchObject([
        { reason: 'tls-failed', detail: expect.stringMatching(/has no certificate/) },
      ]),
    )
  })

  it('counts bytes as they are inside', async () => {
    const [a, b] = [await start(trusted, { advertiseAddress: '10.0.0.7', advertisePort: 7946 }), await start(trusted)]
    a.transport.send(b.bound, v5.subarray(15, 128), 'gossip')
    await until(() => expect(b.seen.packets).toHaveLength(1))
    await until(() => expect(b.transport.stats().detail).toMatchObject({ received_bytes_total: 144 }))
    expect(a.transport.stats().detail).toMatchObject({ sent_bytes_total: 144 })
  })
})

describe('mutual TLS', () => {
  const demanding: TlsOptions = { ...trusted, clientAuth: 'require' }

  it('refuses who shows no certificate, and both sides say why', async () => {
    const [a, b] = [await start({ ca: ca.cert }), await start(demanding)]
    // In TLS 1.3 the dialler is through before the other side has looked, so the refusal comes on the stream.
    const stream = await a.transport.dial(b.bound, { timeoutMs: 10_000 })
    const closed = new Promise<Error | undefined>((resolve) =>
      stream.receive({ onData: () => {}, onEnd: () => {}, onClose: resolve }),
    )
    expect(await closed).toMatchObject({
      code: 'TLS_FAILED',
      message: `${b.bound} demands a client certificate: give certPath and keyPath.`,
    })
    await until(() =>
      expect(b.seen.drops).toMatchObject([
        { reason: 'tls-failed', detail: 'it offered no client certificate, and clientAuth is require' },
      ]),
    )
    expect(b.seen.streams).toEqual([])
  })

  it('refuses who shows one of a foreign authority, and lets nothing in that was sent meanwhile', async () => {
    const [a, b] = [await start({ ...stranger, ca: ca.cert }), await start(demanding)]
    const stream = await a.transport.dial(b.bound, { timeoutMs: 10_000 })
    stream.write(Buffer.from('let me in'))
    const closed = new Promise<Error | undefined>((resolve) =>
      stream.receive({ onData: () => {}, onEnd: () => {}, onClose: resolve }),
    )
    expect(await closed).toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringMatching(/right after the TLS handshake.*authority/),
    })
    await until(() =>
      expect(b.seen.drops).toMatchObject([
        {
          reason: 'tls-failed',
          detail: 'its client certificate is signed by an authority that is not in the given ca',
        },
      ]),
    )
    expect(b.seen.streams).toEqual([])
  })

  it('loses packets of who shows none, and the sender hears of it', async () => {
    const [a, b] = [await start({ ca: ca.cert }), await start(demanding)]
    a.transport.send(b.bound, Uint8Array.of(1), 'gossip')
    await until(() =>
      expect(a.seen.drops).toMatchObject([
        { reason: 'tls-failed', peer: b.bound, detail: expect.stringMatching(/client certificate/) },
      ]),
    )
    await until(() => expect(b.transport.stats().drops).toEqual({ 'tls-failed': 1 }))
    expect(b.seen.packets).toEqual([])
  })

  it('is said during the dial by TLS 1.2', async () => {
    const server = await rawTlsServer({ ...member, ca: ca.cert, requestCert: true, maxVersion: 'TLSv1.2' })
    expect(await failure(dial(await start({ ca: ca.cert }), server))).toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringMatching(/it demands a client certificate/),
    })
    await dial(await start(trusted), server)
  })
})

describe('versions and cipher suites', () => {
  it('goes no lower than it was told', async () => {
    const strict: TlsOptions = { ...trusted, minVersion: 'TLSv1.3' }
    const old = await rawTlsServer({ ...member, maxVersion: 'TLSv1.2' })
    expect(await failure(dial(await start(strict), old))).toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringMatching(/none of our TLS versions \(TLSv1\.3 and later\)/),
    })
    const b = await start(strict)
    connectTls({ port: b.port, host: '127.0.0.1', ca: ca.cert, maxVersion: 'TLSv1.2' }).on('error', () => {})
    await until(() =>
      expect(b.seen.drops).toMatchObject([
        { reason: 'tls-failed', detail: expect.stringMatching(/minVersion allows/) },
      ]),
    )
  })

  it('offers the suites by their Go names, and TLS 1.3 all the same', async () => {
    const suite = { ...trusted, cipherSuites: ['TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384'] }
    const b = await start(suite)
    const agreed = (maxVersion: 'TLSv1.2' | 'TLSv1.3') =>
      new Promise<string>((resolve) => {
        const socket = connectTls({ port: b.port, host: '127.0.0.1', ca: ca.cert, maxVersion }, () => {
          resolve(`${socket.getProtocol()} ${socket.getCipher().standardName}`)
          socket.destroy()
        })
      })
    expect(await agreed('TLSv1.2')).toBe('TLSv1.2 TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384')
    expect(await agreed('TLSv1.3')).toMatch(/^TLSv1\.3/)
    const other = { ciphers: 'ECDHE-ECDSA-AES128-GCM-SHA256', maxVersion: 'TLSv1.2' as const }
    expect(await failure(dial(await start(suite), await rawTlsServer({ ...member, ...other })))).toMatchObject({
      code: 'TLS_FAILED',
      message: expect.stringMatching(/no cipher suite/),
    })
  })
})
