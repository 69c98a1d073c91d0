/** Streams: one request, at most one reply, then closed (wire spec 3). Ours have positive numbers, peers' negative ones. */
import type { Address, Transport, TransportStream } from '@hearsay/transport'
import {
  type Drop,
  type Encryption,
  encodeStreamMessage,
  isFrameTooLarge,
  labelHeader,
  type StreamMessage,
  StreamReader,
  type StreamRole,
} from '@hearsay/wire'
import type { Effect } from './effect.ts'
import type { ExchangeId, Input } from './input.ts'
import { MAX_INBOUND_PUSH_PULLS, MAX_UNFINISHED_REQUEST_BYTES } from './limits.ts'
import type { Counters } from './metrics.ts'
import type { System } from './turn.ts'

/** What streams need to know. */
export interface StreamSettings {
  readonly transport: Transport
  readonly system: System
  readonly counters: Counters
  readonly label: string
  readonly labelMode: 'strict' | 'stripped-by-proxy' | 'ignore'
  readonly encryption: Encryption
  readonly compression: 'lzw' | 'snappy' | 'none'
  readonly streamCompression: 'always' | 'if-smaller'
  readonly maxDecompressedBytes: number
  /** Each phase of a stream. */
  readonly streamTimeoutMs: number
}

/** Where news of streams goes. */
export interface StreamNews {
  input(input: Input): void
  /** Something arrived: so many bytes, or an end. */
  active(sizeBytes: number): void
  refused(drop: Drop, peer: Address): void
  /** An encrypted message of ours, of so many bytes, is larger than any peer takes. */
  oversized(sizeBytes: number, peer: Address): void
}

type Open = Extract<Effect, { readonly kind: 'open-stream' }>

interface Incoming {
  readonly stream: TransportStream
  isPushPull: boolean
  /** Memory that the unfinished request takes. */
  heldBytes: number
  disarm: () => void
}

/** Every stream under way. */
export class Exchanges {
  readonly #settings: StreamSettings
  readonly #news: StreamNews
  readonly #incoming = new Map<ExchangeId, Incoming>()
  readonly #outgoing = new Map<ExchangeId, AbortController>()
  #nextIncoming = -1
  #pushPulls = 0
  #heldBytes = 0
  #stopped = false

  constructor(settings: StreamSettings, news: StreamNews) {
    this.#settings = settings
    this.#news = news
  }

  /** Dials, sends, and reads the reply if there is to be one. */
  open(effect: Open): void {
    const abort = new AbortController()
    this.#outgoing.set(effect.exchange, abort)
    const { counters, transport } = this.#settings
    counters.messagesOut.add(`stream-${effect.message.type}`)
    if (effect.message.type === 'push-pull') counters.pushPullsInitiated++
    transport.dial(effect.to, { timeoutMs: effect.timeoutMs, signal: abort.signal }).then(
      (stream) => this.#converse(effect, stream, abort.signal),
      (error: unknown) => this.#fail(effect, false, error instanceof Error ? error.message : String(error)),
    )
  }

