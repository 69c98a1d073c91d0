/** A transport that can be listened to, that can lose the packets of single peers, and that can be cut off. */
import {
  type Address,
  type DialOptions,
  type Lane,
  type Listening,
  type Transport,
  TransportError,
  type TransportHandler,
  type TransportStats,
  type TransportStream,
} from '@hearsay/transport'
import { decodePacket, type PacketMessage } from '@hearsay/wire'

/** Real packets and streams, with a tap. Streams are touched only while it is cut off. */
export class TappedTransport implements Transport {
  /** Packets as they came and went, lost ones included. */
  readonly received: Uint8Array[] = []
  readonly sent: Uint8Array[] = []
  readonly #inner: Transport
  readonly #receivers: Address[] = []
  readonly #mute = new Set<Address>()
  #isCutOff = false
  /** Packets that were lost on purpose, both ways. */
  lost = 0

  constructor(inner: Transport) {
    this.#inner = inner
  }

  get packetBudgetBytes(): number {
    return this.#inner.packetBudgetBytes
  }

  /** From now on no packet to or from this address gets through. */
  mute(peer: Address): void {
    this.#mute.add(peer)
  }

  /** Whether nothing gets through any more, neither packets nor new streams, from nobody to nobody. */
  cutOff(isCutOff: boolean): void {
    this.#isCutOff = isCutOff
  }

  /** What went to an address, message by message, where packets are neither labelled nor encrypted. */
  messagesTo(peer: Address): PacketMessage[] {
    return this.sent.flatMap((packet, at) => (this.#receivers[at] === peer ? decodePacket(packet).messages : []))
  }

  listen(handler: TransportHandler): Promise<Listening> {
    return this.#inner.listen({
      onPacket: (from, bytes) => {
        this.received.push(bytes.slice())
        if (!this.#loses(from)) handler.onPacket(from, bytes)
      },
      onStream: (stream) => (this.#isCutOff ? stream.destroy() : handler.onStream(stream)),
      onDrop: (reason, peer, detail) => handler.onDrop(reason, peer, detail),
    })
  }

  send(to: Address, packet: Uint8Array, lane: Lane): void {
    this.sent.push(packet.slice())
    this.#receivers.push(to)
    if (!this.#loses(to)) this.#inner.send(to, packet, lane)
  }

  async dial(to: Address, options: DialOptions): Promise<TransportStream> {
    if (this.#isCutOff) throw new TransportError('DIAL_FAILED', 'cut off by the test', to)
    return this.#inner.dial(to, options)
  }

  stats(): TransportStats {
    return this.#inner.stats()
  }

  activity(): number {
    return this.#inner.activity?.() ?? 0
  }

  close(): Promise<void> {
    return this.#inner.close()
  }

  #loses(peer: Address): boolean {
    if (!this.#isCutOff && !this.#mute.has(peer)) return false
    this.lost++
    return true
  }
}
