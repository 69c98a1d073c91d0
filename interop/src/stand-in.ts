/** A member that is no more than a socket for packets: it says and answers what a test has it say and answer. */
import { createSocket, type RemoteInfo, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { decodePacket, encodePacket, type PacketMessage, Part, type Ping, parseAddress } from '@hearsay/wire'

/** As of a member that is so old that nobody expects a nack of it. */
const versions = {
  protocolMin: 1,
  protocolMax: 3,
  protocolCurrent: 2,
  delegateMin: 0,
  delegateMax: 0,
  delegateCurrent: 0,
} as const

/** On 127.0.0.1 and a free port. Where packets are neither labelled nor encrypted. */
export class StandIn {
  readonly name: string
  /** `ip:port`. */
  readonly address: string
  /** Whatever came, in order. */
  readonly heard: PacketMessage[] = []
  /** How long it takes to answer a ping, in milliseconds; `undefined`: for ever. At first it answers none. */
  answersAfterMs: (ping: Ping) => number | undefined = () => undefined
  readonly #socket: Socket
  readonly #timers = new Set<NodeJS.Timeout>()

  private constructor(name: string, socket: Socket) {
    this.name = name
    this.#socket = socket
    this.address = `127.0.0.1:${socket.address().port}`
    socket.on('message', (datagram, from) => this.#hear(datagram, from))
    socket.on('error', () => {})
  }

  static async open(name: string): Promise<StandIn> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 })
    socket.bind(0, '127.0.0.1')
    await once(socket, 'listening')
    return new StandIn(name, socket)
  }

  /** Sends messages in one packet. */
  say(to: string, ...messages: readonly PacketMessage[]): void {
    const packet = encodePacket(
      messages.map((message) => new Part(message)),
      { compression: 'none', checksum: false },
    )
    const { host, port } = hostAndPort(to)
    this.#socket.send(packet, port, host)
  }

  /** Says that a member is here: this one, unless another name is given. */
  announce(to: string, incarnation: number, node = this.name): void {
    const { ip: address, port } = parseAddress(this.address)!
    this.say(to, { type: 'alive', incarnation, node, address, port, meta: null, versions })
  }

  /** Asks for a ping of `target` so many times, in packets of up to a hundred requests; answers come back here. */
  askForPings(to: string, target: StandIn, count: number): void {
    const { ip: sourceAddress, port: sourcePort } = parseAddress(this.address)!
    const { ip, port } = parseAddress(target.address)!
    const asked = Array.from(
      { length: count },
      (_, seqNo): PacketMessage => ({
        type: 'indirect-ping',
        seqNo,
        target: ip,
        port,
        node: target.name,
        nack: true,
        sourceAddress,
        sourcePort,
        sourceNode: this.name,
      }),
    )
    for (let at = 0; at < count; at += 100) this.say(to, ...asked.slice(at, at + 100))
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const timer of this.#timers) clearTimeout(timer)
    this.#socket.close()
    await once(this.#socket, 'close')
  }

  #hear(datagram: Uint8Array, { address, port }: RemoteInfo): void {
    const { messages } = decodePacket(datagram.slice())
    this.heard.push(...messages)
    for (const message of messages) if (message.type === 'ping') this.#pinged(message, `${address}:${port}`)
  }

  #pinged(ping: Ping, from: string): void {
    const afterMs = this.answersAfterMs(ping)
    if (afterMs === undefined) return
    const timer = setTimeout(() => {
      this.#timers.delete(timer)
      this.say(from, { type: 'ack', seqNo: ping.seqNo, payload: null })
    }, afterMs)
    this.#timers.add(timer)
  }
}

function hostAndPort(address: string): { host: string; port: number } {
  const { hostname, port } = new URL(`udp://${address}`)
  return { host: hostname, port: Number(port) }
}
