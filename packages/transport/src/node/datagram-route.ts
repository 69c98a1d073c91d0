/** Which of a transport's UDP sockets a datagram leaves by. */

import type { Ledger } from '../ledger.ts'
import type { Address, Lane } from '../transport.ts'
import { DatagramSender } from './datagram-sender.ts'
import type { UdpSocket } from './datagram-socket.ts'

/** How an IPv4 address begins in the clothes of IPv6. */
const mappedIpv4 = '[::ffff:'

/**
 * Sends through the first socket that reaches the family of the address, as several addresses of one host are one member.
 * A socket bound to `::` alone reaches both.
 */
export class DatagramRoute {
  readonly #ledger: Ledger
  readonly #ipv4: DatagramSender | undefined
  readonly #ipv6: DatagramSender | undefined

  constructor(sockets: readonly UdpSocket[], ledger: Ledger) {
    this.#ledger = ledger
    const senders = new Map(sockets.map((udp) => [udp, new DatagramSender(udp.socket, ledger)]))
    const firstOf = (reaches: (udp: UdpSocket) => boolean) => {
      const udp = sockets.find(reaches)
      return udp === undefined ? undefined : senders.get(udp)
    }
    this.#ipv4 = firstOf((udp) => udp.reachesIpv4)
    this.#ipv6 = firstOf((udp) => udp.reachesIpv6)
  }

  /** Sends, queues or drops; never throws. */
  send(to: Address, packet: Uint8Array, lane: Lane): void {
    // Addresses of IPv6 begin with a bracket; what is no address at all is refused by whichever sender gets it.
    const sender = to.startsWith('[') && !to.startsWith(mappedIpv4) ? this.#ipv6 : this.#ipv4
    if (sender !== undefined) sender.send(to, packet, lane)
    else this.#ledger.dropped('send-failed', to, 'no address of this family is bound')
  }

  /** Gives up what waits. */
  close(): void {
    this.#ipv4?.close()
    if (this.#ipv6 !== this.#ipv4) this.#ipv6?.close()
  }
}
