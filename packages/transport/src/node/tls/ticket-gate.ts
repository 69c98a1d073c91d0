/** What a server may not yet say to its client. */

import type { Socket } from 'node:net'
import { Duplex } from 'node:stream'

/**
 * An accepted socket whose session tickets wait for something worth sending.
 *
 * In TLS 1.3 OpenSSL sends tickets as soon as the handshake is over, and Node.js cannot tell it not to. dskit writes a
 * packet and closes without reading; bytes that it has not read make its system reset the connection, and what it had not
 * yet sent of a large packet is lost. So the tickets are kept here until the server has an answer or an end of its own:
 * not sending them at all would break the sequence of records. Go's own server offers none to such a client.
 */
export class TicketGate extends Duplex {
  readonly #raw: Socket
  readonly #held: Uint8Array[] = []
  #holding = false

  constructor(raw: Socket) {
    super({ allowHalfOpen: true })
    this.#raw = raw
    raw.on('data', (chunk: Uint8Array) => {
      if (!this.push(chunk)) raw.pause()
    })
    raw.once('end', () => this.push(null))
    raw.once('error', (error) => this.destroy(error))
    raw.once('close', () => this.destroy())
  }

  /** Keeps what is written from now on, until `release`. */
  hold(): void {
    this.#holding = true
  }

  /** Lets the next thing that is written take with it what was kept. */
  release(): void {
    this.#holding = false
  }

  override _read(): void {
    this.#raw.resume()
  }

  override _write(chunk: Uint8Array, _encoding: unknown, done: (error?: Error | null) => void): void {
    if (this.#holding) {
      this.#held.push(chunk)
      return done()
    }
    for (const held of this.#held.splice(0)) this.#raw.write(held)
    this.#raw.write(chunk, done)
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#raw.end(() => done())
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#raw.destroy()
    done(error)
  }
}
