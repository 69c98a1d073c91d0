/** The rim: where bytes become inputs and effects become bytes. */
import type {
  Address,
  Lane,
  Transport,
  TransportDropReason,
  TransportHandler,
  TransportStream,
} from '@hearsay/transport'
import {
  type Drop,
  type DropReason,
  decodePacket,
  encodePacket,
  MAX_FRAME_BYTES,
  openPacket,
  type Part,
  sealPacket,
} from '@hearsay/wire'
import type { Effect } from './effect.ts'
import { Exchanges, type StreamSettings } from './exchanges.ts'
import type { Input } from './input.ts'
import type { Logger } from './logger.ts'
import type { Counters } from './metrics.ts'
import { Throttle } from './throttle.ts'
import type { Rim, System } from './turn.ts'

/** What the rim is made from. */
export interface PacketRimOptions extends StreamSettings {
  readonly transport: Transport
  readonly system: System
  readonly counters: Counters
  readonly logger: Logger | undefined
  /** Where inputs go. */
  readonly input: (input: Input) => void
  /** Effects that are not about the network. */
  readonly deliver: (effect: Effect) => void
}

/** Packets and streams over a transport. */
export class TransportRim implements Rim, TransportHandler {
  readonly #options: PacketRimOptions
  readonly #exchanges: Exchanges
  readonly #warnings: Throttle
  #activity = 0
  #receivedBytes = 0

  constructor(options: PacketRimOptions) {
    this.#options = options
    this.#warnings = new Throttle(options.system, options.logger)
    this.#exchanges = new Exchanges(options, {
      input: options.input,
      active: (sizeBytes) => {
        this.#activity++
        this.#receivedBytes += sizeBytes
      },
      refused: (drop, peer) => this.#refused(drop, peer),
      oversized: (sizeBytes, peer) => {
        options.counters.drops.add('own-state-too-large')
        this.#warnings.warn('own-state-too-large', 'the own state is larger than peers take encrypted', {
          peer,
          sizeBytes,
          limitBytes: MAX_FRAME_BYTES,
        })
      },
    })
  }

  get activity(): number {
    // Connections accepted and handshakes under way are known to the transport alone.
    return this.#activity + (this.#options.transport.activity?.() ?? 0)
  }

  get receivedBytes(): number {
    return this.#receivedBytes
  }

  perform(effect: Effect): void {
    switch (effect.kind) {
      case 'send-packet':
        return this.#sendPacket(effect.to, effect.parts, effect.checksum, effect.lane)
      case 'open-stream':
        return this.#exchanges.open(effect)
      case 'close-stream':
        return this.#exchanges.close(effect.exchange, effect.reply)
      case 'abandon-stream':
        return this.#exchanges.abandon(effect.exchange)
      default:
        return this.#options.deliver(effect)
    }
  }

  onPacket(from: Address, bytes: Uint8Array): void {
    this.#activity++
    const { counters, label, labelMode, encryption, maxDecompressedBytes } = this.#options
    counters.packetsIn++
    counters.packetBytesIn += bytes.length
    this.#receivedBytes += bytes.length
    const opened = openPacket(bytes, { label, labelMode, encryption })
    if (!opened.ok) return this.#refused(opened.drop, from)
    const { messages, drops } = decodePacket(opened.payload, { maxDecompressedBytes })
    for (const drop of drops) this.#refused(drop, from)
    for (const message of messages) counters.messagesIn.add(message.type)
    if (messages.length > 0) this.#options.input({ kind: 'packet', from, messages })
  }

  onStream(stream: TransportStream): void {
    this.#activity++
    this.#exchanges.accept(stream)
  }

  onDrop(reason: TransportDropReason, peer: Address | undefined, detail: string): void {
    this.#options.counters.drops.add(`transport-${reason}`)
    this.#options.logger?.debug('the transport dropped something', { reason, peer, detail })
  }

  /** Ends every stream. */
  stop(): void {
    this.#exchanges.stop()
  }

  #sendPacket(to: Address, parts: readonly Part[], checksum: boolean, lane: Lane): void {
    const { counters, compression, label, encryption, transport } = this.#options
    const packet = sealPacket(encodePacket(parts, { compression, checksum }), { label, encryption })
    counters.packetsOut++
    counters.packetBytesOut += packet.length
    for (const part of parts) counters.messagesOut.add(part.message.type)
    transport.send(to, packet, lane)
  }

  #refused(drop: Drop, peer: Address): void {
    const { counters, logger } = this.#options
    const host = hostOf(peer)
    counters.drops.add(drop.reason)
    counters.dropsByPeer.add(host, drop.reason)
    const { reason, offset, detail } = drop
    // Settings that differ between members, and what nobody but an operator can put right.
    const difference = differences[reason]
    if (difference) this.#warnings.warn(`${reason} ${host}`, difference, { peer, detail })
    else logger?.debug('bytes from a peer were refused', { peer, reason, offset, detail })
  }
}

/** Refusals that say that a peer is set up in another way. */
const differences: Partial<Readonly<Record<DropReason, string>>> = {
  'label-mismatch': 'a peer uses another cluster label',
  'decrypt-failed': 'a peer uses another encryption key',
  'not-encrypted': 'a peer does not encrypt, and this member insists on it',
  encrypted: 'a peer encrypts, and this member has no key',
}

/** Peers dial from another port each time: a warning about one is a warning about its host. */
const hostOf = (peer: Address): string => peer.slice(0, peer.lastIndexOf(':'))
