/** Sending datagrams: what waits while the system's own buffer is full, and what is given up. */

import type { Ledger } from '../ledger.ts'
import type { Address, Lane } from '../transport.ts'
import { type AddressParts, parseAddress } from './address.ts'
import { systemCode } from './listen-error.ts'

/** The largest payload of a UDP datagram over IPv4. */
export const MAX_DATAGRAM_BYTES = 65507

/** Bounds of {@link DatagramSender}. */
export interface DatagramSenderLimits {
  /** Gossip packets that may wait for the socket. Default 1024. */
  readonly maxWaitingPackets: number
  /** Of those, for one peer. Default 64. */
  readonly maxWaitingPacketsPerPeer: number
  /** Bytes of gossip that may wait for the socket. Default 8 MiB. */
  readonly maxWaitingBytes: number
  /** Packets of the probe lane that may be with the system unsent. Default 256. */
  readonly maxQueuedProbes: number
}

/** See {@link DatagramSenderLimits}. */
export const datagramSenderLimits: DatagramSenderLimits = {
  maxWaitingPackets: 1024,
  maxWaitingPacketsPerPeer: 64,
  maxWaitingBytes: 8 * 1024 * 1024,
  maxQueuedProbes: 256,
}

/** Peers whose parsed address is remembered; the one seen first is forgotten first. */
const MAX_KNOWN_PEERS = 8192

/** The part of a `dgram.Socket` that is used. */
export interface DatagramSocket {
  send(packet: Uint8Array, port: number, ip: string, onSettled: (error: Error | null) => void): void
  /** How many datagrams the system has refused so far and that wait inside the socket. */
  getSendQueueCount(): number
}

/**
 * Hands datagrams to a socket. As long as the system takes them at once, which is nearly always, nothing is kept. When it
 * does not, the socket queues in order; so that a probe never waits behind gossip there, gossip waits here until that
 * queue is empty, within bounds, and probes go straight to the socket.
 */
export class DatagramSender {
  readonly #socket: DatagramSocket
  readonly #ledger: Ledger
  readonly #limits: DatagramSenderLimits
  readonly #peers = new Map<Address, Peer>()
  #waiting: { readonly peer: Peer; readonly packet: Uint8Array }[] = []
  #waitingBytes = 0

  constructor(socket: DatagramSocket, ledger: Ledger, limits: DatagramSenderLimits = datagramSenderLimits) {
    this.#socket = socket
    this.#ledger = ledger
    this.#limits = limits
  }

  /** Sends, queues or drops; never throws. */
  send(to: Address, packet: Uint8Array, lane: Lane): void {
    const peer = this.#peers.get(to) ?? this.#meet(to)
    if (peer === undefined) this.#ledger.dropped('send-failed', to, 'not an IP address with a port')
    else if (packet.length > MAX_DATAGRAM_BYTES)
      this.#ledger.dropped('packet-too-large', to, `${packet.length} bytes do not fit into one datagram`)
    else this.#sendTo(peer, packet, lane)
  }

  /** Gives up what waits. */
  close(): void {
    for (const { peer } of this.#waiting) this.#ledger.dropped('closed', peer.address, 'the transport closed')
    this.#waiting = []
    this.#waitingBytes = 0
  }

  #sendTo(peer: Peer, packet: Uint8Array, lane: Lane): void {
    const queued = this.#socket.getSendQueueCount()
    if (lane === 'probe') {
      if (queued < this.#limits.maxQueuedProbes) this.#hand(peer, packet)
      else this.#ledger.dropped('queue-full', peer.address, `${queued} packets wait for the system`)
    } else if (queued === 0 && this.#waiting.length === 0) {
      this.#hand(peer, packet)
    } else {
      this.#wait(peer, packet)
    }
  }

  #meet(to: Address): Peer | undefined {
    const parts = parseAddress(to)
    if (parts === undefined || parts.port === 0) return undefined
    if (this.#peers.size >= MAX_KNOWN_PEERS) this.#peers.delete(this.#peers.keys().next().value as Address)
    // One callback for each peer, not for each packet.
    const peer: Peer = { address: to, parts, waiting: 0, onSettled: (error) => this.#settled(peer, error) }
    this.#peers.set(to, peer)
    return peer
  }

  #hand(peer: Peer, packet: Uint8Array): void {
    this.#ledger.sent(packet.length)
    this.#socket.send(packet, peer.parts.port, peer.parts.ip, peer.onSettled)
  }

  #wait(peer: Peer, packet: Uint8Array): void {
    const { maxWaitingPackets, maxWaitingPacketsPerPeer, maxWaitingBytes } = this.#limits
    if (
      this.#waiting.length >= maxWaitingPackets ||
      peer.waiting >= maxWaitingPacketsPerPeer ||
      this.#waitingBytes + packet.length > maxWaitingBytes
    ) {
      this.#ledger.dropped('queue-full', peer.address, `${this.#waiting.length} packets wait for the system`)
    } else {
      peer.waiting++
      this.#waitingBytes += packet.length
      this.#waiting.push({ peer, packet })
    }
  }

  #settled(peer: Peer, error: Error | null): void {
    if (error !== null && error !== undefined) this.#ledger.dropped('send-failed', peer.address, systemCode(error))
    while (this.#waiting.length > 0 && this.#socket.getSendQueueCount() === 0) {
      const next = this.#waiting.shift()!
      next.peer.waiting--
      this.#waitingBytes -= next.packet.length
      this.#hand(next.peer, next.packet)
    }
  }
}

interface Peer {
  readonly address: Address
  readonly parts: AddressParts
  waiting: number
  readonly onSettled: (error: Error | null) => void
}
