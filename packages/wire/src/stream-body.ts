/** The innermost layer of a stream: one message without wrappers, read as its bytes come. */
import { type ByteReader, DecodeError } from '@hearsay/encoding'
import type { DropReason } from './drop.ts'
import {
  MAX_NODE_STATE_BYTES,
  MAX_NODE_STATES,
  MAX_SMALL_MESSAGE_BYTES,
  MAX_STREAM_USER_BYTES,
  MAX_USER_STATE_BYTES,
} from './limits.ts'
import { MessageType, type StreamMessage } from './message.ts'
import { ack, ping } from './messages/ping.ts'
import { errorReply, nodeState, type PushPullHeader, pushPullHeader, userHeader } from './messages/stream-bodies.ts'
import { ReceivedStates } from './received-states.ts'
import { type BodyCodec, Place } from './schema.ts'

/** The acceptor reads requests, the initiator replies. */
export type StreamRole = 'acceptor' | 'initiator'

/** What became of a try to read. */
export type BodyResult =
  | { readonly kind: 'message'; readonly message: StreamMessage }
  | { readonly kind: 'need-more' }
  | { readonly kind: 'failed'; readonly reason: DropReason; readonly offset: number; readonly detail: string }

const needMore: BodyResult = { kind: 'need-more' }

const allowedTypes: Readonly<Record<StreamRole, ReadonlySet<number>>> = {
  acceptor: new Set([MessageType.ping, MessageType.user, MessageType.pushPull]),
  initiator: new Set([MessageType.ack, MessageType.pushPull, MessageType.error]),
}

/**
 * Reads one message. Of a push/pull every finished entry is read for good, so that a peer that dribbles costs no more than
 * one that does not.
 */
export class StreamBody {
  readonly #role: StreamRole
  readonly #maxUserStateBytes: number
  #isPushPull = false
  /** Inside the map at hand. */
  #place = new Place()
  /** A push/pull whose entries are still coming. */
  #header: PushPullHeader | undefined
  readonly #nodes = new ReceivedStates()
  /** Everything before this was read for good. */
  #offset = 0

  constructor(role: StreamRole, maxUserStateBytes: number = MAX_USER_STATE_BYTES) {
    this.#role = role
    this.#maxUserStateBytes = maxUserStateBytes
  }

  /** Where the next {@link read} must begin, as an offset of the reader of the last one; meaningful once a read said `need-more`. */
  get offset(): number {
    return this.#offset
  }

  /** Whether it is known to be a push/pull, all of it or not. */
  get isPushPull(): boolean {
    return this.#isPushPull
  }

  /** Entries of a push/pull that have come so far. */
  get nodeCount(): number {
    return this.#nodes.length
  }

  /** Reads from the reader's position, which is the message's begin the first time and {@link offset} afterwards. */
  read(reader: ByteReader): BodyResult {
    this.#offset = reader.offset
    try {
      if (this.#header) return this.#readNodes(reader, this.#header)
      return this.#readMessage(reader)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      if (error.reason !== 'truncated') return failed(error.reason, error.offset, error.message)
      const maxBytes = this.#header ? MAX_NODE_STATE_BYTES : MAX_SMALL_MESSAGE_BYTES
      if (reader.end - this.#offset <= maxBytes) return needMore
      return failed('too-large', this.#offset, `a message that is not complete after ${maxBytes} bytes`)
    }
  }

  /** A body that is read as a whole: as it came in small pieces, so in one, it has the same bound. */
  #bounded<Body extends object>(codec: BodyCodec<Body>, reader: ByteReader, maxBytes: number): Body {
    const body = codec.read(reader, this.#place)
    if (reader.offset - this.#offset > maxBytes)
      throw new DecodeError('too-large', this.#offset, `a message that is not complete after ${maxBytes} bytes`)
    this.#place = new Place()
    return body
  }

  #readMessage(reader: ByteReader): BodyResult {
    const type = reader.u8()
    if (!allowedTypes[this.#role].has(type))
      return failed('unknown-type', this.#offset, `messages of type ${type} do not stand here`)
    switch (type) {
      case MessageType.ping:
        return { kind: 'message', message: this.#bounded(ping, reader, MAX_SMALL_MESSAGE_BYTES) }
      case MessageType.ack:
        return { kind: 'message', message: this.#bounded(ack, reader, MAX_SMALL_MESSAGE_BYTES) }
      case MessageType.error:
        return { kind: 'message', message: this.#bounded(errorReply, reader, MAX_SMALL_MESSAGE_BYTES) }
      case MessageType.user:
        return this.#readUser(reader)
      default:
        return this.#readPushPull(reader)
    }
  }

  #readUser(reader: ByteReader): BodyResult {
    const { payloadBytes } = this.#bounded(userHeader, reader, MAX_SMALL_MESSAGE_BYTES)
    if (payloadBytes < 0 || payloadBytes > MAX_STREAM_USER_BYTES)
      return failed(
        'too-large',
        this.#offset,
        `a user message of ${payloadBytes} bytes; at most ${MAX_STREAM_USER_BYTES} are allowed`,
      )
    if (payloadBytes > reader.remaining) return needMore
    return { kind: 'message', message: { type: 'user', payload: reader.take(payloadBytes) } }
  }

  #readPushPull(reader: ByteReader): BodyResult {
    this.#isPushPull = true
    const header = this.#bounded(pushPullHeader, reader, MAX_SMALL_MESSAGE_BYTES)
    if (header.nodeCount < 0 || header.nodeCount > MAX_NODE_STATES)
      return failed('too-large', this.#offset, `${header.nodeCount} entries; at most ${MAX_NODE_STATES} are allowed`)
    this.#header = header
    this.#offset = reader.offset
    return this.#readNodes(reader, header)
  }

  /** Entries, then the application's state. */
  #readNodes(reader: ByteReader, { join, nodeCount, userStateBytes }: PushPullHeader): BodyResult {
    const nodes = this.#nodes
    while (nodes.length < nodeCount) {
      // One that was begun in a form of its own goes on in it.
      if (!this.#place.values) nodes.read(reader, nodeCount)
      this.#offset = reader.offset
      if (nodes.length === nodeCount) break
      nodes.add(this.#bounded(nodeState, reader, MAX_NODE_STATE_BYTES))
      this.#offset = reader.offset
    }
    if (userStateBytes < 0 || userStateBytes > this.#maxUserStateBytes)
      return failed(
        'too-large',
        reader.offset,
        `a user state of ${userStateBytes} bytes; at most ${this.#maxUserStateBytes} are allowed`,
      )
    if (userStateBytes > reader.remaining) return needMore
    return {
      kind: 'message',
      message: { type: 'push-pull', join, nodes, userState: reader.take(userStateBytes) },
    }
  }
}

function failed(reason: DropReason, offset: number, detail: string): BodyResult {
  return { kind: 'failed', reason, offset, detail }
}
