/** Wire spec 7.1: labels, encryption, checksums, types, wrappers. */
import { compressLzw, compressSnappy } from '@hearsay/encoding'
import { ack, alive, cat, hex, message, nil, ping, raw, suspect, text, u32, uint, user } from '../bytes.ts'
import { firstKey, foreignKey, secondKey } from '../group.ts'
import { checked, compound, compressed, labelled, sealed, wrapCompressed } from '../wrappers.ts'
import { type Case, packet } from './case.ts'

const unhurried = { group: 'unhurried' } as const
const CRASH = 'would crash'
const prod = text('prod')
const flipped = (bytes: Uint8Array, at: number): Uint8Array =>
  bytes.map((byte, index) => (index === at ? byte ^ 1 : byte))
const filled = (first: number, size: number): Uint8Array =>
  Uint8Array.from({ length: size }, (_, i) => (i === 0 ? first : 0x5a))

/** Codes of nine bits, least significant bit first. */
export function codes(...values: readonly number[]): Uint8Array {
  const bits = values.flatMap((value) => Array.from({ length: 9 }, (_, bit) => (value >> bit) & 1))
  const bytes = new Uint8Array(Math.ceil(bits.length / 8))
  for (const [index, bit] of bits.entries()) bytes[index >> 3]! |= bit << (index & 7)
  return bytes
}

/** A user message that compresses to little, of exactly so many bytes. */
const vast = (size: number): Uint8Array => new Uint8Array(size).fill(8, 0, 1)
const nested = (depth: number, innermost: Uint8Array): Uint8Array =>
  depth === 0 ? innermost : compound([nested(depth - 1, innermost)])

const labels: readonly Case[] = [
  packet('P1', 'an empty datagram', hex('')),
  packet('P2', 'a label header cut short', [hex('f4'), hex('f40561')]),
  packet('P2', 'a label header cut short', [hex('f4'), hex('f40561')], { group: 'label' }),
  packet('P3', 'a label header with an empty label', hex('f400'), { group: 'label' }),
  packet('P3', 'an empty label before a ping', cat([0xf4, 0], ping(1))),
  packet('P4', 'a label where none is configured', labelled('prod', ping(1))),
  packet('P4', 'another label', [labelled('test', ping(1)), labelled('prod2', ping(1)), labelled('Prod', ping(1))], {
    group: 'label',
  }),
  packet('P4', 'no label', ping(1), { group: 'label' }),
  packet('P4', 'the right label', labelled('prod', ping(1)), { group: 'label' }),
  packet('P5', 'any label, with SkipInboundLabelCheck', [labelled('prod', ping(1)), labelled('test', ping(1))], {
    group: 'proxy',
  }),
  packet('P5', 'no label, with SkipInboundLabelCheck', ping(1), { group: 'proxy' }),
  packet('P6', 'the label alone', labelled('prod', hex('')), { group: 'label' }),
  packet('P7', 'the label alone, with keys', labelled('prod', hex('')), { group: 'labelKeys' }),
]

const encryption: readonly Case[] = (['keys', 'lenient'] as const).flatMap((group): Case[] => [
  packet('P8', 'plaintext', ping(1), { group }),
  packet('P8', 'version 1 of 28 bytes', filled(1, 28), { group }),
  packet('P8', 'version 0 of 44 bytes', filled(0, 44), { group }),
  packet(
    'P9',
    'versions 2, 3 and 255',
    [2, 3, 255].map((version) => sealed(ping(1), { key: firstKey, version })),
    { group },
  ),
  packet('P10', 'a key that is not in the ring', sealed(ping(1), { key: foreignKey }), { group }),
  packet('P10', 'another label authenticated', sealed(ping(1), { key: firstKey, aad: prod }), { group }),
  packet(
    'P10',
    'a flipped bit in nonce, ciphertext and tag',
    [1, 13, 40].map((at) => flipped(sealed(ping(1), { key: firstKey }), at)),
    { group },
  ),
  packet('P10', 'the second key of the ring', sealed(ping(1), { key: secondKey }), { group }),
  packet(
    'P10',
    'version 0, either key',
    [sealed(ping(1), { key: firstKey, version: 0 }), sealed(ping(1), { key: secondKey, version: 0 })],
    { group },
  ),
  packet('P11', 'version 1 around nothing', sealed(hex(''), { key: firstKey }), { group }),
  packet('P11', 'version 0 around nothing', sealed(hex(''), { key: firstKey, version: 0 }), { group }),
  packet(
    'P12',
    'version 0 padded beyond its length',
    [17, 255].map((pad) => sealed(cat(ping(1).subarray(0, 15), [pad]), { key: firstKey, version: 0, padded: true })),
    { group, oursOnly: { must: 'drop (×2)', because: CRASH } },
  ),
  packet(
    'P12',
    'version 0 with a last byte of 0',
    sealed(cat(ping(1), [0]), { key: firstKey, version: 0, padded: true }),
    { group },
  ),
])

const labelAndKeys: readonly Case[] = [
  packet('P10', 'label and key as configured', labelled('prod', sealed(ping(1), { key: firstKey, aad: prod })), {
    group: 'labelKeys',
  }),
  packet('P10', 'the label not authenticated', labelled('prod', sealed(ping(1), { key: firstKey })), {
    group: 'labelKeys',
  }),
  packet('P10', 'the label authenticated but not sent', sealed(ping(1), { key: firstKey, aad: prod }), {
    group: 'labelKeys',
  }),
  packet(
    'P10',
    'encrypted, no key configured',
    [0, 1].map((version) => sealed(ping(1), { key: firstKey, version })),
  ),
]

