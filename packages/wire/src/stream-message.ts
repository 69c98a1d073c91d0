/** Messages of streams, as their sender writes them (wire spec 3). */
import { ByteWriter } from '@hearsay/encoding'
import { type Compression, compressLargeMessage, compressMessage } from './compression.ts'
import { type Encryption, sealing } from './encryption/encryption.ts'
import { sealFrame } from './encryption/frame.ts'
import { MessageType, type NodeStates, type PushPull, type StreamMessage } from './message.ts'
import { ack, ping } from './messages/ping.ts'
import { errorReply, pushPullHeader, userHeader } from './messages/stream-bodies.ts'
import { PackedStates } from './packed-states.ts'
import type { BodyCodec } from './schema.ts'

/** So much of a large message is compressed first, to see whether it shrinks. */
const SAMPLE_BYTES = 64 * 1024

/** How a stream message is put together. */
export interface StreamOptions {
  readonly compression: Compression
  /** `always`: even if that makes it larger, as HashiCorp's does. `if-smaller`: as Grafana's fork does, and not if its first 64 KiB do not shrink. Default `if-smaller`. */
  readonly when?: 'always' | 'if-smaller'
  /** Authenticated with what is encrypted; its header is not written here. Default none. */
  readonly label?: string
  /** Default: nothing is encrypted. */
  readonly encryption?: Encryption
}

/**
 * A message as it stands on a stream. In front of a request goes `labelHeader(label)`; a reply has no header, but the
 * label is authenticated in it all the same.
 */
export function encodeStreamMessage(message: StreamMessage, options: StreamOptions): Uint8Array {
  const compact = encodeCompact(message, options)
  const seal = sealing(options.encryption)
  return seal ? sealFrame(compact, options.label ?? '', seal) : compact
}

function encodeCompact(message: StreamMessage, { compression, when = 'if-smaller' }: StreamOptions): Uint8Array {
  const plain = encodePlain(message)
  if (compression === 'none') return plain
  // A state of values that are compressed already would cost a pass over all of it, and gain nothing.
  if (when === 'if-smaller' && plain.length > SAMPLE_BYTES) {
    if (compression === 'lzw') return compressLargeMessage(plain, SAMPLE_BYTES) ?? plain
    if (compressMessage(plain.subarray(0, SAMPLE_BYTES), compression).length >= SAMPLE_BYTES) return plain
  }
  const compact = compressMessage(plain, compression)
  return when === 'always' || compact.length < plain.length ? compact : plain
}

function encodePlain(message: StreamMessage): Uint8Array {
  switch (message.type) {
    case 'ping':
      return framed(MessageType.ping, ping, message)
    case 'ack':
      return framed(MessageType.ack, ack, message)
    case 'error':
      return framed(MessageType.error, errorReply, message)
    case 'user':
      return framed(MessageType.user, userHeader, { payloadBytes: message.payload.length }, message.payload)
    case 'push-pull':
      return encodePushPull(message)
  }
}

const nothing = new Uint8Array(0)

function framed<Body extends object>(
  type: number,
  codec: BodyCodec<Body>,
  body: Body,
  after: Uint8Array = nothing,
): Uint8Array {
  const writer = new ByteWriter(1 + codec.size(body) + after.length)
  writer.u8(type)
  codec.write(writer, body)
  writer.bytes(after)
  return writer.finish()
}

/** What stands in front of the entries, at most. */
const HEADER_BYTES = 64

function encodePushPull({ join, nodes, userState }: PushPull): Uint8Array {
  const { bytes } = nodes instanceof PackedStates ? nodes : packed(nodes)
  const writer = new ByteWriter(HEADER_BYTES + bytes.length + userState.length)
  writer.u8(MessageType.pushPull)
  pushPullHeader.write(writer, { join, nodeCount: nodes.length, userStateBytes: userState.length })
  writer.bytes(bytes)
  writer.bytes(userState)
  return writer.since(0)
}

function packed(nodes: NodeStates): PackedStates {
  const states = new PackedStates(nodes.length)
  for (const node of nodes) states.add(node)
  return states
}
