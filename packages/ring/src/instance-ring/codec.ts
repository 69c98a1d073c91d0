/**
 * A ring in bytes (ring spec 1.1, 1.5, 1.6): a protobuf map of instances, inside one block of snappy.
 *
 *     0a <length>              map entry
 *        0a <length> <name>    key, written even when empty
 *        12 <length> <entry>   value, written even when empty
 */
import {
  ByteWriter,
  compressSnappy,
  DecodeError,
  delimitedSize,
  FieldReader,
  FieldWriter,
  textSize,
  uncompressSnappy,
} from '@hearsay/encoding'
import { decodeInstance, encodeInstance } from './instance-codec.ts'
import { InstanceDesc } from './instance-desc.ts'
import { RingDesc } from './model.ts'

/** The longest ring, in bytes before compression, that is read: 20,000 instances of 512 tokens make 50 MB. */
export const MAX_RING_BYTES = 64 * 1024 * 1024
/** The most instances of a ring that is read. */
export const MAX_RING_INSTANCES = 131_072

/** Field 1 of the ring; field 2 is reserved. */
const INSTANCES = 1
const MapField = { key: 1, value: 2 } as const

/** A ring as the store carries it: {@link encodeRingMessage} in a snappy block. The empty ring is the single byte 00. */
export function encodeRing(ring: RingDesc): Uint8Array {
  return compressSnappy(encodeRingMessage(ring))
}

/** Reads what {@link encodeRing}, or a Go peer, wrote. Nothing of the result refers to `bytes`. Throws `DecodeError`. */
export function decodeRing(bytes: Uint8Array): RingDesc {
  return decodeRingMessage(uncompressSnappy(bytes, MAX_RING_BYTES))
}

/** A ring as protobuf: entries in byte order of their names, so that equal rings give equal bytes. */
export function encodeRingMessage(ring: RingDesc): Uint8Array {
  const fields = new FieldWriter(new ByteWriter(messageSize(ring)))
  for (const [name, entry] of ring) {
    fields.message(INSTANCES, (pair) => {
      pair.text(MapField.key, name)
      pair.bytes(MapField.value, encodeInstance(entry))
    })
  }
  return fields.finish()
}

/**
 * Reads a ring from protobuf; the twin of {@link encodeRingMessage}. Of a repeated name the last entry counts. Throws
 * `DecodeError`: of reason 'too-large' above {@link MAX_RING_INSTANCES}.
 */
export function decodeRingMessage(bytes: Uint8Array): RingDesc {
  const entries = new Map<string, InstanceDesc>()
  const fields = new FieldReader(bytes)
  while (fields.next()) {
    if (fields.number !== INSTANCES) {
      fields.skip()
      continue
    }
    const [name, entry] = decodePair(fields.message())
    entries.set(name, entry)
    if (entries.size > MAX_RING_INSTANCES)
      throw new DecodeError('too-large', 0, `a ring of more than ${MAX_RING_INSTANCES} instances`)
  }
  return RingDesc.of(entries)
}

/** Known beforehand, so that megabytes are not copied as they grow. */
function messageSize(ring: RingDesc): number {
  let size = 0
  for (const [name, entry] of ring) {
    const key = delimitedSize(MapField.key, textSize(name))
    size += delimitedSize(INSTANCES, key + delimitedSize(MapField.value, encodeInstance(entry).length))
  }
  return size
}

function decodePair(fields: FieldReader): [string, InstanceDesc] {
  let name = ''
  let value: Uint8Array | undefined
  while (fields.next()) {
    if (fields.number === MapField.key) name = fields.text()
    else if (fields.number === MapField.value) value = fields.bytes()
    else fields.skip()
  }
  return [name, value === undefined ? new InstanceDesc() : decodeInstance(value)]
}
