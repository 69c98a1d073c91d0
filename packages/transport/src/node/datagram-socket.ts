/** A bound UDP socket. */

import { createSocket, type Socket } from 'node:dgram'
import { isIPv4 } from 'node:net'
import { formatAddress } from './address.ts'
import { listenError } from './listen-error.ts'
import type { BoundSocket } from './shared-port.ts'

/** A socket, and whom it can send to. */
export interface UdpSocket extends BoundSocket {
  readonly socket: Socket
  readonly reachesIpv4: boolean
  readonly reachesIpv6: boolean
}

/** Binds `ip:port`; rejects with a TransportError that says why not. `ipv6Only`: for `::`, leave IPv4 alone. */
export function bindUdp(ip: string, port: number, ipv6Only: boolean): Promise<UdpSocket> {
  const type = isIPv4(ip) ? 'udp4' : 'udp6'
  // Addresses are literals, so there is nothing to look up and no turn to wait for. On an IPv6 socket IPv4 peers have
  // their mapped address.
  const lookup = (host: string, _family: unknown, found: (error: null, ip: string) => void) =>
    found(null, type === 'udp6' && isIPv4(host) ? `::ffff:${host}` : host)
  const socket = createSocket({ type, ipv6Only, lookup: lookup as never })
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.close()
      reject(listenError(error, 'UDP', formatAddress(ip, port)))
    }
    socket.once('error', fail)
    socket.bind({ address: ip, port, exclusive: true }, () => {
      socket.off('error', fail)
      const close = () => new Promise<void>((closed) => socket.close(() => closed()))
      resolve({
        socket,
        port: socket.address().port,
        reachesIpv4: type === 'udp4' || (ip === '::' && !ipv6Only),
        reachesIpv6: type === 'udp6',
        close,
      })
    })
  })
}

/**
 * Asks for a receive buffer of `wantedBytes`, halved until the system accepts (membership spec 6.1). Returns what the
 * socket has in the end; Linux accepts every size and caps it silently.
 */
export function enlargeReceiveBuffer(socket: Socket, wantedBytes: number): number {
  for (let sizeBytes = wantedBytes; sizeBytes >= 1; sizeBytes = Math.floor(sizeBytes / 2)) {
    try {
      socket.setRecvBufferSize(sizeBytes)
      break
    } catch {
      // Refused: half of it may pass.
    }
  }
  return socket.getRecvBufferSize()
}
