/** Headers of streams as the older codec of v0.5.0 writes them: positive numbers as unsigned ones (wire spec 1.4). */
import { ByteReader, ByteWriter } from '@hearsay/encoding'
import { compressMessage } from '../../src/compression.ts'
import { sealing } from '../../src/encryption/encryption.ts'
import { sealFrame } from '../../src/encryption/frame.ts'
import { encodeStreamMessage, type StreamMessage, type StreamOptions } from '../../src/index.ts'
import { pushPullHeader, userHeader } from '../../src/messages/stream-bodies.ts'

/** As our `encodeStreamMessage`, which always writes what the newer codec does; compressed always. */
export function encodeOlder(message: StreamMessage, options: StreamOptions): Uint8Array {
  const newer = encodeStreamMessage(message, { compression: 'none' })
  const older = message.type === 'user' || message.type === 'push-pull' ? withOlderHeader(newer, message.type) : newer
  const compact = options.compression === 'none' ? older : compressMessage(older, options.compression)
  const seal = sealing(options.encryption)
  return seal ? sealFrame(compact, options.label ?? '', seal) : compact
}

function withOlderHeader(message: Uint8Array, type: 'user' | 'push-pull'): Uint8Array {
  const reader = new ByteReader(message, 1)
  const writer = new ByteWriter(message.length)
  writer.u8(message[0]!)
  if (type === 'user') {
    const { payloadBytes } = userHeader.read(reader)
    writer.u8(0x81)
    field(writer, 'UserMsgLen', payloadBytes)
  } else {
    const { join, nodeCount, userStateBytes } = pushPullHeader.read(reader)
    writer.u8(0x83)
    key(writer, 'Join')
    writer.u8(join ? 0xc3 : 0xc2)
    field(writer, 'Nodes', nodeCount)
    field(writer, 'UserStateLen', userStateBytes)
  }
  writer.bytes(message.subarray(reader.offset))
  return writer.finish()
}

function field(writer: ByteWriter, name: string, value: number): void {
  key(writer, name)
  if (value < 0x80) writer.u8(value)
  else if (value <= 0xff) writer.bytes(Uint8Array.of(0xcc, value))
  else if (value <= 0xffff) writer.bytes(Uint8Array.of(0xcd, value >> 8, value & 0xff))
  else writer.bytes(Uint8Array.of(0xce, value >>> 24, (value >> 16) & 0xff, (value >> 8) & 0xff, value & 0xff))
}

function key(writer: ByteWriter, name: string): void {
  writer.bytes(Uint8Array.of(0xa0 | name.length, ...new TextEncoder().encode(name)))
}
