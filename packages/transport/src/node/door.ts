/** Who may come in: the bounds on connections and on addresses that the socket transports share. */

import type { Socket } from 'node:net'
import type { Ledger } from '../ledger.ts'
import type { Address } from '../transport.ts'
import { canonicalIp, formatAddress } from './address.ts'
import type { Bind } from './bind.ts'

/** Admits or drops what arrives on any of a transport's sockets, and counts what it drops. */
export class Door {
  readonly #bind: Bind
  readonly #ledger: Ledger
  #connections = 0

  constructor(bind: Bind, ledger: Ledger) {
    this.#bind = bind
    this.#ledger = ledger
  }

  /** The canonical address of a packet's sender; undefined when it is not welcome, and then that is counted. */
  admitPacket(rawIp: string, port: number): Address | undefined {
    const { allows } = this.#bind
    const ip = canonicalIp(rawIp) ?? '0.0.0.0'
    const from = formatAddress(ip, port)
    if (allows === undefined || allows(ip.split('%')[0] ?? ip)) return from
    this.#ledger.dropped('not-allowed', from, 'packets of this address are not wanted')
    return undefined
  }

  /** The canonical address of an accepted connection's peer; undefined when it was closed instead. */
  admit(socket: Socket): Address | undefined {
    const { allows, maxInboundConnections } = this.#bind
    const ip = canonicalIp(socket.remoteAddress ?? '') ?? '0.0.0.0'
    const remote = formatAddress(ip, socket.remotePort ?? 0)
    if (allows !== undefined && !allows(ip.split('%')[0] ?? ip)) {
      this.#ledger.dropped('not-allowed', remote, 'connections of this address are not wanted')
    } else if (this.#connections >= maxInboundConnections) {
      this.tooMany(remote)
    } else {
      this.#connections++
      socket.once('close', () => this.#connections--)
      return remote
    }
    socket.destroy()
    return undefined
  }

  /** The system's listener, which counts for one address alone, has closed one more than is allowed. */
  tooMany(remote: Address | undefined): void {
    this.#ledger.dropped('too-many-connections', remote, `${this.#bind.maxInboundConnections} connections are open`)
  }
}
