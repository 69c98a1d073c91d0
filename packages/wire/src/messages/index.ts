/** Messages of packets, type byte first. */
import { ByteReader } from '@hearsay/encoding'
import { blockWith } from '../block.ts'
import { MessageType, type PacketMessage } from '../message.ts'
import type { BodyCodec } from '../schema.ts'
import { accusationSize, alive, aliveSize, dead, suspect } from './claim.ts'
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

const byNumber: (BodyCodec<Framed> | undefined)[] = []
for (const { number, codec } of Object.values(codecs)) byNumber[number] = codec as unknown as BodyCodec<Framed>

/** Exact encoded size of a message, the type byte included, without making its bytes. */
export function encodedSize(message: PacketMessage): number {
  // Counted for each broadcast that is queued: for what is queued most, without a look into the schema.
  switch (message.type) {
    case 'alive':
      return 1 + aliveSize(message)
    case 'suspect':
    case 'dead':
      return 1 + accusationSize(message)
    case 'user':
      return 1 + message.payload.length
  }
  return 1 + (codecs[message.type].codec as BodyCodec<Framed>).size(message)
}

/** Room that is enough for nearly every message. One that needs more moves into a larger block of its own. */
const ENOUGH_BYTES = 1024

/** The encoded message, type byte first. A view into a block that others share: read only. */
export function encodeMessage(message: PacketMessage): Uint8Array {
  if (message.type === 'user') {
    const writer = blockWith(1 + message.payload.length)
    const start = writer.size
    writer.u8(MessageType.user)
    writer.bytes(message.payload)
    return writer.since(start)
  }
  const { number, codec } = codecs[message.type]
  const writer = blockWith(ENOUGH_BYTES)
  const start = writer.size
  writer.u8(number)
  ;(codec as BodyCodec<Framed>).write(writer, message)
  return writer.since(start)
}

/**
 * Decodes the message from `start` to `end`; bytes after its body are ignored. `undefined` for a type that may not stand
 * in a packet by itself. Throws `DecodeError` for a body that cannot be read. Byte fields are lent.
 */
export function decodeMessage(bytes: Uint8Array, start = 0, end: number = bytes.length): PacketMessage | undefined {
  const type = bytes[start]!
  if (type === MessageType.user) return { type: 'user', payload: bytes.subarray(start + 1, end) }
  return byNumber[type]?.read(new ByteReader(bytes, start + 1, end))
}
