/** A listening TCP socket. */

import { createServer, type Server, type Socket } from 'node:net'
import { canonicalIp, formatAddress } from './address.ts'
import { listenError } from './listen-error.ts'

/** What a listener does with connections. */
export interface TcpListenerOptions {
  readonly ip: string
  /** 0 lets the system choose. */
  readonly port: number
  /** More are closed as soon as they are accepted. */
  readonly maxConnections: number
  /** A connection, paused, half-open allowed, without Nagle's delay. */
  onConnection(socket: Socket): void
  /** One more than `maxConnections`. */
  onRefused(remote: string | undefined): void
  /** Accepting failed; the listener goes on. */
  onError(error: Error): void
}

/** Resolves once bound; rejects with a TransportError that says why not. */
export function listenTcp(options: TcpListenerOptions): Promise<Server> {
  const { ip, port } = options
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
    server.listen({ host: ip, port, exclusive: true }, () => {
      server.off('error', fail)
      server.on('error', options.onError)
      resolve(server)
    })
  })
}

/** Stops accepting; resolves when the last accepted connection has closed. */
export function closeTcp(server: Server): Promise<void> {
  return new Promise((resolve) => server.close(() => resolve()))
}

/** The port a listener got. */
export function boundPort(server: Server): number {
  const address = server.address()
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** The peer of an accepted connection, in canonical form. */
export function remoteOf(ip: string | undefined, port: number | undefined): string {
  return formatAddress(canonicalIp(ip ?? '') ?? '0.0.0.0', port ?? 0)
}
