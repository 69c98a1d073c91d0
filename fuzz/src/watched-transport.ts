/** A transport that remembers what came in last and counts what goes out, for whoever wants to know what a turn did. */
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

/** Passes everything on. */
export class WatchedTransport implements Transport {
  readonly packetBudgetBytes: number
  /** The packet, or the piece of a stream, that arrived last. */
  lastInput: Uint8Array = new Uint8Array(0)
  packetsIn = 0
  bytesIn = 0
  packetsOut = 0
  bytesOut = 0
  readonly #inner: Transport

  constructor(inner: Transport) {
    this.#inner = inner
    this.packetBudgetBytes = inner.packetBudgetBytes
  }

  listen(handler: TransportHandler): Promise<Listening> {
    return this.#inner.listen({
      onPacket: (from, bytes) => {
        this.#arrived(bytes)
        this.packetsIn++
        handler.onPacket(from, bytes)
      },
      onStream: (stream) => handler.onStream(this.#watch(stream)),
      onDrop: (reason, peer, detail) => handler.onDrop(reason, peer, detail),
    })
  }

  send(to: Address, packet: Uint8Array, lane: Lane): void {
    this.packetsOut++
    this.bytesOut += packet.length
    this.#inner.send(to, packet, lane)
  }

  async dial(to: Address, options: DialOptions): Promise<TransportStream> {
    return this.#watch(await this.#inner.dial(to, options))
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

  #arrived(bytes: Uint8Array): void {
    this.lastInput = bytes
    this.bytesIn += bytes.length
  }

  #watch(stream: TransportStream): TransportStream {
    return {
      remote: stream.remote,
      receive: (handler) =>
        stream.receive({
          onData: (chunk) => {
            this.#arrived(chunk)
            handler.onData(chunk)
          },
          onEnd: () => handler.onEnd(),
          onClose: (error) => handler.onClose(error),
        }),
      write: (bytes) => {
        this.bytesOut += bytes.length
        stream.write(bytes)
      },
      end: () => stream.end(),
      destroy: () => stream.destroy(),
    }
  }
}
