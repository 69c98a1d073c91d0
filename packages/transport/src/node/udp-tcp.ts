/** Packets by UDP and streams by TCP, both on one port: memberlist's own transport. */

import type { RemoteInfo } from 'node:dgram'
import type { Socket } from 'node:net'
import { DialBudget } from '../bounds.ts'
import { Ledger } from '../ledger.ts'
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
import { advertise, type Bind, type BindOptions, checkBind, isIpv6Only } from './bind.ts'
import { Connections } from './connections.ts'
import { DatagramRoute } from './datagram-route.ts'
import { bindUdp, enlargeReceiveBuffer, type UdpSocket } from './datagram-socket.ts'
import { Door } from './door.ts'
import { Lifecycle } from './lifecycle.ts'
import { type BoundSocket, bindSharedPort } from './shared-port.ts'
import { SocketStream } from './socket-stream.ts'
import { closed, dialTcp } from './tcp-dial.ts'
import { listenTcp } from './tcp-listener.ts'

/** Options of {@link udpTcpTransport}. */
export interface UdpTcpOptions extends BindOptions {
  /** The largest packet that should be sent. Default 1400 (wire spec 6.5): fits an Ethernet frame with room for tunnels. */
  readonly packetBudgetBytes?: number
  /** Asked of the system for received datagrams, halved until accepted. Default 2 MiB (membership spec 6.1). */
  readonly receiveBufferBytes?: number
}

/**
 * A {@link Transport} of UDP packets and TCP streams on one port. Throws {@link TransportError} `INVALID_ADDRESS` for
 * addresses that are no IP literals; everything else is reported by `listen`.
 */
export function udpTcpTransport(options: UdpTcpOptions = {}): Transport {
  return new UdpTcpTransport(options)
}

class UdpTcpTransport implements Transport {
  readonly packetBudgetBytes: number
  readonly #bind: Bind
  readonly #door: Door
  readonly #receiveBufferBytes: number
  readonly #ledger = new Ledger()
  readonly #connections = new Connections()
  readonly #dials = new DialBudget()
  readonly #lifecycle = new Lifecycle()
  readonly #detail = { outgoing_stream_errors_total: 0, accept_errors_total: 0, socket_errors_total: 0 }
  #handler: TransportHandler | undefined
  /** What the system granted each UDP socket, in bytes. */
  #receiveBuffer = 0
  #sockets: readonly BoundSocket[] = []
  #sender: DatagramRoute | undefined

  constructor(options: UdpTcpOptions) {
    this.packetBudgetBytes = options.packetBudgetBytes ?? 1400
    this.#receiveBufferBytes = options.receiveBufferBytes ?? 2 * 1024 * 1024
    this.#bind = checkBind(options)
    this.#door = new Door(this.#bind, this.#ledger)
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
    if (this.#lifecycle.isOpen && this.#sender !== undefined) this.#sender.send(to, packet, lane)
    else this.#ledger.dropped('closed', to, 'the transport is not open')
  }

  async dial(to: Address, options: DialOptions): Promise<TransportStream> {
    if (!this.#lifecycle.isOpen) throw closed(to)
    try {
      const socket = await this.#dials.within(to, () => dialTcp(to, options, this.#connections))
      this.#ledger.streamsOpened++
      this.#ledger.activity++
      return new SocketStream(socket, to, this.#ledger)
    } catch (error) {
      this.#detail.outgoing_stream_errors_total++
      throw error
    }
  }

  stats(): TransportStats {
    return this.#ledger.stats({
      ...this.#detail,
      receive_buffer_bytes: this.#receiveBuffer,
      open_connections: this.#connections.size,
      stream_bytes_sent_total: this.#connections.bytesWritten,
      stream_bytes_received_total: this.#connections.bytesRead,
    })
  }

  activity(): number {
    return this.#ledger.activity
  }

  close(): Promise<void> {
    return this.#lifecycle.close(async () => {
      this.#sender?.close()
      await this.#release()
      this.#handler = undefined
      this.#ledger.tell(undefined)
    })
  }

  async #start(): Promise<Listening> {
    const { ips, port } = this.#bind
    this.#sockets = await bindSharedPort<BoundSocket>(port, [
      ...ips.map((ip) => (wanted: number) => this.#listenTcp(ip, wanted)),
      ...ips.map((ip) => (wanted: number) => bindUdp(ip, wanted, isIpv6Only(ip, this.#bind))),
    ])
    const udps = this.#sockets.filter(isUdp)
    for (const { socket } of udps) {
      socket.on('error', () => this.#detail.socket_errors_total++)
      socket.on('message', (packet, remote) => this.#packet(packet, remote))
      this.#receiveBuffer = enlargeReceiveBuffer(socket, this.#receiveBufferBytes)
    }
    this.#sender = new DatagramRoute(udps, this.#ledger)
    return advertise(this.#bind, this.#sockets[0]?.port ?? 0)
  }

  #listenTcp(ip: string, port: number): Promise<BoundSocket> {
    return listenTcp({
      ip,
      port,
      ipv6Only: isIpv6Only(ip, this.#bind),
      maxConnections: this.#bind.maxInboundConnections,
      onConnection: (socket) => this.#accept(socket),
      onRefused: (remote) => this.#door.tooMany(remote),
      onError: () => this.#detail.accept_errors_total++,
    })
  }

  async #release(): Promise<void> {
    const sockets = this.#sockets
    this.#sockets = []
    this.#sender = undefined
    await Promise.all([...sockets.map((socket) => socket.close()), this.#connections.destroyAll()])
  }

  #packet(packet: Uint8Array, { address, port }: RemoteInfo): void {
    if (this.#handler === undefined || !this.#lifecycle.isOpen) return
    const from = this.#door.admitPacket(address, port)
    if (from === undefined) return
    if (packet.length === 0) {
      this.#ledger.dropped('frame-malformed', from, 'an empty datagram')
    } else {
      this.#ledger.received(packet.length)
      this.#handler.onPacket(from, packet)
    }
  }

  #accept(socket: Socket): void {
    if (this.#handler === undefined || !this.#lifecycle.isOpen) return void socket.destroy()
    const remote = this.#door.admit(socket)
    if (remote === undefined) return
    this.#connections.track(socket)
    this.#ledger.streamsAccepted++
    this.#ledger.activity++
    const stream = new SocketStream(socket, remote, this.#ledger)
    this.#handler.onStream(stream)
    if (!stream.taken) stream.destroy()
  }
}

const isUdp = (bound: BoundSocket): bound is UdpSocket => 'socket' in bound
