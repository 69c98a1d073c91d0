/**
 * Reading a stream as it comes, in whatever pieces. One message is read; what follows it is none of ours. Nothing is
 * allocated on the word of a length, and what was read once is not read again.
 */
import { ByteReader, DecodeError } from '@hearsay/encoding'
import { expandMessage } from './compression.ts'
import type { Drop, DropReason } from './drop.ts'
import { judgeLabel, type LabelMode, readLabel } from './label.ts'
import {
  MAX_COMPRESSED_BYTES,
  MAX_DECOMPRESSED_BYTES,
  MAX_NODE_STATE_BYTES,
  MAX_NODE_STATES,
  MAX_SMALL_MESSAGE_BYTES,
  MAX_STREAM_BYTES,
  MAX_STREAM_USER_BYTES,
  MAX_USER_STATE_BYTES,
} from './limits.ts'
import { MessageType, type NodeState, type StreamMessage } from './message.ts'
import { ack, ping } from './messages/ping.ts'
import {
  type Compressed,
  compressed,
  errorReply,
  nodeState,
  type PushPullHeader,
  pushPullHeader,
  userHeader,
} from './messages/stream-bodies.ts'

/** Bounds of one stream. */
export interface StreamLimits {
  /** Default 40 MiB. */
  readonly maxDecompressedBytes?: number
  /** Default 64 MiB. */
  readonly maxUserStateBytes?: number
}

/** What a reader needs to know. */
export interface StreamReaderOptions {
  /** The acceptor reads requests, after a label; the initiator reads replies, which have none. */
  readonly role: 'acceptor' | 'initiator'
  readonly label: string
  readonly labelMode: LabelMode
  readonly limits?: StreamLimits
}

/** What a reader has to say. After a message or a failure it stays that way. */
export type StreamResult =
  | { readonly kind: 'need-more' }
  /** Byte fields are views of the reader's own buffer. */
  | { readonly kind: 'message'; readonly message: StreamMessage }
  /** `reply`: the text to answer with; without one the stream is just closed (wire spec 3.8). */
  | { readonly kind: 'failed'; readonly drop: Drop; readonly reply: string | undefined }

const needMore: StreamResult = { kind: 'need-more' }

const requests: ReadonlySet<number> = new Set([MessageType.ping, MessageType.user, MessageType.pushPull])
const replies: ReadonlySet<number> = new Set([MessageType.ack, MessageType.pushPull, MessageType.error])

/** A push/pull whose entries are still coming. */
interface Gathering {
  readonly header: PushPullHeader
  readonly nodes: NodeState[]
}

/** Reads one message from the pieces of a stream. */
export class StreamReader {
  readonly #options: StreamReaderOptions
  #bytes = new Uint8Array(0)
  #length = 0
  /** Everything before this was read for good. */
  #offset = 0
  #ended = false
  #labelRead = false
  #gathering: Gathering | undefined
  #result: StreamResult = needMore

  constructor(options: StreamReaderOptions) {
    this.#options = options
    this.#labelRead = options.role === 'initiator'
  }

