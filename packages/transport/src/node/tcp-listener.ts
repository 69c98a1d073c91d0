/** A listening TCP socket. */

import { createServer, type Server, type Socket } from 'node:net'
import { canonicalIp, formatAddress } from './address.ts'
import { listenError } from './listen-error.ts'
import type { BoundSocket } from './shared-port.ts'

/** What a listener does with connections. */
export interface TcpListenerOptions {
  readonly ip: string
  /** 0 lets the system choose. */
  readonly port: number
  /** For `::`: leave IPv4 alone. */
  readonly ipv6Only: boolean
  /** More are closed as soon as they are accepted. */
  readonly maxConnections: number
  /** A connection, paused, half-open allowed, without Nagle's delay. */
  onConnection(socket: Socket): void
  /** One more than `maxConnections`. */
  onRefused(remote: string | undefined): void
  /** Accepting failed; the listener goes on. */
  onError(error: Error): void
}

/** Resolves once bound; rejects with a TransportError that says why not. `close` waits for accepted connections. */
export function listenTcp(options: TcpListenerOptions): Promise<BoundSocket> {
  const { ip, port, ipv6Only } = options
  const server = createServer({ allowHalfOpen: true, noDelay: true, pauseOnConnect: true }, (socket) => {
    // A connection that is reset while nobody listens to it must not end the process.
    socket.on('error', () => {})
    options.onConnection(socket)
  })
  server.maxConnections = options.maxConnections
  server.on('drop', (refused) =>
    options.onRefused(
      refused?.remoteAddress === undefined ? undefined : remoteOf(refused.remoteAddress, refused.remotePort ?? 0),
    ),
  )
  return new Promise((resolve, reject) => {
    const fail = (error: Error) => {
      server.close(() => {})
      reject(listenError(error, 'TCP', formatAddress(ip, port)))
    }
    server.once('error', fail)
    // Exclusive: under `cluster` a worker would otherwise share the port, and be several members under one address.
    server.listen({ host: ip, port, ipv6Only, exclusive: true }, () => {
      server.off('error', fail)
      server.on('error', options.onError)
      resolve({ port: portOf(server), close: () => new Promise((closed) => server.close(() => closed())) })
    })
  })
}

function portOf(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** A peer in canonical form. */
function remoteOf(ip: string, port: number): string {
  return formatAddress(canonicalIp(ip) ?? '0.0.0.0', port)
}
