/** The dearest inputs that we know how to make, for each way in which work could grow faster than the input. */
import { compressLzw, fromHex } from '@hearsay/encoding'
import { MAX_DECOMPRESSED_BYTES, MessageType } from '@hearsay/wire'
import { bigEndian, compound, compress, compressWrapper, concat } from './forms.ts'

/** One input of the table. */
export interface CostCase {
  readonly name: string
  /** A whole packet, or a stream with the size of its pieces. */
  readonly input: Uint8Array
  readonly pieceBytes?: number
}

const ascii = (text: string): Uint8Array => new TextEncoder().encode(text)
const filled = (length: number, byte: number): Uint8Array => new Uint8Array(length).fill(byte)
const repeated = (count: number, make: () => Uint8Array): Uint8Array[] => Array.from({ length: count }, make)

/** A ping whose name is so many equal bytes. */
const ping = (length: number, byte: number): Uint8Array =>
  concat(
    Uint8Array.of(MessageType.ping, 0x81, 0xa4),
    ascii('Node'),
    Uint8Array.of(0xdb),
    bigEndian(length, 4),
    filled(length, byte),
  )

/** Compressed zeros without their End code: they expand, and then fail. */
function endless(sizeBytes: number): Uint8Array {
  const data = compressLzw(filled(sizeBytes, 0))
  return compressWrapper(0, data.subarray(0, data.length - 4))
}

/** Compounds in compounds, all of them full of one smallest part. */
function crowd(part: Uint8Array, ...counts: readonly number[]): Uint8Array {
  let inner = part
  for (const count of counts) inner = compound(repeated(count, () => inner))
  return inner
}

/** A map that announces very many fields and brings unknown ones of three bytes each. */
const unknownFields = (bytes: number): Uint8Array =>
  concat(
    Uint8Array.of(0xdf, 0xff, 0xff, 0xff, 0xff),
    Uint8Array.from({ length: bytes }, (_, at) => [0xa1, 0x61, 0][at % 3]!),
  )

/** A field with an array of arrays, each of one element: `depth` deep. */
const deepValue = (depth: number): Uint8Array =>
  concat(Uint8Array.of(0, 0x81, 0xa1, 0x61), filled(depth, 0x91), Uint8Array.of(0))

/** The same field over and over, each time with a text of one byte that is none. */
function brokenNames(count: number): Uint8Array {
  const field = concat(Uint8Array.of(0xa4), ascii('Node'), Uint8Array.of(0xa1, 0xff))
  return concat(Uint8Array.of(MessageType.ping, 0xde), bigEndian(count, 2), ...repeated(count, () => field))
}

const pushPullHead = (nodes: number): Uint8Array =>
  concat(fromHex('0683a44a6f696ec2a54e6f646573ce'), bigEndian(nodes, 4), fromHex('ac5573657253746174654c656e00'))

/** Packets. */
export const packetCases: readonly (() => CostCase)[] = [
  () => ({ name: 'a name of 1,300 letters', input: ping(1300, 0x61) }),
  () => ({ name: 'a name of 1,300 bytes that begin characters', input: ping(1300, 0xc2) }),
  () => ({ name: 'a name of 65,000 bytes that begin characters', input: ping(65_000, 0xe4) }),
  () => ({ name: 'a name of 65,000 bytes that continue none', input: ping(65_000, 0x80) }),
  () => ({
    name: 'a name of 100,000 bytes that begin characters, compressed',
    input: compress(0, ping(100_000, 0xc2)),
  }),
  () => ({ name: 'zeros that expand to the bound', input: compress(0, filled(MAX_DECOMPRESSED_BYTES, 0)) }),
  () => ({ name: 'zeros that expand beyond the bound', input: compress(0, filled(MAX_DECOMPRESSED_BYTES + 1, 0)) }),
  () => ({
    name: 'eight times zeros that expand and fail, compressed',
    input: compress(0, compound(repeated(8, () => endless(10_000_000)))),
  }),
  () => ({
    name: '255 times zeros that expand and fail, compressed',
    input: compress(0, compound(repeated(255, () => endless(500_000)))),
  }),
  () => ({
    name: '255 promises of snappy that fail at once, compressed',
    input: compress(
      0,
      compound(
        repeated(255, () => compressWrapper(1, concat(fromHex('808080'), Uint8Array.of(1), filled(60_000, 0xff)))),
      ),
    ),
  }),
  () => ({ name: '21,675 user messages of one byte in 64 KiB', input: crowd(Uint8Array.of(8), 255, 82) }),
  () => ({ name: '400,000 user messages, compressed', input: compress(0, crowd(Uint8Array.of(8), 255, 80, 20)) }),
  () => ({ name: '600,000 empty parts, compressed', input: compress(0, crowd(new Uint8Array(0), 255, 120, 20)) }),
  () => ({ name: '9,000 broken names in one ping', input: brokenNames(9000) }),
  () => ({ name: '64 KiB of unknown fields', input: concat(Uint8Array.of(0), unknownFields(65_000)) }),
  () => ({ name: 'arrays nested 60,000 deep', input: deepValue(60_000) }),
]

/** Streams. In pairs: the second is twice as long, and may take little more than twice the work. */
export const streamCases: readonly (() => readonly [CostCase, CostCase])[] = [
  pair('a compressed message with unknown fields, byte by byte', 1, 5_000, (n) =>
    concat(Uint8Array.of(9), unknownFields(n)),
  ),
  pair('a compressed message with unknown fields, in 64 KiB', 65_536, 1_000_000, (n) =>
    concat(Uint8Array.of(9), unknownFields(n)),
  ),
  pair('an entry with unknown fields, byte by byte', 1, 5_000, (n) => concat(pushPullHead(1), unknownFields(n))),
  pair('a ping with unknown fields, byte by byte', 1, 5_000, (n) => concat(Uint8Array.of(0), unknownFields(n))),
  pair('a ping with a long name, byte by byte', 1, 20_000, (n) => ping(n, 0x61)),
  pair('a push/pull header with unknown fields, byte by byte', 1, 5_000, (n) =>
    concat(Uint8Array.of(6), unknownFields(n)),
  ),
  pair('a user message, byte by byte', 1, 20_000, (n) =>
    concat(fromHex('0881aa557365724d73674c656ece'), bigEndian(n, 4), filled(n, 7)),
  ),
  pair('entries of one byte, byte by byte', 1, 20_000, (n) => concat(pushPullHead(1_000_000), filled(n, 0xc0))),
  pair('compressed data, byte by byte', 1, 20_000, (n) => compressWrapper(0, filled(n, 0xff)).subarray(0, n)),
  pair('a promise of 20 MiB, in one piece', 65_536, 1_000, (n) =>
    concat(fromHex('0881aa557365724d73674c656ece013fffff'), filled(n, 7)),
  ),
  pair('a user state of 64 MiB that is promised', 65_536, 1_000, (n) =>
    concat(fromHex('0683a44a6f696ec2a54e6f64657300ac5573657253746174654c656ece04000000'), filled(n, 7)),
  ),
  pair('a frame of 20 MiB that is promised', 65_536, 1_000, (n) => concat(fromHex('0a013fffff'), filled(n, 1))),
]

function pair(name: string, pieceBytes: number, length: number, make: (length: number) => Uint8Array) {
  return () =>
    [
      { name, input: make(length), pieceBytes },
      { name: `${name}, twice as long`, input: make(2 * length), pieceBytes },
    ] as const
}
