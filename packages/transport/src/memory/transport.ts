/** One member's transport on a memory network. */

import { DialBudget } from '../bounds.ts'
import { Ledger } from '../ledger.ts'
import { parseAddress } from '../node/address.ts'
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
} from '../transport.ts'
import type { Links } from './links.ts'
import { MemoryStream } from './stream.ts'

/** What a member sees of its network. */
export interface MemoryWires {
  readonly links: Links
  /** Claims an address; false when another has it. */
  claim(address: Address, member: MemoryTransport): boolean
  release(address: Address, member: MemoryTransport): void
  at(address: Address): MemoryTransport | undefined
  /** Carries a packet, or loses it. */
  carry(from: Address, to: Address, packet: Uint8Array, over: () => void): void
}

/** Packets from one member to one other that may be under way. */
const MAX_IN_FLIGHT_PACKETS = 4096

/** Streams of one member that may be open; what peers dial beyond that is reset. */
const MAX_OPEN_STREAMS = 4096

/** The largest datagram, unless the budget is larger: as over UDP. */
const MAX_DATAGRAM_BYTES = 65507

/** See `memoryNetwork`. */
export class MemoryTransport implements Transport {
  readonly packetBudgetBytes: number
  readonly #address: Address
  readonly #wires: MemoryWires
  readonly #ledger = new Ledger()
  readonly #streams = new Set<MemoryStream>()
  readonly #allows: ((ip: string) => boolean) | undefined
  readonly #dials = new DialBudget()
  readonly #inFlight = new Map<Address, number>()
  #handler: TransportHandler | undefined
  #phase: 'new' | 'open' | 'closed' = 'new'
  #closing: Promise<void> | undefined
  readonly #abandonDials = new Set<() => void>()

  constructor(
    address: Address,
    packetBudgetBytes: number,
    wires: MemoryWires,
    allows: ((ip: string) => boolean) | undefined,
  ) {
    this.#address = address
    this.packetBudgetBytes = packetBudgetBytes
    this.#wires = wires
    this.#allows = allows
  }