  /** Answers a peer's request, or just closes it. */
  close(exchange: ExchangeId, reply: StreamMessage | undefined): void {
    const incoming = this.#incoming.get(exchange)
    if (!incoming) return
    if (reply) {
      this.#settings.counters.messagesOut.add(`stream-${reply.type}`)
      if (reply.type === 'push-pull') this.#settings.counters.pushPullsServed++
      incoming.disarm()
      incoming.disarm = this.#settings.system.arm(this.#settings.streamTimeoutMs, () => incoming.stream.destroy())
      incoming.stream.write(this.#encode(reply, incoming.stream.remote))
    }
    incoming.stream.end()
  }

  /** Forgets one of ours. */
  abandon(exchange: ExchangeId): void {
    this.#outgoing.get(exchange)?.abort()
    this.#outgoing.delete(exchange)
  }

  /** A peer dialled. */
  accept(stream: TransportStream): void {
    const exchange = this.#nextIncoming--
    const { system, streamTimeoutMs } = this.#settings
    const incoming: Incoming = {
      stream,
      isPushPull: false,
      heldBytes: 0,
      disarm: system.arm(streamTimeoutMs, () => stream.destroy()),
    }
    this.#incoming.set(exchange, incoming)
    const reader = this.#reader('acceptor')
    let answered = false
    const read = (): void => {
      if (answered) return
      const result = reader.next()
      this.#hold(incoming, result.kind === 'need-more' ? reader.heldBytes : 0)
      if (result.kind === 'need-more') {
        // It counts from its first byte on, as in Go: else many that never finish would pass the bound.
        if (reader.isPushPullUnderWay && !this.#admitPushPull(incoming)) answered = true
        return this.#boundMemory(incoming)
      }
      answered = true
      if (result.kind === 'message') return this.#request(exchange, incoming, result.message)
      this.#news.refused(result.drop, stream.remote)
      if (result.reply !== undefined) stream.write(this.#encode({ type: 'error', error: result.reply }, stream.remote))
      stream.end()
    }
    stream.receive({
      onData: (chunk) => {
        this.#news.active(chunk.length)
        // What follows the one request is none of our business (wire spec 3.1).
        if (answered) return
        reader.push(chunk)
        read()
      },
      onEnd: () => {
        this.#news.active(0)
        reader.end()
        read()
        if (!answered) stream.end()
      },
      onClose: () => this.#closed(exchange, incoming),
    })
  }

  stop(): void {
    this.#stopped = true
    for (const abort of this.#outgoing.values()) abort.abort()
    this.#outgoing.clear()
    for (const { stream, disarm } of this.#incoming.values()) {
      disarm()
      stream.destroy()
    }
  }

  #request(exchange: ExchangeId, incoming: Incoming, message: StreamMessage): void {
    this.#settings.counters.messagesIn.add(`stream-${message.type}`)
    if (message.type === 'push-pull' && !this.#admitPushPull(incoming)) return
    this.#news.input({ kind: 'stream-request', exchange, from: incoming.stream.remote, message })
  }

  /** Whether one more may be served; else its stream is closed. */
  #admitPushPull(incoming: Incoming): boolean {
    if (incoming.isPushPull) return true
    if (this.#pushPulls >= MAX_INBOUND_PUSH_PULLS) {
      this.#settings.counters.drops.add('too-many-push-pulls')
      incoming.stream.end()
      return false
    }
    incoming.isPushPull = true
    this.#pushPulls++
    return true
  }

  #hold(incoming: Incoming, heldBytes: number): void {
    this.#heldBytes += heldBytes - incoming.heldBytes
    incoming.heldBytes = heldBytes
  }

  /** Each stream has its bound; many that dribble together have this one. */
  #boundMemory(incoming: Incoming): void {
    if (this.#heldBytes <= MAX_UNFINISHED_REQUEST_BYTES) return
    this.#settings.counters.drops.add('too-many-unfinished-bytes')
    incoming.stream.destroy()
  }

  #closed(exchange: ExchangeId, incoming: Incoming): void {
    incoming.disarm()
    this.#hold(incoming, 0)
    if (incoming.isPushPull) this.#pushPulls--
    this.#incoming.delete(exchange)
  }

  #converse(effect: Open, stream: TransportStream, signal: AbortSignal): void {
    const { system, label } = this.#settings
    if (signal.aborted || this.#stopped) return stream.destroy()
    let settled = false
    const reader = this.#reader('initiator')
    const disarm = system.arm(effect.timeoutMs, () =>
      finish(() => {
        stream.destroy()
        this.#fail(effect, true, `${effect.to} did not answer within ${effect.timeoutMs} ms`)
      }),
    )
    const finish = (report: () => void): void => {
      if (settled) return
      settled = true
      disarm()
      if (effect.expectReply) stream.destroy()
      report()
    }
    const read = (): void => {
      const result = reader.next()
      if (result.kind === 'need-more') return
      if (result.kind === 'message') finish(() => this.#reply(effect, result.message))
      else {
        this.#news.refused(result.drop, effect.to)
        finish(() => this.#fail(effect, true, `${effect.to} sent an answer that cannot be read: ${result.drop.detail}`))
      }
    }
    signal.addEventListener('abort', () => finish(() => stream.destroy()), { once: true })
    stream.receive({
      onData: (chunk) => {
        this.#news.active(chunk.length)
        if (settled || !effect.expectReply) return
        reader.push(chunk)
        read()
      },
      onEnd: () => {
        this.#news.active(0)
        if (settled || !effect.expectReply) return
        reader.end()
        read()
        finish(() =>
          this.#fail(
            effect,
            true,
            `${effect.to} closed the stream without an answer; it may use another cluster label or version`,
          ),
        )
      },
      onClose: (error) =>
        finish(() => {
          if (effect.expectReply || error)
            this.#fail(effect, true, `${effect.to} closed the stream${error ? `: ${error.message}` : ''}`)
          else this.#done(effect)
        }),
    })
    const header = labelHeader(label)
    if (header.length > 0) stream.write(header)
    stream.write(this.#encode(effect.message, effect.to))
    // Nothing is read after a message without a reply: the end says that all of it was sent.
    if (!effect.expectReply) stream.end()
  }

  #reply(effect: Open, message: StreamMessage): void {
    this.#outgoing.delete(effect.exchange)
    this.#settings.counters.messagesIn.add(`stream-${message.type}`)
    this.#news.input({ kind: 'stream-reply', exchange: effect.exchange, message })
  }

  #done(effect: Open): void {
    this.#outgoing.delete(effect.exchange)
    this.#news.input({ kind: 'stream-done', exchange: effect.exchange })
  }

  #fail(effect: Open, contacted: boolean, reason: string): void {
    if (!this.#outgoing.delete(effect.exchange) || this.#stopped) return
    if (effect.message.type === 'push-pull') this.#settings.counters.pushPullsFailed++
    this.#news.input({ kind: 'stream-failed', exchange: effect.exchange, contacted, reason })
  }

  #reader(role: StreamRole): StreamReader {
    const { label, labelMode, encryption, maxDecompressedBytes } = this.#settings
    return new StreamReader({ role, label, labelMode, encryption, limits: { maxDecompressedBytes } })
  }

  #encode(message: StreamMessage, peer: Address): Uint8Array {
    const { compression, streamCompression, label, encryption } = this.#settings
    const bytes = encodeStreamMessage(message, { compression, when: streamCompression, label, encryption })
    if (isFrameTooLarge(bytes)) this.#news.oversized(bytes.length, peer)
    return bytes
  }
}
