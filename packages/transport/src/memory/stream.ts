/** One end of a stream inside a process. */

import { MAX_STREAM_QUEUE_BYTES } from '../bounds.ts'
import type { Ledger } from '../ledger.ts'
import { type Address, type StreamHandler, TransportError, type TransportStream } from '../transport.ts'
import type { Links } from './links.ts'
import { Pipe, type PipeItem } from './pipe.ts'

/**
 * Behaves as a TCP connection would: half-close, data that waits until somebody receives, and a `destroy` that the other
 * end sees as an end when nothing was lost and as a reset otherwise.
 */
export class MemoryStream implements TransportStream {
  readonly remote: Address
  readonly #links: Links
  readonly #ledger: Ledger
  readonly #onClosed: (stream: MemoryStream) => void
  #out: Pipe | undefined
  #peer: MemoryStream | undefined
  /** Written and not yet taken by the peer's handler. */
  #unheardBytes = 0
  #handler: StreamHandler | undefined
  /** What arrived before somebody received. */
  readonly #unread: PipeItem[] = []
  #ended = false
  #remoteEnded = false
  #closed = false
  #error: Error | undefined

  constructor(remote: Address, links: Links, ledger: Ledger, onClosed: (stream: MemoryStream) => void) {
    this.remote = remote
    this.#links = links
    this.#ledger = ledger
    this.#onClosed = onClosed
  }

  /** Makes `a` and `b`, which live at the two addresses, the ends of one stream. */
  static connect(links: Links, a: MemoryStream, b: MemoryStream): void {
    a.#peer = b
    b.#peer = a
    a.#out = new Pipe(links, b.remote, a.remote, (item) => b.#arrived(item))
    b.#out = new Pipe(links, a.remote, b.remote, (item) => a.#arrived(item))
  }

  /** True once somebody has taken the stream. */
  get taken(): boolean {
    return this.#handler !== undefined
  }

  receive(handler: StreamHandler): void {
    if (this.#handler !== undefined)
      throw new TransportError('ALREADY_STARTED', `receive was already called on the stream with ${this.remote}.`)
    this.#handler = handler
    const closedBefore = this.#closed
    this.#links.after(0, () => {
      if (closedBefore) handler.onClose(this.#error)
      for (const item of this.#unread.splice(0)) this.#deliver(item)
    })
  }

  write(bytes: Uint8Array): void {
    if (this.#closed || this.#ended || bytes.length === 0) return
    if (this.#unheardBytes + bytes.length > MAX_STREAM_QUEUE_BYTES) {
      this.#ledger.dropped('queue-full', this.remote, `more than ${MAX_STREAM_QUEUE_BYTES} bytes wait on one stream`)
      this.destroy()
      return
    }
    this.#unheardBytes += bytes.length
    // A copy, since the receiver owns what it gets and the sender may send the same array to others.
    this.#out?.push({ kind: 'data', bytes: new Uint8Array(bytes) })
  }

  end(): void {
    if (this.#closed || this.#ended) return
    this.#ended = true
    this.#out?.push({ kind: 'end' })
    if (this.#remoteEnded) this.#close(undefined)
  }

  destroy(): void {
    if (this.#closed) return
    const finished = this.#remoteEnded && this.#unread.length === 0
    if (!finished) this.#out?.push({ kind: 'reset' })
    else if (!this.#ended) this.#out?.push({ kind: 'end' })
    this.#close(unfinished(this.remote))
  }

  #arrived(item: PipeItem): void {
    if (this.#closed) return
    this.#ledger.activity++
    // Until somebody receives, everything waits in order; the same holds for the turn between `receive` and its start.
    if (this.#handler === undefined || this.#unread.length > 0) this.#unread.push(item)
    else this.#deliver(item)
  }

  #deliver(item: PipeItem): void {
    if (this.#closed) return
    switch (item.kind) {
      case 'data':
        if (this.#peer !== undefined) this.#peer.#unheardBytes -= item.bytes.length
        this.#handler?.onData(item.bytes)
        break
      case 'end':
        this.#remoteEnded = true
        this.#handler?.onEnd()
        if (this.#ended) this.#close(undefined)
        break
      case 'reset':
        this.#close(new TransportError('CLOSED', `${this.remote} reset the stream.`, this.remote))
    }
  }

  #close(error: Error | undefined): void {
    if (this.#closed) return
    this.#closed = true
    this.#error = error
    this.#unread.length = 0
    this.#onClosed(this)
    const handler = this.#handler
    if (handler !== undefined) this.#links.after(0, () => handler.onClose(error))
  }
}

const unfinished = (remote: Address) =>
  new TransportError('CLOSED', `The stream with ${remote} was closed before both ends finished.`, remote)
