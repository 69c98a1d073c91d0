/** The probe's sockets: one for datagrams, shared by all peers, and as many connections as inputs need. */
import { createSocket, type Socket } from 'node:dgram'
import { once } from 'node:events'
import { connect } from 'node:net'
import type { Target } from './target.ts'

/** How a connection went. */
export interface Conversation {
  readonly received: Uint8Array
  /** `closed`: by the peer. `at the deadline`: by the peer, after about its timeout. `waiting`: not at all. */
  readonly end: 'closed' | 'at the deadline' | 'waiting'
}

/** How to behave on a connection. */
export interface Manner {
  /** `finish`: half-close behind the last byte. `hold`: stay until the peer closes. `linger`: half-close once nothing happens. */
  readonly manner: 'finish' | 'hold' | 'linger'
  /** The peer's deadline. */
  readonly deadlineMs: number
}

/** How long nothing must happen for a peer to count as waiting. */
const QUIET_MS = 250
/** How late a peer may be with its own deadline. */
const LATE_MS = 4000

/** Sockets on 127.0.0.1. */
export class Probe {
  readonly port: number
  readonly #socket: Socket
  readonly #inboxes = new Map<number, (datagram: Uint8Array) => void>()

  private constructor(socket: Socket) {
    this.#socket = socket
    this.port = socket.address().port
    socket.on('message', (datagram, { port }) => this.#inboxes.get(port)?.(datagram))
    socket.on('error', () => {})
  }

  /** On 127.0.0.1, or another address of loopback. */
  static async open(host = '127.0.0.1'): Promise<Probe> {
    const socket = createSocket({ type: 'udp4', recvBufferSize: 4 * 1024 * 1024 })
    socket.bind(0, host)
    await once(socket, 'listening')
    return new Probe(socket)
  }

  /** Where datagrams of a peer go from now on. */
  listen(target: Target, inbox: (datagram: Uint8Array) => void): void {
    this.#inboxes.set(target.port, inbox)
  }

  forget(target: Target): void {
    this.#inboxes.delete(target.port)
  }

  send(target: Target, datagram: Uint8Array): void {
    this.#socket.send(datagram, target.port, target.host)
  }

  async close(): Promise<void> {
    this.#socket.close()
    await once(this.#socket, 'close')
  }
}

/** Dials a peer, writes, and reads until it is over. */
export function converse(target: Target, bytes: Uint8Array, { manner, deadlineMs }: Manner): Promise<Conversation> {
  return new Promise((resolve) => {
    const startedAt = performance.now()
    const chunks: Uint8Array[] = []
    const socket = connect({ host: target.host, port: target.port, allowHalfOpen: true, noDelay: true })
    const timers: NodeJS.Timeout[] = []
    let waited = false
    const done = (end: Conversation['end']): void => {
      for (const timer of timers) clearTimeout(timer)
      socket.destroy()
      resolve({ received: new Uint8Array(Buffer.concat(chunks)), end })
    }
    const ended = (): void => {
      const late = manner === 'hold' && performance.now() - startedAt > 0.7 * deadlineMs
      done(late ? 'at the deadline' : waited ? 'waiting' : 'closed')
    }
    socket.on('data', (chunk: Uint8Array) => chunks.push(chunk))
    socket.once('end', ended)
    // A reset is a close with bytes of ours unread: Go resets where Node finishes.
    socket.once('error', ended)
    socket.once('close', ended)
    if (bytes.length > 0) socket.write(bytes)
    if (manner === 'finish') socket.end()
    if (manner === 'linger')
      timers.push(
        setTimeout(() => {
          waited = true
          socket.end()
        }, QUIET_MS),
      )
    timers.push(setTimeout(() => done('waiting'), deadlineMs + LATE_MS))
  })
}
