/** Writing one packet connection (kv spec 5.2). */

import type { Socket } from 'node:net'
import { type Address, TransportError } from '../transport.ts'
import type { Connections } from './connections.ts'
import { systemCode } from './listen-error.ts'
import { encodePacketFrame } from './packet-frame.ts'
import { dialTcp } from './tcp-dial.ts'
import { afterDialError } from './tls/explain.ts'
import type { TlsIdentity } from './tls/identity.ts'

/** What a packet writer is given. */
export interface PacketWrite {
  readonly to: Address
  readonly payload: Uint8Array
  /** The sender's address in the frame. */
  readonly advertised: Address
  readonly dialTimeoutMs: number
  /** One deadline for the whole write; 0 for none. */
  readonly writeTimeoutMs: number
  readonly connections: Connections
  readonly tls: TlsIdentity | undefined
  /** Dialled, and the handshake done. */
  connected(): void
  /** The peer refused our certificate after all was written: in TLS 1.3 the dialler is done first. */
  refused(detail: string): void
}

/** How a packet write went. */
export type PacketWriteOutcome =
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: 'dial-failed' | 'tls-failed' | 'write-failed'; readonly detail: string }

/**
 * Dials, writes the frame and finishes. Resolves once the system has all bytes and the FIN, as Go's writer does; the
 * socket stays until the peer has finished too, or some seconds. It is never destroyed before the bytes are out:
 * a reset would make the Go reader lose the packet.
 */
export async function writePacket(write: PacketWrite): Promise<PacketWriteOutcome> {
  let socket: Socket
  try {
    socket = await dialTcp(write.to, { timeoutMs: write.dialTimeoutMs }, write.connections, write.tls)
  } catch (error) {
    if (!(error instanceof TransportError)) return { ok: false, reason: 'dial-failed', detail: String(error) }
    return { ok: false, reason: error.code === 'TLS_FAILED' ? 'tls-failed' : 'dial-failed', detail: error.message }
  }
  write.connected()
  // The digest takes a while for megabytes, so it comes before the deadline starts.
  const frame = encodePacketFrame(write.advertised, write.payload)
  return new Promise((resolve) => {
    let reason: 'write-failed' | 'tls-failed' = 'write-failed'
    let failure = 'the connection closed before all bytes were written'
    const deadline = destroyLater(socket, write.writeTimeoutMs, () => {
      failure = `not written within ${write.writeTimeoutMs} ms`
    })
    socket.on('error', (error) => {
      const { tls, to } = write
      const written = socket.writableFinished
      // A peer that hangs up once it has everything may have any reason; only what it says then is believed.
      const said = tls === undefined ? error : afterDialError(to, error, written, tls)
      failure = said instanceof TransportError ? said.message : systemCode(said)
      if (said instanceof TransportError) reason = 'tls-failed'
      if (reason === 'tls-failed' && written) write.refused(failure)
    })
    socket.once('close', () => {
      clearTimeout(deadline)
      resolve(socket.writableFinished ? { ok: true } : { ok: false, reason, detail: failure })
    })
    socket.once('finish', () => {
      clearTimeout(deadline)
      linger(socket, write.connections)
      resolve({ ok: true })
    })
    // Nothing is expected back; reading is how the peer's FIN is seen.
    socket.resume()
    socket.end(frame)
  })
}

/** How long a written connection waits for the peer's FIN. */
const lingerMs = 5000

/** With more connections open than this, a written one is given to the system to finish. */
const MAX_LINGERING_CONNECTIONS = 2048

function linger(socket: Socket, connections: Connections): void {
  if (connections.size > MAX_LINGERING_CONNECTIONS) return void socket.destroy()
  const timer = destroyLater(socket, lingerMs, () => {})
  socket.once('close', () => clearTimeout(timer))
}

function destroyLater(socket: Socket, delayMs: number, why: () => void): NodeJS.Timeout | undefined {
  if (delayMs <= 0) return undefined
  return setTimeout(() => {
    why()
    socket.destroy()
  }, delayMs)
}
