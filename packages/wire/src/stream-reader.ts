/**
 * Reading a stream as it comes, in whatever pieces. One message is read; what follows it is none of ours. Nothing is
 * allocated on the word of a length, and what was read once is not read again.
 */
import { ByteReader, DecodeError } from '@hearsay/encoding'
import { expandMessage } from './compression.ts'
import type { Drop, DropReason } from './drop.ts'
import { type Encryption, insists, openingKeys } from './encryption/encryption.ts'
import { FRAME_HEADER_BYTES, frameBodyBytes, openFrame } from './encryption/frame.ts'
import { judgeLabel, type LabelMode, readLabel } from './label.ts'
import {
  MAX_COMPRESSED_BYTES,
  MAX_DECOMPRESSED_BYTES,
  MAX_FRAME_BYTES,
  MAX_SMALL_MESSAGE_BYTES,
  MAX_STREAM_BYTES,
} from './limits.ts'
import { MessageType, type StreamMessage } from './message.ts'
import { type Compressed, compressed } from './messages/stream-bodies.ts'
import { Place } from './schema.ts'
import { StreamBody, type StreamRole } from './stream-body.ts'

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
  readonly role: StreamRole
  readonly label: string
  readonly labelMode: LabelMode
  /** Default: nothing is decrypted, and what is encrypted is refused. */
  readonly encryption?: Encryption
  readonly limits?: StreamLimits
}

/** What a reader has to say. After a message or a failure it stays that way. */
export type StreamResult =
  | { readonly kind: 'need-more' }
  /** Byte fields are views of the reader's own buffer. */
  | { readonly kind: 'message'; readonly message: StreamMessage }
  /** `reply`: the text to answer with; without one the stream is just closed (wire spec 3.8). */
  | { readonly kind: 'failed'; readonly drop: Drop; readonly reply: string | undefined }

/** A compressed message with all that surrounds its data. */
const MAX_WRAPPER_BYTES = MAX_COMPRESSED_BYTES + MAX_SMALL_MESSAGE_BYTES

const needMore: StreamResult = { kind: 'need-more' }

/** What one decoded entry of a push/pull takes, about: on the wire it may be a single byte. */
const NODE_STATE_MEMORY_BYTES = 256

/** Reads one message from the pieces of a stream. */
export class StreamReader {
  readonly #options: StreamReaderOptions
  #bytes = new Uint8Array(0)
  #length = 0
  /** Everything before this was read for good. */
  #offset = 0
  #ended = false
  #labelRead = false
  /** Inside the wrapper at hand. */
  readonly #place = new Place()
  /** The message, once it is known to stand there without a wrapper. */
  #body: StreamBody | undefined
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

  /** Whether what comes, in the clear and unfinished, is a push/pull. */
  get isPushPullUnderWay(): boolean {
    return this.#body?.isPushPull ?? false
  }

  /** Memory that the unfinished message takes here, about: for whoever bounds what all streams together may take. */
  get heldBytes(): number {
    return this.#bytes.length + NODE_STATE_MEMORY_BYTES * (this.#body?.nodeCount ?? 0)
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
    if (this.#body) return this.#readBody(this.#body)
    const { encryption } = this.#options
    const isEncrypted = this.#bytes[this.#offset] === MessageType.encrypt
    if (isEncrypted) return this.#readFrame(openingKeys(encryption))
    if (insists(encryption))
      return failure('not-encrypted', this.#offset, 'the message is not encrypted, which is insisted on here', true)
    return this.#readMessage()
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

  #readFrame(keys: readonly Uint8Array[]): StreamResult {
    const at = this.#offset
    if (keys.length === 0)
      return failure('encrypted', at, 'the message is encrypted, and no key is installed here', true)
    const available = this.#length - at
    if (available < FRAME_HEADER_BYTES) return needMore
    const bodyBytes = frameBodyBytes(this.#bytes.subarray(at))
    if (bodyBytes > MAX_FRAME_BYTES)
      return failure(
        'too-large',
        at,
        `an encrypted message of ${bodyBytes} bytes; at most ${MAX_FRAME_BYTES} are allowed`,
        true,
      )
    if (available < FRAME_HEADER_BYTES + bodyBytes) return needMore
    const frame = this.#bytes.subarray(at, at + FRAME_HEADER_BYTES + bodyBytes)
    const message = openFrame(frame, this.#options.label, keys)
    if (!message)
      return failure(
        'decrypt-failed',
        at,
        'no installed key opens the message: another key, another label, or damage on the way',
        true,
      )
    if (message.length === 0) return failure('empty', at, 'the encrypted message is empty', true)
    const reader = new ByteReader(message)
    if (message[0] !== MessageType.compress) return this.#readWhole(reader, 'encrypted')
    reader.u8()
    try {
      return this.#expand(compressed.read(reader))
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      // Go takes the end inside the wrapper for a peer that hung up, and says nothing to it (wire spec 3.8).
      return failure(error.reason, at, `inside the encrypted message: ${error.message}`, error.reason !== 'truncated')
    }
  }

  #readMessage(): StreamResult {
    const reader = new ByteReader(this.#bytes, this.#offset, this.#length)
    if (reader.peek() === MessageType.compress) return this.#readCompressed(reader)
    this.#body = new StreamBody(this.#options.role, this.#options.limits?.maxUserStateBytes)
    return this.#readBody(this.#body, reader)
  }

  #readBody(body: StreamBody, reader = new ByteReader(this.#bytes, this.#offset, this.#length)): StreamResult {
    const result = body.read(reader)
    this.#offset = body.offset
    if (result.kind === 'failed') return failure(result.reason, result.offset, result.detail)
    return result
  }

  #readCompressed(reader: ByteReader): StreamResult {
    reader.u8()
    let wrapper: Compressed
    try {
      wrapper = compressed.read(reader, this.#place)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      if (error.reason !== 'truncated') return failure(error.reason, this.#offset, error.message, true)
      return this.#length - this.#offset > MAX_WRAPPER_BYTES ? this.#wrapperTooLarge() : needMore
    }
    return reader.offset - this.#offset > MAX_WRAPPER_BYTES ? this.#wrapperTooLarge() : this.#expand(wrapper)
  }

  #wrapperTooLarge(): StreamResult {
    return failure('too-large', this.#offset, `a message that is not complete after ${MAX_WRAPPER_BYTES} bytes`)
  }

  #expand(wrapper: Compressed): StreamResult {
    if ((wrapper.data?.length ?? 0) > MAX_COMPRESSED_BYTES)
      return failure('too-large', this.#offset, `compressed data above ${MAX_COMPRESSED_BYTES} bytes`, true)
    let message: Uint8Array
    try {
      message = expandMessage(wrapper, this.#options.limits?.maxDecompressedBytes ?? MAX_DECOMPRESSED_BYTES)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      return failure(error.reason === 'too-large' ? 'too-large' : 'compression', this.#offset, error.message, true)
    }
    if (message.length === 0) return failure('empty', this.#offset, 'the compressed message is empty', true)
    return this.#readWhole(new ByteReader(message), 'compressed')
  }

  /** A message that came in a wrapper: nothing follows, so what is missing will not come. */
  #readWhole(reader: ByteReader, wrapped: 'encrypted' | 'compressed'): StreamResult {
    const result = new StreamBody(this.#options.role, this.#options.limits?.maxUserStateBytes).read(reader)
    if (result.kind === 'message') return result
    const [reason, detail] =
      result.kind === 'failed' ? [result.reason, result.detail] : (['truncated', 'it ends too early'] as const)
    return failure(reason, this.#offset, `inside the ${wrapped} message: ${detail}`)
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
