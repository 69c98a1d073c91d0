/** A fetch handler behind node:http. */
import type { IncomingMessage, Server } from 'node:http'
import { type AddressInfo, isIPv6 } from 'node:net'
import { createAdaptorServer } from '@hono/node-server'
import { StartError } from './errors.ts'

/** Connections served at once; further ones are closed unanswered. */
const MAX_CONNECTIONS = 512
/** How long what is under way may go on once the server closes. */
const CLOSING_GRACE_MS = 500

/** Answers a request; `remoteAddress` is the peer's IP address. */
export type FetchHandler = (request: Request, info: { readonly remoteAddress?: string }) => Response | Promise<Response>

/** A server that listens. */
export interface HttpServer {
  /** `http://ip:port`, as bound. */
  readonly url: string
  /** Stops accepting, lets what is under way end for half a second, closes. Idempotent. */
  close(): Promise<void>
}

/** Listens on `host:port`; port 0 picks a free one. Rejects with a {@link StartError} that says what to do. */
export async function serveHttp(host: string, port: number, handle: FetchHandler): Promise<HttpServer> {
  const server = createAdaptorServer({
    overrideGlobalObjects: false,
    fetch: (request, env) => {
      const { remoteAddress } = (env.incoming as IncomingMessage).socket
      return handle(request, remoteAddress === undefined ? {} : { remoteAddress })
    },
    serverOptions: { requestTimeout: 30_000, headersTimeout: 10_000, keepAliveTimeout: 5000 },
  }) as Server
  server.maxConnections = MAX_CONNECTIONS
  const bound = await listen(server, host, port)
  const address = isIPv6(bound.address) ? `[${bound.address}]` : bound.address
  let closing: Promise<void> | undefined
  return {
    url: `http://${address}:${bound.port}`,
    close: () => {
      closing ??= close(server)
      return closing
    },
  }
}

function listen(server: Server, host: string, port: number): Promise<AddressInfo> {
  return new Promise((resolve, reject) => {
    server.once('error', (error: NodeJS.ErrnoException) => reject(listenError(error, host, port)))
    server.listen(host === '' ? { port } : { host, port }, () => {
      server.removeAllListeners('error')
      server.on('error', () => {})
      resolve(server.address() as AddressInfo)
    })
  })
}

function close(server: Server): Promise<void> {
  return new Promise((resolve) => {
    const grace = setTimeout(() => server.closeAllConnections(), CLOSING_GRACE_MS)
    server.close(() => {
      clearTimeout(grace)
      resolve()
    })
  })
}

function listenError(error: NodeJS.ErrnoException, host: string, port: number): StartError {
  const where = `${host === '' ? 'all addresses' : isIPv6(host) ? `[${host}]` : host}, port ${port}`
  switch (error.code) {
    case 'EADDRINUSE':
      return new StartError(
        'HTTP_ADDRESS_IN_USE',
        `cannot serve HTTP on ${where}: the port is in use; choose another one with -server.http-listen-port (0 picks a free one)`,
        { cause: error },
      )
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
      return new StartError(
        'HTTP_ADDRESS_NOT_AVAILABLE',
        `cannot serve HTTP on ${where}: this machine has no such address; choose another one with -server.http-listen-address`,
        { cause: error },
      )
    case 'EACCES':
      return new StartError(
        'HTTP_PERMISSION_DENIED',
        `cannot serve HTTP on ${where}: not permitted; choose a port above 1023 with -server.http-listen-port`,
        { cause: error },
      )
    default:
      return new StartError('HTTP_FAILED', `cannot serve HTTP on ${where}: ${error.message}`, { cause: error })
  }
}