  /** Takes the next piece; copies it. */
  push(chunk: Uint8Array): void {
    if (this.#result.kind !== 'need-more' || this.#ended) return
    const needed = this.#length + chunk.length
    if (needed > MAX_STREAM_BYTES) {
      this.#result = failure('too-large', this.#length, `more than ${MAX_STREAM_BYTES} bytes on one stream`)
      return
    }
    if (needed > this.#bytes.length) {
      const larger = new Uint8Array(Math.max(needed, Math.min(2 * this.#bytes.length, MAX_STREAM_BYTES)))
      larger.set(this.#bytes.subarray(0, this.#length))
      this.#bytes = larger
    }
    this.#bytes.set(chunk, this.#length)
    this.#length = needed
  }

  /** The peer sends no more. */
  end(): void {
    this.#ended = true
  }

  /** The message, if all of it is there. Never throws. */
  next(): StreamResult {
    if (this.#result.kind === 'need-more') this.#result = this.#read()
    if (this.#result.kind === 'need-more' && this.#ended) this.#result = this.#cutShort()
    return this.#result
  }

  #read(): StreamResult {
    if (!this.#labelRead) {
      const problem = this.#readLabel()
      if (problem) return problem
    }
    if (this.#offset >= this.#length) return needMore
    const reader = new ByteReader(this.#bytes, this.#offset, this.#length)
    try {
      return this.#readOuter(reader)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      return this.#interrupted(error, MAX_SMALL_MESSAGE_BYTES)
    }
  }

  #readLabel(): StreamResult | undefined {
    const { label, labelMode } = this.#options
    const read = readLabel(this.#bytes.subarray(0, this.#length))
    if (read.kind === 'need-more') return needMore
    const drop = read.kind === 'malformed' ? read.drop : judgeLabel(read.label, label, labelMode)
    if (drop) return { kind: 'failed', drop, reply: undefined }
    if (read.kind === 'label') this.#offset = read.sizeBytes
    this.#labelRead = true
    return undefined
  }

  /** The outer layers: what fails here is answered. */
  #readOuter(reader: ByteReader): StreamResult {
    if (this.#gathering) return this.#gather(reader, this.#gathering, true)
    const type = reader.peek()
    if (type === MessageType.encrypt)
      return failure('decrypt-failed', this.#offset, 'the message is encrypted, and encryption is not configured', true)
    return type === MessageType.compress ? this.#readCompressed(reader) : this.#readPlain(reader, true)
  }

  #readCompressed(reader: ByteReader): StreamResult {
    reader.u8()
    const body = this.#readWrapper(reader)
    if ('kind' in body) return body
    if ((body.data?.length ?? 0) > MAX_COMPRESSED_BYTES)
      return failure('too-large', this.#offset, `compressed data above ${MAX_COMPRESSED_BYTES} bytes`, true)
    let message: Uint8Array
    try {
      message = expandMessage(body, this.#options.limits?.maxDecompressedBytes ?? MAX_DECOMPRESSED_BYTES)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      return failure(error.reason === 'too-large' ? 'too-large' : 'compression', this.#offset, error.message, true)
    }
    if (message.length === 0) return failure('empty', this.#offset, 'the compressed message is empty', true)
    try {
      return this.#readPlain(new ByteReader(message), false)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      return failure(error.reason, this.#offset, `inside the compressed message: ${error.message}`)
    }
  }

  /** The wrapper with all of its data, or what to do without. */
  #readWrapper(reader: ByteReader): Compressed | StreamResult {
    try {
      return compressed.read(reader)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      if (error.reason === 'truncated') return this.#awaitMore(MAX_COMPRESSED_BYTES + MAX_SMALL_MESSAGE_BYTES)
      return failure(error.reason, this.#offset, error.message, true)
    }
  }

  #readPlain(reader: ByteReader, mayGrow: boolean): StreamResult {
    const type = reader.u8()
    const allowed = this.#options.role === 'acceptor' ? requests : replies
    if (!allowed.has(type)) return failure('unknown-type', this.#offset, `messages of type ${type} do not stand here`)
    switch (type) {
      case MessageType.ping:
        return { kind: 'message', message: ping.read(reader) }
      case MessageType.ack:
        return { kind: 'message', message: ack.read(reader) }
      case MessageType.error:
        return { kind: 'message', message: errorReply.read(reader) }
      case MessageType.user:
        return this.#readUser(reader, mayGrow)
      default:
        return this.#readPushPull(reader, mayGrow)
    }
  }

  #readUser(reader: ByteReader, mayGrow: boolean): StreamResult {
    const { payloadBytes } = userHeader.read(reader)
    if (payloadBytes < 0 || payloadBytes > MAX_STREAM_USER_BYTES)
      return failure(
        'too-large',
        this.#offset,
        `a user message of ${payloadBytes} bytes; at most ${MAX_STREAM_USER_BYTES} are allowed`,
      )
    if (payloadBytes <= reader.remaining)
      return { kind: 'message', message: { type: 'user', payload: reader.take(payloadBytes) } }
    if (mayGrow) return needMore
    throw reader.truncated(payloadBytes)
  }

  #readPushPull(reader: ByteReader, mayGrow: boolean): StreamResult {
    const header = pushPullHeader.read(reader)
    if (header.nodeCount < 0 || header.nodeCount > MAX_NODE_STATES)
      return failure('too-large', this.#offset, `${header.nodeCount} entries; at most ${MAX_NODE_STATES} are allowed`)
    const gathering: Gathering = { header, nodes: [] }
    if (mayGrow) {
      this.#gathering = gathering
      this.#offset = reader.offset
    }
    return this.#gather(reader, gathering, mayGrow)
  }

  /** Entries, then the application's state. Each finished entry is read for good. */
  #gather(reader: ByteReader, { header, nodes }: Gathering, mayGrow: boolean): StreamResult {
    while (nodes.length < header.nodeCount) {
      const start = reader.offset
      try {
        nodes.push(nodeState.read(reader))
      } catch (error) {
        if (!mayGrow || !(error instanceof DecodeError)) throw error
        this.#offset = start
        return this.#interrupted(error, MAX_NODE_STATE_BYTES)
      }
      if (mayGrow) this.#offset = reader.offset
    }
    const maxBytes = this.#options.limits?.maxUserStateBytes ?? MAX_USER_STATE_BYTES
    if (header.userStateBytes < 0 || header.userStateBytes > maxBytes)
      return failure(
        'too-large',
        reader.offset,
        `a user state of ${header.userStateBytes} bytes; at most ${maxBytes} are allowed`,
      )
    if (header.userStateBytes > reader.remaining) {
      if (mayGrow) return needMore
      throw reader.truncated(header.userStateBytes)
    }
    return {
      kind: 'message',
      message: { type: 'push-pull', join: header.join, nodes, userState: reader.take(header.userStateBytes) },
    }
  }

  /** Reading stopped early: because more must come, or because it can never be right. */
  #interrupted(error: DecodeError, maxBytes: number): StreamResult {
    return error.reason === 'truncated' ? this.#awaitMore(maxBytes) : failure(error.reason, error.offset, error.message)
  }

  #awaitMore(maxBytes: number): StreamResult {
    return this.#length - this.#offset <= maxBytes
      ? needMore
      : failure('too-large', this.#offset, `a message that is not complete after ${maxBytes} bytes`)
  }

  #cutShort(): StreamResult {
    if (this.#length === 0) return failure('empty', 0, 'the stream ended before anything came')
    if (!this.#labelRead) return failure('label-malformed', this.#length, 'the stream ended inside the label header')
    return failure('truncated', this.#length, 'the stream ended inside a message')
  }
}

function failure(reason: DropReason, offset: number, detail: string, answer = false): StreamResult {
  return { kind: 'failed', drop: { reason, offset, detail }, reply: answer ? detail : undefined }
}
