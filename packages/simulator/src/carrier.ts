/** How messages travel: by reference, or as the very bytes of production. Nobody can tell from what arrives. */
import {
  CHECKSUM_BYTES,
  COMPOUND_HEADER_BYTES,
  COMPOUND_PART_BYTES,
  type Compression,
  decodePacket,
  type Encryption,
  encodePacket,
  encodeStreamMessage,
  encryptionOverheadBytes,
  labelHeader,
  labelOverheadBytes,
  openPacket,
  type PacketMessage,
  type Part,
  type StreamMessage,
  StreamReader,
  type StreamRole,
  sealPacket,
} from '@hearsay/wire'

/** What surrounds packets and streams. Takes room in a packet, also where messages travel by reference. */
export interface Envelope {
  /** Default: none. */
  readonly label?: string
  /** Default: nothing is encrypted. */
  readonly encryption?: Encryption
  /** Of bytes only. Default `lzw`, as in memberlist. */
  readonly compression?: Compression
}

/** Carries messages. */
export interface Carrier {
  /** What label and encryption add to a packet. */
  readonly overheadBytes: number
  /** Bytes that were made. */
  readonly madeBytes: number
  /** At the sender: what goes over the network, if it is not the parts themselves. */
  pack(parts: readonly Part[], checksum: boolean): Uint8Array | undefined
  /** At the receiver: the messages in it. */
  unpack(parts: readonly Part[], bytes: Uint8Array | undefined): readonly PacketMessage[]
  /** Called at the sender of a message on a stream; what it gives is called at the receiver, who is of that role. */
  stream(message: StreamMessage, role: StreamRole): () => StreamMessage
}

/** Bytes of a packet before compression: what both carriers count. */
export function packetBytes(parts: readonly Part[], checksum: boolean, overheadBytes: number): number {
  let bytes = overheadBytes + (checksum ? CHECKSUM_BYTES : 0)
  if (parts.length > 1) bytes += COMPOUND_HEADER_BYTES + COMPOUND_PART_BYTES * parts.length
  for (let at = 0; at < parts.length; at++) bytes += parts[at]!.sizeBytes
  return bytes
}

/** Takes messages over as they are. */
export class ReferenceCarrier implements Carrier {
  readonly overheadBytes: number
  readonly madeBytes = 0

  constructor(envelope: Envelope) {
    this.overheadBytes = overheadBytes(envelope)
  }

  pack(): undefined {
    return undefined
  }

  unpack(parts: readonly Part[]): readonly PacketMessage[] {
    const messages: PacketMessage[] = []
    for (let at = 0; at < parts.length; at++) messages.push(parts[at]!.message)
    return messages
  }

  stream(message: StreamMessage): () => StreamMessage {
    return () => message
  }
}

/** Encodes, seals, opens and decodes as a member does. Throws when what comes out is not whole: that is a bug of ours. */
export class ByteCarrier implements Carrier {
  readonly overheadBytes: number
  madeBytes = 0
  readonly #label: string
  readonly #encryption: Encryption | undefined
  readonly #compression: Compression

  constructor(envelope: Envelope) {
    this.overheadBytes = overheadBytes(envelope)
    this.#label = envelope.label ?? ''
    this.#encryption = envelope.encryption
    this.#compression = envelope.compression ?? 'lzw'
  }

  pack(parts: readonly Part[], checksum: boolean): Uint8Array {
    const bytes = sealPacket(encodePacket(parts, { compression: this.#compression, checksum }), this.#seal)
    this.madeBytes += bytes.length
    return bytes
  }

  unpack(_parts: readonly Part[], bytes: Uint8Array | undefined): readonly PacketMessage[] {
    const opened = openPacket(bytes!, { ...this.#seal, labelMode: 'strict' })
    if (!opened.ok) throw new Error(`a packet of ours does not open: ${opened.drop.detail}`)
    const { messages, drops } = decodePacket(opened.payload)
    if (drops.length > 0) throw new Error(`a packet of ours cannot be read: ${drops[0]!.detail}`)
    return messages
  }

  stream(message: StreamMessage, role: StreamRole): () => StreamMessage {
    const bytes = encodeStreamMessage(message, { ...this.#seal, compression: this.#compression })
    // The initiator's side alone begins with the label.
    const header = role === 'acceptor' ? labelHeader(this.#label) : new Uint8Array(0)
    this.madeBytes += header.length + bytes.length
    return () => {
      const reader = new StreamReader({ ...this.#seal, role, labelMode: 'strict' })
      reader.push(header)
      // In pieces, as it may come.
      const half = bytes.length >> 1
      reader.push(bytes.subarray(0, half))
      reader.push(bytes.subarray(half))
      const result = reader.next()
      if (result.kind !== 'message') throw new Error(`a stream of ours cannot be read: ${result.kind}`)
      return result.message
    }
  }

  get #seal(): { readonly label: string; readonly encryption?: Encryption } {
    return { label: this.#label, ...(this.#encryption && { encryption: this.#encryption }) }
  }
}

const overheadBytes = ({ label, encryption }: Envelope): number =>
  labelOverheadBytes(label ?? '') + (encryption ? encryptionOverheadBytes(encryption) : 0)