  async listen(handler: TransportHandler): Promise<Listening> {
    const address = this.#address
    if (this.#phase === 'closed') throw closed(address)
    if (this.#phase === 'open') throw new TransportError('ALREADY_STARTED', 'listen was already called.', address)
    if (!this.#wires.claim(address, this))
      throw new TransportError(
        'ADDRESS_IN_USE',
        `Another transport of this memory network listens on ${address}.`,
        address,
      )
    this.#phase = 'open'
    this.#handler = handler
    this.#ledger.tell(handler)
    return { bound: address, advertised: address }
  }

  send(to: Address, packet: Uint8Array, _lane: Lane): void {
    const inFlight = this.#inFlight.get(to) ?? 0
    if (this.#phase !== 'open') {
      this.#ledger.dropped('closed', to, 'the transport is not open')
    } else if (packet.length > Math.max(MAX_DATAGRAM_BYTES, this.packetBudgetBytes)) {
      this.#ledger.dropped('packet-too-large', to, `${packet.length} bytes do not fit into one packet`)
    } else if (inFlight >= MAX_IN_FLIGHT_PACKETS) {
      this.#ledger.dropped('queue-full', to, `${inFlight} packets are under way`)
    } else {
      this.#inFlight.set(to, inFlight + 1)
      this.#ledger.sent(packet.length)
      this.#wires.carry(this.#address, to, packet, () => this.#arrived(to))
    }
  }

  dial(to: Address, options: DialOptions): Promise<TransportStream> {
    return this.#dials.within(to, () => this.#dial(to, options))
  }

  #dial(to: Address, { timeoutMs, signal }: DialOptions): Promise<TransportStream> {
    const from = this.#address
    const { links } = this.#wires
    if (this.#phase !== 'open') return Promise.reject(closed(to))
    if (signal?.aborted) return Promise.reject(aborted(to, signal))
    return new Promise((resolve, reject) => {
      let stream: MemoryStream | undefined
      const settle = () => {
        cancelTimer()
        signal?.removeEventListener('abort', onAbort)
        this.#abandonDials.delete(abandon)
      }
      const fail = (error: TransportError) => {
        settle()
        stream?.destroy()
        reject(error)
      }
      const abandon = () => fail(closed(to))
      const onAbort = () => fail(aborted(to, signal!))
      const cancelTimer = links.after(timeoutMs, () => fail(timedOut(to, timeoutMs)))
      signal?.addEventListener('abort', onAbort, { once: true })
      this.#abandonDials.add(abandon)
      // There and back, as a handshake goes: either way may be cut, and then nothing is heard.
      const isOver = () => !this.#abandonDials.has(abandon)
      links.later(from, to, () => {
        if (isOver() || links.isCut(from, to)) return
        const peer = this.#wires.at(to)
        stream = peer === undefined ? undefined : this.#connect(peer, to)
        links.later(to, from, () => {
          if (isOver() || links.isCut(to, from)) return
          if (stream === undefined) return fail(refused(to))
          settle()
          this.#ledger.streamsOpened++
          this.#ledger.activity++
          resolve(stream)
        })
      })
    })
  }

  stats(): TransportStats {
    return this.#ledger.stats()
  }

  activity(): number {
    return this.#ledger.activity
  }

  close(): Promise<void> {
    if (this.#closing !== undefined) return this.#closing
    const wasOpen = this.#phase === 'open'
    this.#phase = 'closed'
    if (wasOpen) this.#wires.release(this.#address, this)
    for (const abandon of [...this.#abandonDials]) abandon()
    for (const stream of [...this.#streams]) stream.destroy()
    // The streams say goodbye in the next round; then nothing more is said.
    this.#closing = new Promise((resolve) => {
      this.#wires.links.after(0, () => {
        this.#handler = undefined
        this.#ledger.tell(undefined)
        resolve()
      })
    })
    return this.#closing
  }

  /** A packet for this member; `packet` is its own copy. */
  receivePacket(from: Address, packet: Uint8Array): void {
    if (this.#phase !== 'open') return
    const refusal = this.#refusal(from)
    if (refusal !== undefined) return this.#ledger.dropped(refusal, from, 'packets of this address are not wanted')
    this.#ledger.received(packet.length)
    this.#handler?.onPacket(from, packet)
  }

  /** The near end of a new stream, whose far end the peer has been given. */
  #connect(peer: MemoryTransport, to: Address): MemoryStream {
    const near = this.#stream(to)
    const far = peer.#stream(this.#address)
    MemoryStream.connect(this.#wires.links, near, far)
    const refusal =
      peer.#refusal(this.#address) ?? (peer.#streams.size > MAX_OPEN_STREAMS ? 'too-many-connections' : undefined)
    if (refusal !== undefined) {
      peer.#ledger.dropped(refusal, this.#address, 'the stream was reset')
      far.destroy()
      return near
    }
    peer.#ledger.streamsAccepted++
    peer.#ledger.activity++
    peer.#handler?.onStream(far)
    if (!far.taken) far.destroy()
    return near
  }

  #refusal(from: Address): 'not-allowed' | undefined {
    const ip = parseAddress(from)?.ip ?? from
    return this.#allows === undefined || this.#allows(ip) ? undefined : 'not-allowed'
  }

  #stream(remote: Address): MemoryStream {
    const stream = new MemoryStream(remote, this.#wires.links, this.#ledger, (closed) => this.#streams.delete(closed))
    this.#streams.add(stream)
    return stream
  }

  #arrived(to: Address): void {
    const inFlight = (this.#inFlight.get(to) ?? 0) - 1
    if (inFlight > 0) this.#inFlight.set(to, inFlight)
    else this.#inFlight.delete(to)
  }
}

const closed = (to: Address) => new TransportError('CLOSED', 'The transport is not open.', to)

const refused = (to: Address) =>
  new TransportError(
    'DIAL_REFUSED',
    `${to} refused the connection: nothing listens there; start that member, or correct the port`,
    to,
  )

const timedOut = (to: Address, timeoutMs: number) =>
  new TransportError('DIAL_TIMEOUT', `${to} did not answer within ${timeoutMs} ms.`, to)

const aborted = (to: Address, signal: AbortSignal) =>
  new TransportError('ABORTED', `Dialling ${to} was aborted.`, to, { cause: signal.reason })
