/** Packets: many messages in one datagram, compressed and checked (wire spec 2). */
import { ByteReader, DecodeError } from '@hearsay/encoding'
import { CHECKSUM_BYTES, isIntact, withChecksum } from './checksum.ts'
import { encodeCompound, splitCompound } from './compound.ts'
import { type Compression, compressMessage, expandMessage, worstExpansion } from './compression.ts'
import type { Drop, DropReason } from './drop.ts'
import { MAX_DECOMPRESSED_BYTES, MAX_PACKET_MESSAGES, MAX_WRAPPER_DEPTH } from './limits.ts'
import { MessageType, type PacketMessage } from './message.ts'
import { decodeMessage } from './messages/index.ts'
import { compressed } from './messages/stream-bodies.ts'
import type { Part } from './part.ts'
import { plainBytes } from './plain-bytes.ts'

export { COMPOUND_HEADER_BYTES, COMPOUND_PART_BYTES } from './compound.ts'

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
export function decodePacket(payload: Uint8Array, limits?: PacketLimits): DecodedPacket {
  const decoder = new PacketDecoder(limits?.maxDecompressedBytes ?? MAX_DECOMPRESSED_BYTES)
  decoder.packet(plainBytes(payload))
  return decoder
}

// Messages are read where they stand: a view of each would cost more than reading it.
class PacketDecoder implements DecodedPacket {
  readonly messages: PacketMessage[] = []
  readonly drops: Drop[] = []
  #expandableBytes: number
  #full = false

  constructor(maxDecompressedBytes: number) {
    this.#expandableBytes = maxDecompressedBytes
  }

  packet(payload: Uint8Array): void {
    const { length } = payload
    if (payload[0] !== MessageType.hasCrc || length < CHECKSUM_BYTES) this.#dispatch(payload, 0, length, 0, 0)
    else if (isIntact(payload)) this.#dispatch(payload, CHECKSUM_BYTES, length, 0, 0)
    else this.#drop('checksum-mismatch', 0, 'the checksum does not match')
  }

  /** The message from `start` to `end`. `base` is where the bytes are in the packet, as near as wrappers let one say. */
  #dispatch(bytes: Uint8Array, start: number, end: number, base: number, depth: number): void {
    if (start >= end) return this.#drop('empty', base + start, 'a message without a type byte')
    if (depth > MAX_WRAPPER_DEPTH)
      return this.#drop('too-deep', base + start, `wrappers nested more than ${MAX_WRAPPER_DEPTH} deep`)
    const type = bytes[start]!
    try {
      if (type === MessageType.compound) this.#compound(bytes, start, end, base, depth)
      else if (type === MessageType.compress) this.#compressed(bytes, start, end, base, depth)
      else this.#leaf(bytes, start, end, base)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      this.#drop(error.reason, base + error.offset, error.message)
    }
  }

  #leaf(bytes: Uint8Array, start: number, end: number, base: number): void {
    const message = decodeMessage(bytes, start, end)
    if (message === undefined)
      return this.#drop('unknown-type', base + start, `messages of type ${bytes[start]} do not stand in packets`)
    if (message.type === 'indirect-ping' && message.target?.length !== 4 && message.target?.length !== 16)
      return this.#drop('malformed', base + start, 'an indirect ping whose target is no IP address')
    this.messages.push(message)
  }

  #compound(bytes: Uint8Array, start: number, end: number, base: number, depth: number): void {
    const missing = splitCompound(bytes, start, end, (partStart, partEnd) => {
      if (this.#isFull(base + partStart)) return false
      this.#dispatch(bytes, partStart, partEnd, base, depth + 1)
      return true
    })
    if (missing) this.#drop('compound-truncated', base + missing.offset, missing.detail)
  }

  #compressed(bytes: Uint8Array, start: number, end: number, base: number, depth: number): void {
    const body = compressed.read(new ByteReader(bytes, start + 1, end))
    let message: Uint8Array
    try {
      message = expandMessage(body, this.#expandableBytes)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      // It may have cost as much as one that succeeds: many of them in one packet share what that may cost, too.
      this.#expandableBytes -= Math.min(this.#expandableBytes, worstExpansion(body))
      return this.#drop(error.reason === 'too-large' ? 'too-large' : 'compression', base + start, error.message)
    }
    this.#expandableBytes -= message.length
    this.#dispatch(message, 0, message.length, base + start, depth + 1)
  }

  /** Whether no further message is taken; the first time that is told. */
  #isFull(offset: number): boolean {
    // The last one is kept for saying so.
    if (this.messages.length + this.drops.length < MAX_PACKET_MESSAGES - 1) return this.#full
    if (!this.#full) this.#drop('too-many-messages', offset, `more than ${MAX_PACKET_MESSAGES} messages in one packet`)
    this.#full = true
    return true
  }

  #drop(reason: DropReason, offset: number, detail: string): void {
    this.drops.push({ reason, offset, detail })
  }
}