const checksums: readonly Case[] = [
  packet('P13', 'a checksum cut short', [hex('0c'), hex('0c000000')]),
  packet('P14', 'a checksum of nothing', hex('0c00000000')),
  packet('P15', 'a wrong checksum', checked(ping(1), 1)),
  packet('P15', 'a right checksum', checked(ping(1))),
  packet('P16', 'a checksum inside a checksum', checked(checked(ping(1)))),
  packet('P16', 'a checksum inside a compound', compound([checked(ping(1)), ping(2)])),
  packet('P16', 'a checksum inside compressed data', compressed(checked(ping(1)))),
]

const types: readonly Case[] = [
  packet('P17', 'a push/pull', cat(hex('06'), ping(1).subarray(1))),
  packet('P17', 'an encrypted frame', cat(hex('0a'), u32(20), ping(1))),
  packet('P17', 'an err', message(13, { Error: raw('boom') })),
  packet(
    'P17',
    'types that are not assigned',
    [14, 15, 100, 243, 245, 255].map((type) => cat([type], ping(1).subarray(1))),
  ),
  packet('P17', 'a second label', labelled('prod', labelled('prod', ping(1))), { group: 'label' }),
]

const compounds: readonly Case[] = [
  packet('P18', 'a compound without a count', hex('07')),
  packet('P18', 'a compound with too few lengths', [
    hex('070200'),
    hex('0702000100'),
    cat(hex('0703'), [0, 18, 0, 18], ping(1)),
  ]),
  packet(
    'P19',
    'a part longer than what is left',
    compound([ping(1), ping(2), ping(3)], { lengths: [ping(1).length, 9999, ping(3).length] }),
  ),
  packet('P20', 'no parts, with and without bytes behind', [hex('0700'), cat(hex('0700'), ping(1))]),
  packet('P21', 'bytes behind the last part', cat(compound([ping(1), ping(2)]), hex('ffff'))),
  packet('P22', 'a part of no bytes', compound([ping(1), hex(''), ping(3)])),
  packet('P23', 'a compound in a compound', compound([compound([ping(1), ping(2)]), ping(3)])),
  packet('P23', 'compressed data in compressed data', compressed(compressed(ping(1)))),
  packet('P23', 'compressed data in a compound', compound([compressed(ping(1)), ping(2)])),
  packet('P23', 'a compound in compressed data', compressed(compound([ping(1), ping(2)]))),
  packet('P23', 'eight wrappers', nested(8, ping(1))),
  packet('P23', 'nine wrappers', nested(9, ping(1)), { differs: 'DIV-31' }),
  packet('P23', '255 parts', compound(Array.from({ length: 255 }, (_, index) => ping(index)))),
  packet(
    'P23',
    'messages that change nothing beside one that does',
    compound([suspect('nobody', 1), alive('fresh', 1), ack(9)]),
  ),
]

const body = compressLzw(ping(1))
const compression: readonly Case[] = [
  packet(
    'P24',
    'algorithms 2, 3 and 255',
    [2, 3, 255].map((algorithm) => compressed(ping(1), uint(algorithm))),
  ),
  packet('P24', 'algorithm 256', compressed(ping(1), uint(256))),
  packet('P24', 'algorithm 1, Snappy', wrapCompressed(raw(compressSnappy(ping(1))), uint(1)), { differs: 'wire 5.4' }),
  packet('P24', 'algorithm 1, not Snappy', wrapCompressed(raw(body), uint(1))),
  packet('P24', 'no algorithm named', message(9, { Buf: raw(body) })),
  packet('P25', 'no data, nil or empty', [
    wrapCompressed(nil),
    wrapCompressed(raw(hex(''))),
    hex('0980'),
    hex('09c0'),
    hex('09'),
  ]),
  packet('P25', 'no End code', wrapCompressed(raw(codes(256, 8, 65)))),
  packet('P25', 'cut short', [wrapCompressed(raw(body.subarray(0, 5))), compressed(ping(1)).subarray(0, 20)]),
  packet('P26', 'a code that is not defined yet', wrapCompressed(raw(codes(256, 8, 300, 257)))),
  packet('P26', 'a first code that is no literal', [
    wrapCompressed(raw(codes(256, 258, 257))),
    wrapCompressed(raw(codes(258, 257))),
  ]),
  packet('P27', 'bytes after End', wrapCompressed(raw(cat(body, hex('ffff00'))))),
  packet('P27', 'no Clear at the start', wrapCompressed(raw(codes(8, 65, 66, 257)))),
  packet('P27', 'two Clears, and one in the middle', wrapCompressed(raw(codes(256, 256, 8, 65, 256, 66, 257)))),
  packet('P28', 'nothing, compressed', hex('0982a4416c676f00a3427566a3000302')),
  packet('P29', '40 MiB of output', compressed(vast(41_943_040)), unhurried),
  packet('P29', '40 MiB and a byte of output', compressed(vast(41_943_041)), unhurried),
  packet('P29', '21 MiB of output, twice', compound([compressed(vast(22_020_096)), compressed(vast(22_020_096))]), {
    ...unhurried,
    differs: 'MAX_DECOMPRESSED_BYTES',
  }),
  packet(
    'P29',
    '40 MiB and a byte of output, in a compound with a ping',
    compound([compressed(vast(41_943_041)), ping(1)]),
    unhurried,
  ),
  packet('P38', 'a user message without payload', [user(''), compound([user(''), user('')])]),
]

/** In the order of the table. */
export const packetRows: readonly Case[] = [
  ...labels,
  ...encryption,
  ...labelAndKeys,
  ...checksums,
  ...types,
  ...compounds,
  ...compression,
]
