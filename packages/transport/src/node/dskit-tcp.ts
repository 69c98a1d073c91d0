/** Packets and streams over new TCP connections: the transport of dskit's memberlist KV (kv spec 5). */

import type { Server, Socket } from 'node:net'
import { performance } from 'node:perf_hooks'
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
import { advertise, type Bind, type BindOptions, checkBind } from './bind.ts'
import { Connections } from './connections.ts'
import { Lifecycle } from './lifecycle.ts'
import { streamConnection } from './packet-frame.ts'
import { PacketReader, type PacketReaderEvents, type PacketReaderLimits } from './packet-reader.ts'
import { writePacket } from './packet-writer.ts'
import { SocketStream } from './socket-stream.ts'
import { closed, dialTcp, invalidAddress } from './tcp-dial.ts'
import { boundPort, closeTcp, listenTcp, remoteOf } from './tcp-listener.ts'
import { TransportMetrics } from './transport-metrics.ts'
import { WriterPool, type WriterPoolLimits } from './writer-pool.ts'

/** Options of {@link tcpTransport}. Names and defaults of dskit's flags where it has them (kv spec 7.1). */
export interface TcpOptions extends BindOptions {
  /** The largest packet that should be sent. Default 10 MiB, as dskit. */
  readonly packetBudgetBytes?: number
  /** Gossip packets dialled or written at one time. Default 3; less than 1 means 1. */
  readonly maxConcurrentWrites?: number
  /** Probes and acks dialled or written at one time, by writers of their own. Default 16. */
  readonly maxConcurrentProbeWrites?: number
  /** How long a packet waits for a writer before it is dropped. Default 250 ms. */
  readonly acquireWriterTimeoutMs?: number
  /** Until a packet's connection is made. Default 2000 ms. */
  readonly packetDialTimeoutMs?: number
  /** Until a packet is written, from then on. Default 5000 ms; 0 for no limit. */
  readonly packetWriteTimeoutMs?: number
  /** Largest packet connection that is read. Default, and never less than, the budget and 1 KiB; 16 MiB by default. */
  readonly maxPacketBytes?: number
  /** How long an accepted connection may be silent before its first byte. Default 10 s. */
  readonly firstByteTimeoutMs?: number
  /** How long a packet connection may pause. Default 10 s. */
  readonly receiveIdleTimeoutMs?: number
  /** How long a packet connection may take in all. Default 30 s. */
  readonly receiveTotalTimeoutMs?: number
  /** How long `close` waits for packets that are on their way out. Default 500 ms. */
  readonly closeLingerMs?: number
}

/** Packets that may wait for a writer in one lane, and their bytes. */
const maxWaitingPackets = 1024
const maxWaitingBytes = 64 * 1024 * 1024
/** Bytes of packets being received, over all connections. */
const maxUnfinishedBytes = 128 * 1024 * 1024
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
  readonly #dialTimeoutMs: number
  readonly #writeTimeoutMs: number
  readonly #closeLingerMs: number
  readonly #ledger = new Ledger()
  readonly #metrics = new TransportMetrics()
  readonly #connections = new Connections()
  readonly #lifecycle = new Lifecycle()
  readonly #lanes: Readonly<Record<Lane, WriterPool>>
  readonly #reader: PacketReader
  #handler: TransportHandler | undefined
  #server: Server | undefined
  #advertised: Address = ''

  constructor(options: TcpOptions) {
    this.packetBudgetBytes = options.packetBudgetBytes ?? 10 * 1024 * 1024
    this.#bind = checkBind(options)
    this.#dialTimeoutMs = options.packetDialTimeoutMs ?? 2000
    this.#writeTimeoutMs = options.packetWriteTimeoutMs ?? 5000
    this.#closeLingerMs = options.closeLingerMs ?? 500
    this.#reader = new PacketReader(readerLimits(options, this.packetBudgetBytes))
    const limits = {
      acquireWriterTimeoutMs: options.acquireWriterTimeoutMs ?? 250,
      maxWaitingPackets,
      maxWaitingBytes,
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
      const socket = await dialTcp(to, options, this.#connections)
      socket.write(Uint8Array.of(streamConnection))
      this.#ledger.streamsOpened++
      this.#ledger.activity++
      return new SocketStream(socket, to, this.#ledger)
    } catch (error) {
      this.#metrics.outgoing_stream_errors_total++
      throw error
    }
  }

  stats(): TransportStats {
    return this.#ledger.stats(this.#metrics.detail(this.#connections))
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
    const { ip, port, maxInboundConnections } = this.#bind
    this.#server = await listenTcp({
      ip,
      port,
      maxConnections: maxInboundConnections,
      onConnection: (socket) => this.#accept(socket),
      onRefused: (remote) =>
        this.#ledger.dropped('too-many-connections', remote, `${maxInboundConnections} connections are open`),
      onError: () => this.#metrics.accept_errors_total++,
    })
    const listening = await advertise(this.#bind, boundPort(this.#server))
    this.#advertised = listening.advertised
    return listening
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
    const server = this.#server
    this.#server = undefined
    await Promise.all([server === undefined ? undefined : closeTcp(server), this.#connections.destroyAll()])
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
          connected,
        }).then((outcome) => {
          if (!outcome.ok) {
            this.#metrics.packets_sent_errors_total++
            this.#ledger.dropped(outcome.reason, to, outcome.detail)
          }
          done(outcome.ok || outcome.reason !== 'dial-failed')
        })
      },
    })
  }

  #accept(socket: Socket): void {
    if (this.#handler === undefined || !this.#lifecycle.isOpen) return void socket.destroy()
    this.#connections.track(socket)
    this.#ledger.activity++
    this.#reader.accept(socket, this.#events(remoteOf(socket.remoteAddress, socket.remotePort)))
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

function readerLimits(options: TcpOptions, packetBudgetBytes: number): PacketReaderLimits {
  return {
    maxPacketBytes: Math.max(options.maxPacketBytes ?? 16 * 1024 * 1024, packetBudgetBytes + 1024),
    maxUnfinishedBytes,
    firstByteTimeoutMs: options.firstByteTimeoutMs ?? 10_000,
    idleTimeoutMs: options.receiveIdleTimeoutMs ?? 10_000,
    totalTimeoutMs: options.receiveTotalTimeoutMs ?? 30_000,
  }
}
