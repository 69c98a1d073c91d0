/** A transport that can be listened to, and that can lose the packets of single peers. */
import type {
  Address,
  DialOptions,
  Lane,
  Listening,
  Transport,
  TransportHandler,
  TransportStats,
  TransportStream,
} from '@hearsay/transport'

/** Real packets and streams, with a tap. Streams are never touched. */
export class TappedTransport implements Transport {
  /** Packets as they came and went, lost ones included. */
  readonly received: Uint8Array[] = []
  readonly sent: Uint8Array[] = []
  readonly #inner: Transport
  readonly #mute = new Set<Address>()
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

  listen(handler: TransportHandler): Promise<Listening> {
    return this.#inner.listen({
      onPacket: (from, bytes) => {
        this.received.push(bytes.slice())
        if (!this.#loses(from)) handler.onPacket(from, bytes)
      },
      onStream: (stream) => handler.onStream(stream),
      onDrop: (reason, peer, detail) => handler.onDrop(reason, peer, detail),
    })
  }

  send(to: Address, packet: Uint8Array, lane: Lane): void {
    this.sent.push(packet.slice())
    if (!this.#loses(to)) this.#inner.send(to, packet, lane)
  }

  dial(to: Address, options: DialOptions): Promise<TransportStream> {
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
    if (!this.#mute.has(peer)) return false
    this.lost++
    return true
  }
}
