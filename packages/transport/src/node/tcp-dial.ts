/** Opening a TCP connection. */

import { connect, type Socket } from 'node:net'
import { type Address, type DialOptions, TransportError } from '../transport.ts'
import { parseAddress } from './address.ts'
import type { Connections } from './connections.ts'
import { systemCode } from './listen-error.ts'
import { connectTls } from './tls/dial.ts'
import { dialTlsError } from './tls/explain.ts'
import type { TlsIdentity } from './tls/identity.ts'

/** Beyond this the system's timers would fire at once instead of late. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1

/**
 * A connected socket, paused, half-open allowed, without Nagle's delay, and tracked in `connections`; with `tls`, its
 * handshake is done and the peer verified. Rejects with a {@link TransportError}: `DIAL_REFUSED`, `DIAL_TIMEOUT`,
 * `DIAL_FAILED`, `TLS_FAILED`, `ABORTED`, `INVALID_ADDRESS`, or `CLOSED` when the transport closed meanwhile.
 */
export function dialTcp(
  to: Address,
  options: DialOptions,
  connections: Connections,
  tls?: TlsIdentity,
): Promise<Socket> {
  const parts = parseAddress(to)
  if (parts === undefined || parts.port === 0) return Promise.reject(invalidAddress(to))
  const { timeoutMs, signal } = options
  if (signal?.aborted) return Promise.reject(aborted(to, signal))
  return new Promise((resolve, reject) => {
    const socket =
      tls === undefined
        ? connect({ host: parts.ip, port: parts.port, allowHalfOpen: true, noDelay: true })
        : connectTls(parts, tls)
    socket.pause()
    connections.track(socket)
    let error: TransportError | undefined
    let connected = false
    const fail = (reason: TransportError) => {
      error ??= reason
      socket.destroy()
    }
    const onAbort = () => fail(aborted(to, signal!))
    const onTimeout = () => fail(connected ? handshakeTimedOut(to, timeoutMs) : timedOut(to, timeoutMs))
    const timer = timeoutMs <= MAX_TIMEOUT_MS ? setTimeout(onTimeout, timeoutMs) : undefined
    signal?.addEventListener('abort', onAbort, { once: true })
    const settle = () => {
      clearTimeout(timer)
      signal?.removeEventListener('abort', onAbort)
    }
    socket.on('error', (cause) =>
      fail(connected && tls !== undefined ? dialTlsError(to, cause, tls) : dialFailure(to, cause)),
    )
    const onClose = () => {
      settle()
      reject(error ?? closed(to))
    }
    socket.once('close', onClose)
    const done = () => {
      settle()
      socket.off('close', onClose)
      resolve(socket)
    }
    socket.once('connect', () => {
      // Where nobody listens on an ephemeral port, TCP can connect to itself: that is nobody, not a peer.
      if (socket.localPort === socket.remotePort && socket.localAddress === socket.remoteAddress)
        return fail(refused(to))
      connected = true
      if (tls === undefined) done()
    })
    if (tls !== undefined) socket.once('secureConnect', done)
  })
}

/** The error for an address that is no `ip:port`. */
export function invalidAddress(to: Address): TransportError {
  return new TransportError('INVALID_ADDRESS', `${JSON.stringify(to)} is not an IP address with a port.`, to)
}

/** The error for what a transport that is not open can no longer do, or not yet. */
export function closed(to?: Address): TransportError {
  return new TransportError('CLOSED', 'The transport is not open.', to)
}

const refused = (to: Address, cause?: unknown) =>
  new TransportError(
    'DIAL_REFUSED',
    `${to} refused the connection: nothing listens there; start that member, or correct the port`,
    to,
    { cause },
  )

const timedOut = (to: Address, timeoutMs: number, cause?: unknown) =>
  new TransportError('DIAL_TIMEOUT', `${to} did not answer within ${timeoutMs} ms.`, to, { cause })

const handshakeTimedOut = (to: Address, timeoutMs: number) =>
  new TransportError('DIAL_TIMEOUT', `${to} did not finish the TLS handshake within ${timeoutMs} ms.`, to)

const aborted = (to: Address, signal: AbortSignal) =>
  new TransportError('ABORTED', `Dialling ${to} was aborted.`, to, { cause: signal.reason })

function dialFailure(to: Address, cause: unknown): TransportError {
  const code = systemCode(cause)
  if (code === 'ECONNREFUSED') return refused(to, cause)
  if (code === 'ETIMEDOUT')
    return new TransportError('DIAL_TIMEOUT', `${to} did not answer: the system gave up.`, to, { cause })
  return new TransportError('DIAL_FAILED', `${to} cannot be reached: ${code}.`, to, { cause })
}
