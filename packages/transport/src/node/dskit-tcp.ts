/** Packets and streams over new TCP connections: the transport of dskit's memberlist KV (kv spec 5). */

import type { Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
import { DialBudget } from '../bounds.ts'
import { Ledger } from '../ledger.ts'
import { realSchedule } from '../system.ts'
import type {
  Address,
  DialOptions,
  Lane,
  Listening,
  Transport,
  TransportHandler,
  TransportStats,
  TransportStream,
} from '../transport.ts'
import { isDialable } from './address.ts'
import { advertise, type Bind, checkBind, isIpv6Only } from './bind.ts'
import { Connections } from './connections.ts'
import { Door } from './door.ts'
import { readerLimits, type TcpOptions } from './dskit-options.ts'
import { Lifecycle } from './lifecycle.ts'
import { streamConnection } from './packet-frame.ts'
import { PacketReader, type PacketReaderEvents } from './packet-reader.ts'
import { writePacket } from './packet-writer.ts'
import { type BoundSocket, bindSharedPort } from './shared-port.ts'
import { SocketStream } from './socket-stream.ts'
import { closed, dialTcp, invalidAddress } from './tcp-dial.ts'
import { listenTcp } from './tcp-listener.ts'
import { acceptTls } from './tls/accept.ts'
import { afterDialError } from './tls/explain.ts'
import { TlsIdentity } from './tls/identity.ts'
import type { TlsOptions } from './tls/options.ts'
import { TransportMetrics } from './transport-metrics.ts'
import { WriterPool, type WriterPoolLimits } from './writer-pool.ts'

/** Packets that may wait for a writer in one lane. */
const MAX_WAITING_PACKETS = 1024
/** Bytes of packets that may wait for a writer in one lane. */
const MAX_WAITING_BYTES = 64 * 1024 * 1024
/** memberlist gossips to a dead member for this long, so a failed peer is likely to be tried again within it. */
const slowPeerMs = 30_000

/**
 * A {@link Transport} that carries each packet and each stream on a TCP connection of its own, byte for byte as dskit
 * does. Unlike dskit it drops packets whose digest is wrong, bounds what peers may send, and has writers of its own for
 * probes. Throws {@link TransportError} `INVALID_ADDRESS` for addresses that are no IP literals; everything else is
 * reported by `listen`.
 */
export function tcpTransport(options: TcpOptions = {}): Transport {
  return new DskitTcpTransport(options)
}

class DskitTcpTransport implements Transport {
  readonly packetBudgetBytes: number
  readonly #bind: Bind
  readonly #door: Door
  readonly #dialTimeoutMs: number
  readonly #writeTimeoutMs: number
  readonly #closeLingerMs: number
  readonly #ledger = new Ledger()
  readonly #metrics = new TransportMetrics()
  readonly #connections = new Connections()
  readonly #dials = new DialBudget()
  readonly #lifecycle = new Lifecycle()
  readonly #lanes: Readonly<Record<Lane, WriterPool>>
  readonly #reader: PacketReader
  readonly #tlsOptions: TlsOptions | undefined
  readonly #handshakeTimeoutMs: number
  #tls: TlsIdentity | undefined
  #handler: TransportHandler | undefined
  #listeners: readonly BoundSocket[] = []
  #advertised: Address = ''

  constructor(options: TcpOptions) {
    this.packetBudgetBytes = options.packetBudgetBytes ?? 10 * 1024 * 1024
    this.#bind = checkBind(options)
    this.#door = new Door(this.#bind, this.#ledger)
    this.#dialTimeoutMs = options.packetDialTimeoutMs ?? 2000
    this.#writeTimeoutMs = options.packetWriteTimeoutMs ?? 5000
    this.#closeLingerMs = options.closeLingerMs ?? 500
    this.#tlsOptions = options.tls
    this.#handshakeTimeoutMs = options.firstByteTimeoutMs ?? 10_000
    this.#reader = new PacketReader(readerLimits(options, this.packetBudgetBytes))
    const limits = {
      acquireWriterTimeoutMs: options.acquireWriterTimeoutMs ?? 250,
      maxWaitingPackets: MAX_WAITING_PACKETS,
      maxWaitingBytes: MAX_WAITING_BYTES,
      slowPeerMs,
    }
    this.#lanes = {
      gossip: this.#pool({ ...limits, maxConcurrentWrites: options.maxConcurrentWrites ?? 3 }),
      probe: this.#pool({ ...limits, maxConcurrentWrites: options.maxConcurrentProbeWrites ?? 16 }),
    }
  }

  async listen(handler: TransportHandler): Promise<Listening> {
    const listening = await this.#lifecycle.open(
      () => this.#start(),
      () => this.#release(),
    )
    this.#handler = handler
    this.#ledger.tell(handler)
    return listening
  }

  send(to: Address, packet: Uint8Array, lane: Lane): void {
    if (!this.#lifecycle.isOpen) this.#ledger.dropped('closed', to, 'the transport is not open')
    else if (!isDialable(to)) this.#ledger.dropped('send-failed', to, 'not an IP address with a port')
    else if (packet.length > this.packetBudgetBytes)
      this.#ledger.dropped('packet-too-large', to, `${packet.length} bytes are more than the packet budget`)
    else this.#lanes[lane].send(to, packet)
  }

  async dial(to: Address, options: DialOptions): Promise<TransportStream> {
    if (!this.#lifecycle.isOpen) throw closed(to)
    if (!isDialable(to)) throw invalidAddress(to)
    this.#metrics.outgoing_streams_total++
    try {
      const tls = this.#tls
      const socket = await this.#dials.within(to, () => dialTcp(to, options, this.#connections, tls))
      socket.write(Uint8Array.of(streamConnection))
      this.#ledger.streamsOpened++
      this.#ledger.activity++
      const explain = tls && ((error: Error, heard: boolean) => afterDialError(to, error, heard, tls))
      return new SocketStream(socket, to, this.#ledger, explain)
    } catch (error) {
      this.#metrics.outgoing_stream_errors_total++
      throw error
    }
  }

  stats(): TransportStats {
    const detail = this.#metrics.detail(this.#connections)
    const tls = this.#tls
    return this.#ledger.stats(
      tls === undefined
        ? detail
        : { ...detail, tls_reloads_total: tls.reloads, tls_reload_errors_total: tls.reloadErrors },
    )
  }

  activity(): number {
    return this.#ledger.activity
  }

  close(): Promise<void> {
    return this.#lifecycle.close(async () => {
      await this.#flush()
      for (const pool of Object.values(this.#lanes)) pool.close()
      await this.#release()
      this.#handler = undefined
      this.#ledger.tell(undefined)
    })
  }

  async #start(): Promise<Listening> {
    if (this.#tlsOptions !== undefined)
      this.#tls = new TlsIdentity(this.#tlsOptions, (detail) => this.#ledger.dropped('tls-failed', undefined, detail))
    const { ips, port } = this.#bind
    this.#listeners = await bindSharedPort(
      port,
      ips.map((ip) => (wanted: number) => this.#listenTcp(ip, wanted)),
    )
    const listening = await advertise(this.#bind, this.#listeners[0]?.port ?? 0)
    this.#advertised = listening.advertised
    return listening
  }

  #listenTcp(ip: string, port: number): Promise<BoundSocket> {
    return listenTcp({
      ip,
      port,
      ipv6Only: isIpv6Only(ip, this.#bind),
      maxConnections: this.#bind.maxInboundConnections,
      onConnection: (socket) => this.#accept(socket),
      onRefused: (remote) => this.#door.tooMany(remote),
      onError: () => this.#metrics.accept_errors_total++,
    })
  }

  /** A leave message was handed over just now: give the writers a moment to bring it out. */
  #flush(): Promise<void> {
    return new Promise((resolve) => {
      const cancel = realSchedule(this.#closeLingerMs, resolve)
      void Promise.all(Object.values(this.#lanes).map((pool) => pool.idle())).then(() => {
        cancel()
        resolve()
      })
    })
  }

  async #release(): Promise<void> {
    const listeners = this.#listeners
    this.#listeners = []
    await Promise.all([...listeners.map((listener) => listener.close()), this.#connections.destroyAll()])
  }

  #pool(limits: WriterPoolLimits): WriterPool {
    return new WriterPool(limits, {
      now: () => performance.now(),
      schedule: realSchedule,
      dropped: (reason, peer, detail) => {
        if (reason === 'no-writer') this.#metrics.packets_dropped_total++
        this.#ledger.dropped(reason, peer, detail)
      },
      write: ({ to, payload }, connected, done) => {
        this.#ledger.sent(payload.length)
        this.#metrics.packets_sent_total++
        this.#metrics.packets_sent_bytes_total += payload.length
        void writePacket({
          to,
          payload,
          advertised: this.#advertised,
          dialTimeoutMs: this.#dialTimeoutMs,
          writeTimeoutMs: this.#writeTimeoutMs,
          connections: this.#connections,
          tls: this.#tls,
          connected,
          refused: (detail) => this.#ledger.dropped('tls-failed', to, detail),
        }).then((outcome) => {
          if (!outcome.ok) {
            this.#metrics.packets_sent_errors_total++
            this.#ledger.dropped(outcome.reason, to, outcome.detail)
          }
          done(outcome.ok || outcome.reason === 'write-failed')
        })
      },
    })
  }

  #accept(socket: Socket): void {
    if (this.#handler === undefined || !this.#lifecycle.isOpen) return void socket.destroy()
    const remote = this.#door.admit(socket)
    if (remote === undefined) return
    this.#ledger.activity++
    if (this.#tls !== undefined) return this.#acceptTls(socket, remote, this.#tls)
    this.#connections.track(socket)
    this.#reader.accept(socket, this.#events(remote))
  }

  #acceptTls(raw: Socket, remote: Address, tls: TlsIdentity): void {
    if (!tls.hasCertificate) {
      this.#ledger.dropped('tls-failed', remote, 'this member has no certificate: give certPath and keyPath')
      return void raw.destroy()
    }
    const socket = acceptTls(raw, tls, this.#handshakeTimeoutMs, {
      secured: () => this.#reader.accept(socket, this.#events(remote)),
      failed: (detail) => this.#lifecycle.isOpen && this.#ledger.dropped('tls-failed', remote, detail),
      silent: () => this.#ledger.activity++,
    })
    this.#connections.track(socket)
  }

  #events(remote: Address): PacketReaderEvents {
    const metrics = this.#metrics
    return {
      packetBegun: () => metrics.packets_received_total++,
      packetEnded: (payloadBytes, valid) => {
        metrics.packets_received_bytes_total += payloadBytes
        if (!valid) metrics.packets_received_errors_total++
      },
      packet: (from, payload) => {
        if (this.#handler === undefined || !this.#lifecycle.isOpen) return
        this.#ledger.received(payload.length)
        this.#handler.onPacket(from, payload)
      },
      stream: (socket) => this.#stream(socket, remote),
      unknown: () => metrics.unknown_connections_total++,
      dropped: (reason, detail) => this.#ledger.dropped(reason, remote, detail),
      active: () => this.#ledger.activity++,
    }
  }

  #stream(socket: Socket, remote: Address): void {
    if (this.#handler === undefined || !this.#lifecycle.isOpen) return void socket.destroy()
    this.#metrics.incoming_streams_total++
    this.#ledger.streamsAccepted++
    const stream = new SocketStream(socket, remote, this.#ledger)
    this.#handler.onStream(stream)
    if (!stream.taken) stream.destroy()
  }
}
