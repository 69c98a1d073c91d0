/** Compressed messages (wire spec 2.6). */
import {
  ByteWriter,
  compressLzw,
  compressLzwWithin,
  compressSnappy,
  DecodeError,
  uncompressLzw,
  uncompressSnappy,
} from '@hearsay/encoding'
import { MessageType } from './message.ts'
import { type Compressed, compressed } from './messages/stream-bodies.ts'

/** How messages are compressed: `lzw` every member reads, `snappy` only newer ones of Grafana's fork. */
export type Compression = 'lzw' | 'snappy' | 'none'

const algorithms = { lzw: 0, snappy: 1 } as const

/** A complete message, wrapped as a compressed one. It may be larger than before. */
export function compressMessage(message: Uint8Array, compression: Exclude<Compression, 'none'>): Uint8Array {
  return wrapped(compression, compression === 'lzw' ? compressLzw(message) : compressSnappy(message))
}

/** The same by LZW, or `undefined` when it does not become shorter, or about the first `sampleBytes` of it do not. */
export function compressLargeMessage(message: Uint8Array, sampleBytes: number): Uint8Array | undefined {
  const data = compressLzwWithin(message, message.length - WRAPPER_BYTES - 1, sampleBytes)
  return data && wrapped('lzw', data)
}

/** What is around compressed data, at most. */
const WRAPPER_BYTES = 17

function wrapped(compression: keyof typeof algorithms, data: Uint8Array): Uint8Array {
  const body: Compressed = { algorithm: algorithms[compression], data }
  const writer = new ByteWriter(1 + compressed.size(body))
  writer.u8(MessageType.compress)
  compressed.write(writer, body)
  return writer.finish()
}

/** The longest text that one code of LZW can stand for: each entry of the dictionary adds one byte to another. */
const LONGEST_LZW_ENTRY_BYTES = 4096
/** A copy of snappy makes 64 bytes of three. */
const SNAPPY_RATIO = 22

/** What expanding may have produced at most before it failed. */
export function worstExpansion({ algorithm, data }: Compressed): number {
  const sizeBytes = data?.length ?? 0
  if (algorithm === algorithms.snappy) return SNAPPY_RATIO * sizeBytes
  if (algorithm !== algorithms.lzw) return 0
  const codes = Math.ceil((8 * sizeBytes) / 9)
  return codes * Math.min(codes, LONGEST_LZW_ENTRY_BYTES)
}

/** The message inside, at most `maxBytes`. Throws `DecodeError`. */
export function expandMessage({ algorithm, data }: Compressed, maxBytes: number): Uint8Array {
  const bytes = data ?? new Uint8Array(0)
  if (algorithm === algorithms.lzw) return uncompressLzw(bytes, maxBytes)
  if (algorithm === algorithms.snappy) return uncompressSnappy(bytes, maxBytes)
  throw new DecodeError('malformed', 0, `compression algorithm ${algorithm} is not known`)
}
