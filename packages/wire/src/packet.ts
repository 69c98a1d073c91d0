/** Packets: many messages in one datagram, compressed and checked (wire spec 2). */
import { ByteReader, ByteWriter, DecodeError } from '@hearsay/encoding'
import { CHECKSUM_BYTES, checked, withChecksum } from './checksum.ts'
import { type Compression, compressMessage, expandMessage } from './compression.ts'
import type { Drop, DropReason } from './drop.ts'
import { MAX_COMPOUND_PARTS, MAX_DECOMPRESSED_BYTES, MAX_PART_BYTES, MAX_WRAPPER_DEPTH } from './limits.ts'
import { MessageType, type PacketMessage } from './message.ts'
import { decodeMessage } from './messages/index.ts'
import { compressed } from './messages/stream-bodies.ts'
import type { Part } from './part.ts'

/** Type byte and count of a compound. */
export const COMPOUND_HEADER_BYTES = 2
/** The length of one part of a compound. */
export const COMPOUND_PART_BYTES = 2

/** How a packet is put together. */
export interface PacketOptions {
  readonly compression: Compression
  /** Only for a recipient whose protocolMax is known to be 5 or more. */
  readonly checksum: boolean
}

/**
 * Puts parts into one packet: bare when there is one, else a compound; compressed when that makes it smaller. Throws a
 * `RangeError` for no parts, more than 255, or a part above 65,535 bytes beside others.
 */
export function encodePacket(parts: readonly Part[], { compression, checksum }: PacketOptions): Uint8Array {
  const plain = parts.length === 1 ? parts[0]!.bytes : encodeCompound(parts)
  const small = compression === 'none' ? plain : smaller(plain, compressMessage(plain, compression))
  return checksum ? withChecksum(small) : small
}

const smaller = (plain: Uint8Array, compact: Uint8Array): Uint8Array =>
  compact.length < plain.length ? compact : plain

function encodeCompound(parts: readonly Part[]): Uint8Array {
  if (parts.length === 0 || parts.length > MAX_COMPOUND_PARTS)
    throw new RangeError(`a compound has 1 to ${MAX_COMPOUND_PARTS} parts, not ${parts.length}`)
  let size = COMPOUND_HEADER_BYTES
  for (const part of parts) {
    if (part.sizeBytes > MAX_PART_BYTES) throw new RangeError(`a part of ${part.sizeBytes} bytes must travel alone`)
    size += COMPOUND_PART_BYTES + part.sizeBytes
  }
  const writer = new ByteWriter(size)
  writer.u8(MessageType.compound)
  writer.u8(parts.length)
  for (const part of parts) writer.u16(part.sizeBytes)
  for (const part of parts) writer.bytes(part.bytes)
  return writer.finish()
}

/** Bounds of decoding one packet. */
export interface PacketLimits {
  /** What all compressed parts together may expand to. Default 40 MiB. */
  readonly maxDecompressedBytes?: number
}

/** A packet's messages in order, byte fields lent, and what in it was refused. */
export interface DecodedPacket {
  readonly messages: readonly PacketMessage[]
  readonly drops: readonly Drop[]
}

/** Decodes the plaintext of a packet. Total: whatever the bytes are, it returns. */
export function decodePacket(payload: Uint8Array, limits: PacketLimits = {}): DecodedPacket {
  const decoder = new PacketDecoder(limits.maxDecompressedBytes ?? MAX_DECOMPRESSED_BYTES)
  decoder.packet(payload)
  return decoder
}

class PacketDecoder implements DecodedPacket {
  readonly messages: PacketMessage[] = []
  readonly drops: Drop[] = []
  #expandableBytes: number

  constructor(maxDecompressedBytes: number) {
    this.#expandableBytes = maxDecompressedBytes
  }

  packet(payload: Uint8Array): void {
    if (payload[0] !== MessageType.hasCrc || payload.length < CHECKSUM_BYTES) return this.#dispatch(payload, 0, 0)
    const message = checked(payload)
    if (message) this.#dispatch(message, CHECKSUM_BYTES, 0)
    else this.#drop('checksum-mismatch', 0, 'the checksum does not match')
  }

  /** One message; `base` is its offset in the packet, as near as wrappers let one say. */
  #dispatch(bytes: Uint8Array, base: number, depth: number): void {
    const type = bytes[0]
    if (type === undefined) return this.#drop('empty', base, 'a message without a type byte')
    if (depth > MAX_WRAPPER_DEPTH)
      return this.#drop('too-deep', base, `wrappers nested more than ${MAX_WRAPPER_DEPTH} deep`)
    try {
      if (type === MessageType.compound) this.#compound(bytes, base, depth)
      else if (type === MessageType.compress) this.#compressed(bytes, base, depth)
      else this.#leaf(bytes, base, type)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#drop(error.reason, base + error.offset, error.message)
    }
  }

  #leaf(bytes: Uint8Array, base: number, type: number): void {
    const message = decodeMessage(bytes)
    if (message === undefined)
      return this.#drop('unknown-type', base, `messages of type ${type} do not stand in packets`)
    if (message.type === 'indirect-ping' && message.target?.length !== 4 && message.target?.length !== 16)
      return this.#drop('malformed', base, 'an indirect ping whose target is no IP address')
    this.messages.push(message)
  }

  #compound(bytes: Uint8Array, base: number, depth: number): void {
    const reader = new ByteReader(bytes, 1)
    const count = reader.u8()
    const lengths = reader.window(2 * count)
    for (let index = 0; index < count; index++) {
      const length = lengths.u16()
      if (length > reader.remaining)
        // The parts before it were whole; this one and all later ones are lost.
        return this.#drop(
          'compound-truncated',
          base + reader.offset,
          `part ${index + 1} of ${count} wants ${length} bytes, ${reader.remaining} are left`,
        )
      const at = base + reader.offset
      this.#dispatch(reader.take(length), at, depth + 1)
    }
  }

  #compressed(bytes: Uint8Array, base: number, depth: number): void {
    const body = compressed.read(new ByteReader(bytes, 1))
    let message: Uint8Array
    try {
      message = expandMessage(body, this.#expandableBytes)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      return this.#drop(error.reason === 'too-large' ? 'too-large' : 'compression', base, error.message)
    }
    this.#expandableBytes -= message.length
    this.#dispatch(message, base, depth + 1)
  }

  #drop(reason: DropReason, offset: number, detail: string): void {
    this.drops.push({ reason, offset, detail })
  }
}
