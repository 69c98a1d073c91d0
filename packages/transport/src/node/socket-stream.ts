/** A TCP connection as a {@link TransportStream}. */

import type { Socket } from 'node:net'
import { MAX_STREAM_QUEUE_BYTES } from '../bounds.ts'
import type { Ledger } from '../ledger.ts'
import { type Address, type StreamHandler, TransportError, type TransportStream } from '../transport.ts'

/** Puts what the system said about a broken stream into words; `heard`: the peer has sent something. */
export type ExplainError = (error: Error, heard: boolean) => Error

/** Wraps a paused socket that allows half-open. Nothing is read until `receive`. */
export class SocketStream implements TransportStream {
  readonly remote: Address
  readonly #socket: Socket
  readonly #ledger: Ledger
  #handler: StreamHandler | undefined
  #error: Error | undefined
  #sawEnd = false
  #closed = false

  constructor(socket: Socket, remote: Address, ledger: Ledger, explain: ExplainError = (error) => error) {
    this.remote = remote
    this.#socket = socket
    this.#ledger = ledger
    socket.on('error', (error) => {
      this.#error ??= explain(error, socket.bytesRead > 0)
    })
    socket.once('close', () => {
      this.#closed = true
      this.#handler?.onClose(this.#outcome())
    })
  }

  /** True once somebody has taken the stream. */
  get taken(): boolean {
    return this.#handler !== undefined
  }

  receive(handler: StreamHandler): void {
    if (this.#handler !== undefined)
      throw new TransportError('ALREADY_STARTED', `receive was already called on the stream with ${this.remote}.`)
    this.#handler = handler
    if (this.#closed) {
      queueMicrotask(() => handler.onClose(this.#outcome()))
      return
    }
    const socket = this.#socket
    socket.on('data', (chunk: Uint8Array) => {
      if (socket.destroyed) return
      this.#ledger.activity++
      handler.onData(chunk)
    })
    socket.once('end', () => {
      if (socket.destroyed) return
      this.#sawEnd = true
      this.#ledger.activity++
      handler.onEnd()
    })
    socket.resume()
  }

  write(bytes: Uint8Array): void {
    const socket = this.#socket
    if (socket.destroyed || socket.writableEnded || bytes.length === 0) return
    if (socket.writableLength + bytes.length > MAX_STREAM_QUEUE_BYTES) {
      this.#ledger.dropped('queue-full', this.remote, `more than ${MAX_STREAM_QUEUE_BYTES} bytes wait on one stream`)
      this.#error ??= new TransportError('CLOSED', `${this.remote} did not read what was sent to it.`, this.remote)
      socket.destroy()
      return
    }
    socket.write(bytes)
  }

  end(): void {
    if (!this.#socket.destroyed) this.#socket.end()
  }

  destroy(): void {
    this.#socket.destroy()
  }

  #outcome(): Error | undefined {
    if (this.#error !== undefined) return this.#error
    if (this.#sawEnd && this.#socket.writableFinished) return undefined
    return new TransportError(
      'CLOSED',
      `The stream with ${this.remote} was closed before both ends finished.`,
      this.remote,
    )
  }
}
