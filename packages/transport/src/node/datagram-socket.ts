/** A bound UDP socket. */

import { createSocket, type Socket } from 'node:dgram'
import { isIPv4 } from 'node:net'
import { formatAddress } from './address.ts'
import { listenError } from './listen-error.ts'

/** Binds `ip:port`; rejects with a TransportError that says why not. */
export function bindUdp(ip: string, port: number): Promise<Socket> {
  const type = isIPv4(ip) ? 'udp4' : 'udp6'
  // Addresses are literals, so there is nothing to look up and no turn to wait for. On an IPv6 socket IPv4 peers have
  // their mapped address.
  const lookup = (host: string, _family: unknown, found: (error: null, ip: string) => void) =>
    found(null, type === 'udp6' && isIPv4(host) ? `::ffff:${host}` : host)
  const socket = createSocket({ type, lookup: lookup as never })
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      socket.close()
      reject(listenError(error, 'UDP', formatAddress(ip, port)))
    }
    socket.once('error', fail)
    socket.bind({ address: ip, port, exclusive: true }, () => {
      socket.off('error', fail)
      resolve(socket)
    })
  })
}

/** Resolves when the socket is closed. */
export function closeUdp(socket: Socket): Promise<void> {
  return new Promise((resolve) => socket.close(() => resolve()))
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
