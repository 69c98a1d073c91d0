/** Messages of packets, type byte first. */
import { ByteReader, ByteWriter } from '@hearsay/encoding'
import { MessageType, type PacketMessage } from '../message.ts'
import type { BodyCodec } from '../schema.ts'
import { alive, dead, suspect } from './claim.ts'
import { ack, indirectPing, nack, ping } from './ping.ts'

type Framed = Exclude<PacketMessage, { readonly type: 'user' }>

const codecs: {
  readonly [Type in Framed['type']]: {
    readonly number: number
    readonly codec: BodyCodec<Extract<Framed, { type: Type }>>
  }
} = {
  ping: { number: MessageType.ping, codec: ping },
  'indirect-ping': { number: MessageType.indirectPing, codec: indirectPing },
  ack: { number: MessageType.ack, codec: ack },
  nack: { number: MessageType.nack, codec: nack },
  suspect: { number: MessageType.suspect, codec: suspect },
  dead: { number: MessageType.dead, codec: dead },
  alive: { number: MessageType.alive, codec: alive },
}

const byNumber = new Map<number, BodyCodec<Framed>>(
  Object.values(codecs).map(({ number, codec }) => [number, codec as unknown as BodyCodec<Framed>]),
)

/** Exact encoded size of a message, the type byte included, without making its bytes. */
export function encodedSize(message: PacketMessage): number {
  if (message.type === 'user') return 1 + message.payload.length
  return 1 + (codecs[message.type].codec as BodyCodec<Framed>).size(message)
}

/** Messages are written one behind the other into blocks: a buffer for each would cost more than all the rest. */
const BLOCK_BYTES = 8192
/** Room that is enough for nearly every message. One that needs more moves into a larger block of its own. */
const ENOUGH_BYTES = 1024
let block = new ByteWriter(BLOCK_BYTES)

/** The encoded message, type byte first. A view into a block that others share: read only. */
export function encodeMessage(message: PacketMessage): Uint8Array {
  if (message.type === 'user') {
    const writer = new ByteWriter(1 + message.payload.length)
    writer.u8(MessageType.user)
    writer.bytes(message.payload)
    return writer.finish()
  }
  const { number, codec } = codecs[message.type]
  if (block.room < ENOUGH_BYTES) block = new ByteWriter(BLOCK_BYTES)
  const start = block.size
  block.u8(number)
  ;(codec as BodyCodec<Framed>).write(block, message)
  return block.since(start)
}

/**
 * Decodes one message; bytes after it are ignored. `undefined` for a type that may not stand in a packet by itself.
 * Throws `DecodeError` for a body that cannot be read. Byte fields are lent.
 */
export function decodeMessage(bytes: Uint8Array): PacketMessage | undefined {
  const type = bytes[0]!
  if (type === MessageType.user) return { type: 'user', payload: bytes.subarray(1) }
  return byNumber.get(type)?.read(new ByteReader(bytes, 1))
}
