/** B4, B13: LZW as memberlist wraps it, snappy blocks as stores write them. */
import { ByteReader, compressSnappy, equalBytes, uncompressSnappy } from '@hearsay/encoding'
import { encodePacket, MAX_DECOMPRESSED_BYTES, Part } from '@hearsay/wire'
import { compressMessage, expandMessage } from '../../packages/wire/src/compression.ts'
import { compressed } from '../../packages/wire/src/messages/stream-bodies.ts'
import { aliveParts, pushPullState, randomBytes, ringBytes } from './inputs.ts'
import type { Item } from './item.ts'

const sender = {
  sourceAddress: Uint8Array.of(10, 0, 0, 1),
  sourcePort: 7946,
  sourceNode: 'member-27-bytes-long-name-2',
}
const ping = new Part({ type: 'ping', seqNo: 70_000, node: 'member-27-bytes-long-name-1', ...sender }).bytes

interface Compressor {
  readonly group: string
  readonly target: number
  readonly library: Item['library']
  compress(plain: Uint8Array): Uint8Array
  expand(compact: Uint8Array): Uint8Array
}

const lzw: Compressor = {
  group: 'B4',
  target: 0.8,
  library: 'memberlist',
  compress: (plain) => compressMessage(plain, 'lzw'),
  expand: (compact) => expandMessage(compressed.read(new ByteReader(compact, 1)), MAX_DECOMPRESSED_BYTES),
}

const snappy: Compressor = {
  group: 'B13',
  target: 2,
  library: 'snappy',
  compress: compressSnappy,
  expand: (compact) => uncompressSnappy(compact, MAX_DECOMPRESSED_BYTES),
}

function pair({ group, target, library, compress, expand }: Compressor, of: string, plain: Uint8Array): Item[] {
  const compact = compress(plain)
  const shared = { group, target, library } as const
  const name = of.replaceAll(' ', '-')
  return [
    {
      ...shared,
      name: `compress ${of}`,
      operation: 'compress',
      subject: name,
      inputs: () => ({ [name]: plain }),
      agrees: (golden) => equalBytes(compress(plain), golden),
      work: () => compress(plain).length,
    },
    {
      ...shared,
      name: `expand ${of}`,
      operation: 'expand',
      subject: `${name}-compressed`,
      inputs: () => ({ [`${name}-compressed`]: compact }),
      agrees: (golden) => equalBytes(golden, plain) && equalBytes(expand(compact), plain),
      work: () => expand(compact).length,
    },
  ]
}

/** Compressing and expanding. */
export const compressionItems = (): Item[] =>
  [
    pair(lzw, 'a ping', ping),
    pair(lzw, '1.4 kB of alives', encodePacket(aliveParts(16), { compression: 'none', checksum: false })),
    pair(lzw, '90 kB of state', pushPullState(1000)),
    pair(lzw, '0.9 MB of state', pushPullState(10_000)),
    pair(lzw, '90 kB at random', randomBytes(90_000)),
    pair(snappy, '90 kB of state', pushPullState(1000)),
    pair(snappy, 'a ring of 2.6 MB', ringBytes(1000, 512)),
  ].flat()
