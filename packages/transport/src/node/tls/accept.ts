/** The accepting side of a TLS handshake. */

import type { Socket } from 'node:net'
import { TLSSocket } from 'node:tls'
import { systemCode } from '../listen-error.ts'
import { acceptTlsDetail } from './explain.ts'
import type { TlsIdentity } from './identity.ts'
import { TicketGate } from './ticket-gate.ts'

/** What becomes of a handshake: one of the three, unless the transport destroys the socket first. */
export interface TlsAcceptEvents {
  /** The peer is verified, as far as it must be. */
  secured(): void
  failed(detail: string): void
  /** Closed without a byte, or at once after a handshake: a load balancer's health check, and no error. */
  silent(): void
}

/**
 * Begins a handshake on an accepted socket, for at most `timeoutMs`. Nothing of what the peer sends inside gets out
 * before `secured`. What fails is closed.
 *
 * A `tls.Server` would not say which connection failed, so it is not used; `secure` and `verifyError` are what it is
 * made of itself.
 */
export function acceptTls(raw: Socket, identity: TlsIdentity, timeoutMs: number, events: TlsAcceptEvents): TLSSocket {
  const mustVerify = identity.verifiesClients
  const gate = new TicketGate(raw)
  const socket = new TLSSocket(gate, {
    isServer: true,
    secureContext: identity.context(),
    requestCert: mustVerify,
    rejectUnauthorized: mustVerify,
  })
  let over = false
  const finish = (tell: () => void) => {
    if (over) return
    over = true
    clearTimeout(timer)
    tell()
  }
  const fail = (detail: string) => {
    finish(() => events.failed(detail))
    // A reset cannot be taken for an end: the dialler, who is done already in TLS 1.3, must not believe it was heard.
    if (!raw.destroyed) raw.resetAndDestroy()
  }
  const timer = setTimeout(() => fail(`no TLS handshake within ${timeoutMs} ms`), timeoutMs)
  socket.on('error', (error) => finish(() => events.failed(acceptTlsDetail(systemCode(error), identity))))
  // With half-open sockets an end does not close by itself; afterwards no handshake can succeed.
  const onGone = () => {
    if (over) return
    finish(() => (raw.bytesRead === 0 ? events.silent() : events.failed(acceptTlsDetail('ECONNRESET', identity))))
    socket.destroy()
  }
  socket.once('end', onGone).once('close', onGone)
  socket.once('secure', () => {
    const fault = mustVerify ? clientFault(socket) : undefined
    if (fault !== undefined) return fail(acceptTlsDetail(fault, identity))
    if (socket.getProtocol() !== 'TLSv1.3') return finish(() => events.secured())
    finish(() => gate.hold())
    // The tickets are written in this turn, so nothing of the owner's may be.
    setImmediate(() => {
      gate.release()
      if (socket.readableEnded) {
        events.silent()
        socket.destroy()
      } else if (!socket.destroyed) events.secured()
    })
  })
  return socket
}

interface Verifying {
  readonly ssl?: { verifyError?: () => { code?: string } | null }
}

/** What is wrong with the client's certificate; undefined only when OpenSSL has verified one. */
function clientFault(socket: TLSSocket): string | undefined {
  if (socket.getPeerX509Certificate() === undefined) return 'ERR_SSL_PEER_DID_NOT_RETURN_A_CERTIFICATE'
  const { ssl } = socket as unknown as Verifying
  if (typeof ssl?.verifyError !== 'function') return 'the client certificate cannot be verified on this Node.js'
  const error = ssl.verifyError()
  return error === null || error === undefined ? undefined : (error.code ?? 'the client certificate is not valid')
}
