/** Bytes put together by hand: every form of MessagePack, wrappers in wrappers, and what expands. No encoder of ours makes them. */
import { compressLzw, compressSnappy, fromHex } from '@hearsay/encoding'
import { MessageType } from '@hearsay/wire'
import type { Random } from './random.ts'

/** All of some bytes, in one array. */
export const concat = (...pieces: readonly Uint8Array[]): Uint8Array => new Uint8Array(Buffer.concat(pieces))

const keys = [
  ...['Addr', 'Algo', 'Buf', 'Error', 'From', 'Incarnation', 'Join', 'Meta', 'Nack', 'Name', 'Node', 'Nodes'],
  ...['Payload', 'Port', 'SeqNo', 'SourceAddr', 'SourceNode', 'SourcePort', 'State', 'Target', 'UserMsgLen'],
  ...['UserStateLen', 'Vsn', 'node', 'seqno', 'Unknown', 'X'],
].map((key) => new TextEncoder().encode(key))

/** Big-endian, in `width` bytes. */
export function bigEndian(value: number, width: number): Uint8Array {
  return Uint8Array.from({ length: width }, (_, index) => Math.floor(value / 256 ** (width - 1 - index)) & 0xff)
}

/** Bytes behind the header of a raw string, a str8 or a bin, of any width. */
function raw(random: Random, bytes: Uint8Array): Uint8Array {
  if (bytes.length < 32 && !random.oneIn(4)) return concat(Uint8Array.of(0xa0 | bytes.length), bytes)
  const [tag, width] = random.pick([
    [0xc4, 1],
    [0xd9, 1],
    [0xc5, 2],
    [0xda, 2],
    [0xc6, 4],
    [0xdb, 4],
  ] as const)
  // One time in ten the length lies.
  const length = random.oneIn(10) ? random.edge() : bytes.length
  return concat(Uint8Array.of(tag), bigEndian(length, width), bytes)
}

/** Any value, nested up to `depth`. */
function value(random: Random, depth: number): Uint8Array {
  switch (random.below(depth > 0 ? 9 : 7)) {
    case 0:
      return Uint8Array.of(random.u32())
    case 1: {
      const [tag, width] = random.pick([
        [0xcc, 1],
        [0xcd, 2],
        [0xce, 4],
        [0xcf, 8],
        [0xd0, 1],
        [0xd1, 2],
        [0xd2, 4],
        [0xd3, 8],
      ] as const)
      return concat(Uint8Array.of(tag), random.oneIn(2) ? random.bytes(width) : bigEndian(random.edge(), width))
    }
    case 2:
      return Uint8Array.of(random.pick([0xc0, 0xc1, 0xc2, 0xc3]))
    case 3:
      return concat(Uint8Array.of(random.pick([0xca, 0xcb])), random.bytes(8))
    case 4: {
      const [tag, width] = random.pick([
        [0xc7, 1],
        [0xc8, 2],
        [0xc9, 4],
      ] as const)
      const length = random.below(20)
      const kind = Uint8Array.of(random.pick([0xff, 0, 5]))
      return concat(Uint8Array.of(tag), bigEndian(length, width), kind, random.bytes(length))
    }
    case 5:
      return concat(Uint8Array.of(0xd4 + random.below(5)), random.bytes(1 + random.below(17)))
    case 6:
      return raw(random, random.bytes(random.below(40)))
    case 7: {
      const count = random.below(5)
      const head = random.oneIn(2) ? Uint8Array.of(0x90 | count) : concat(Uint8Array.of(0xdc), bigEndian(count, 2))
      return concat(head, ...Array.from({ length: count }, () => value(random, depth - 1)))
    }
    default:
      return map(random, depth - 1)
  }
}

/** A map with any keys, in any order, some of them twice; its size may lie. */
function map(random: Random, depth: number): Uint8Array {
  const count = random.below(9)
  const told = random.oneIn(8) ? random.edge() : count
  const head = random.pick([
    Uint8Array.of(0x80 | (told & 15)),
    concat(Uint8Array.of(0xde), bigEndian(told, 2)),
    concat(Uint8Array.of(0xdf), bigEndian(told, 4)),
  ])
  const entries = Array.from({ length: count }, () => [raw(random, random.pick(keys)), value(random, depth)]).flat()
  return concat(head, ...entries)
}

/** A message of any type, made of any forms. */
export const formed = (random: Random): Uint8Array => concat(Uint8Array.of(random.below(14)), map(random, 3))

/** Parts behind the lengths of a compound. */
export function compound(parts: readonly Uint8Array[]): Uint8Array {
  const lengths = parts.map((part) => bigEndian(part.length, 2))
  return concat(Uint8Array.of(MessageType.compound, parts.length), ...lengths, ...parts)
}

/** A compress message around data that is compressed already. */
export function compressWrapper(algorithm: number, data: Uint8Array): Uint8Array {
  const head = concat(fromHex('0982a4416c676f'), Uint8Array.of(algorithm), fromHex('a3427566db'))
  return concat(head, bigEndian(data.length, 4), data)
}

/** A message, compressed. */
export const compress = (algorithm: 0 | 1, message: Uint8Array): Uint8Array =>
  compressWrapper(algorithm, algorithm === 0 ? compressLzw(message) : compressSnappy(message))

/** Wrappers in wrappers around a message, up to 12 deep: more than may be. */
export function nested(random: Random, message: Uint8Array): Uint8Array {
  let inner = message
  for (let depth = 1 + random.below(12); depth > 0 && inner.length < 20_000; depth--) {
    const algorithm = random.pick([0, 1] as const)
    if (random.oneIn(3)) inner = compress(algorithm, inner)
    else inner = compound(Array.from({ length: random.below(4) }, () => inner))
  }
  return inner
}

/** A small packet that becomes large: zeros, or a compound of empty parts, behind one or two compressions. */
export function bomb(random: Random, sizeBytes: number): Uint8Array {
  const zeros = new Uint8Array(sizeBytes)
  zeros[0] = random.pick([MessageType.user, MessageType.compound, MessageType.ping])
  const algorithm = random.pick([0, 1] as const)
  const once = compress(algorithm, zeros)
  const whole = random.oneIn(2) ? compress(0, once) : once
  // Damaged ones cost as much as whole ones, and must be paid for all the same.
  return random.oneIn(2) ? whole : whole.subarray(0, whole.length - 1 - random.below(Math.min(20, whole.length - 1)))
}
