/** Wire spec 7.2: what an acceptor does. */
import { compressLzw, compressSnappy } from '@hearsay/encoding'
import { ack, alive, cat, dead, hex, int, message, nil, ping, raw, streamUser, suspect, u32, uint } from '../bytes.ts'
import { firstKey, foreignKey, NAME, secondKey } from '../group.ts'
import { checked, compound, compressed, frame, labelled, wrapCompressed } from '../wrappers.ts'
import { type Case, prefixes, stream } from './case.ts'
import { codes } from './packets.ts'

const hold = { manner: 'hold' } as const
const unhurried = { group: 'unhurried' } as const
const nothing = hex('')
const sealedPing = frame(ping(1), { key: firstKey })

const labels: readonly Case[] = [
  stream('S1', 'nothing', nothing),
  stream('S2', 'nothing', nothing, { group: 'label' }),
  stream('S3', 'nothing, and no end', nothing, hold),
  stream('S4', 'an empty label, and a label cut short', [hex('f400'), hex('f4'), hex('f40561')], { group: 'label' }),
  stream('S4', 'an empty label, and a label cut short', [hex('f400'), hex('f4'), hex('f40561')]),
  stream('S5', 'a label cut short, and no end', hex('f40561'), { group: 'label', ...hold }),
  stream('S6', 'another label, and none', [labelled('test', ping(1)), ping(1)], { group: 'label' }),
  stream('S6', 'a label where none is configured', labelled('prod', ping(1))),
  stream('S6', 'any label, with SkipInboundLabelCheck', [labelled('prod', ping(1)), labelled('test', ping(1))], {
    group: 'proxy',
  }),
  stream('S6', 'no label, with SkipInboundLabelCheck', ping(1), { group: 'proxy' }),
  stream('S6', 'the right label', labelled('prod', ping(1)), { group: 'label' }),
  stream('S7', 'the right label alone', labelled('prod', nothing), { group: 'label' }),
]

const encryption: readonly Case[] = [
  stream('S8', 'an encrypted frame, no key configured', sealedPing),
  stream('S8', 'the type of an encrypted frame alone, no key configured', hex('0a'), hold),
  stream('S9', 'plaintext', ping(1), { group: 'keys' }),
  stream('S9', 'plaintext of an unknown type', hex('0e'), { group: 'keys' }),
  stream('S9', 'plaintext', ping(1), { group: 'lenient' }),
  stream('S9', 'an encrypted frame', sealedPing, { group: 'lenient' }),
  stream('S10', 'a frame of 20 MiB and a byte', cat([0x0a], u32(20_971_521)), { group: 'keys', ...hold }),
  stream('S10', 'a frame of 4 GiB less a byte', cat([0x0a], u32(0xffff_ffff)), { group: 'keys', ...hold }),
  stream(
    'S11',
    'frames of 0 to 28 bytes',
    Array.from({ length: 29 }, (_, size) => cat([0x0a], u32(size), new Uint8Array(size).fill(1))),
    { group: 'keys' },
  ),
  stream('S11', 'a frame of version 0 and 44 bytes', cat([0x0a], u32(44), new Uint8Array(44)), { group: 'keys' }),
  stream('S12', 'every prefix of a frame', prefixes(sealedPing), { group: 'keys' }),
  stream('S13', 'a frame whose body does not come', cat([0x0a], u32(60)), { group: 'keys', ...hold }),
  stream('S13', 'a frame of 20 MiB whose body does not come', cat([0x0a], u32(20_971_520)), { group: 'keys', ...hold }),
  stream('S14', 'a key that is not in the ring', frame(ping(1), { key: foreignKey }), { group: 'keys' }),
  stream('S14', 'another label authenticated', frame(ping(1), { key: firstKey, label: 'prod' }), { group: 'keys' }),
  stream(
    'S14',
    'another length authenticated',
    cat([0x0a], u32(sealedPing.length - 5), frame(ping(1), { key: firstKey, length: 99 }).subarray(5)),
    { group: 'keys' },
  ),
  stream(
    'S14',
    'versions 2 and 255',
    [2, 255].map((version) => frame(ping(1), { key: firstKey, version })),
    { group: 'keys' },
  ),
  stream(
    'S14',
    'the second key, and version 0',
    [frame(ping(1), { key: secondKey }), frame(ping(1), { key: firstKey, version: 0 })],
    { group: 'keys' },
  ),
  stream('S14', 'label and key as configured', labelled('prod', frame(ping(1), { key: firstKey, label: 'prod' })), {
    group: 'labelKeys',
  }),
  stream('S15', 'a frame around nothing', frame(nothing, { key: firstKey }), {
    group: 'keys',
    oursOnly: { must: 'err; closed', because: 'would crash' },
  }),
  stream('S15', 'a frame of version 0 around nothing', frame(nothing, { key: firstKey, version: 0 }), {
    group: 'keys',
    oursOnly: { must: 'err; closed', because: 'would crash' },
  }),
  stream(
    'S15',
    'a frame of version 0 padded beyond its length',
    frame(new Uint8Array(16).fill(17), { key: firstKey, version: 0, padded: true }),
    { group: 'keys', oursOnly: { must: 'err; closed', because: 'would crash' } },
  ),
  stream('S16', 'a frame inside a frame', frame(sealedPing, { key: firstKey }), { group: 'keys' }),
  stream('S16', 'compressed data inside a frame', frame(compressed(ping(1)), { key: firstKey }), { group: 'keys' }),
  stream('S16', 'a compound inside a frame', frame(compound([ping(1)]), { key: firstKey }), { group: 'keys' }),
  stream('S16', 'a ping cut short inside a frame', frame(ping(1).subarray(0, 9), { key: firstKey }), { group: 'keys' }),
]

const compression: readonly Case[] = [
  stream('S12', 'every prefix of compressed data', prefixes(compressed(ping(1)))),
  stream('S12', 'compressed data cut short, and no end', compressed(ping(1)).subarray(0, 20), hold),
  stream('S16', 'compressed data in compressed data', compressed(compressed(ping(1)))),
  stream('S16', 'a frame in compressed data', compressed(sealedPing)),
  stream('S16', 'a compound in compressed data', compressed(compound([ping(1)]))),
  stream('S17', 'a struct that is none', [
    hex('09a0'),
    hex('0901'),
    hex('09c1'),
    message(9, { Algo: raw('x'), Buf: nil }),
    message(9, { Buf: uint(1) }),
  ]),
  stream(
    'S17',
    'algorithms 2 and 255',
    [2, 255].map((algorithm) => compressed(ping(1), uint(algorithm))),
  ),
  stream('S17', 'algorithm 1, Snappy', wrapCompressed(raw(compressSnappy(ping(1))), uint(1)), { differs: 'wire 5.4' }),
  stream(
    'S17',
    'data that does not expand',
    [nil, raw(''), raw(codes(256, 8, 65)), raw(codes(256, 8, 300, 257))].map((data) => wrapCompressed(data)),
  ),
  stream('S17', 'data that expands to nothing', [hex('0982a4416c676f00a3427566a3000302'), hex('09c0'), hex('0980')]),
  stream('S17', '40 MiB and a byte of output', compressed(new Uint8Array(41_943_041).fill(8, 0, 1)), unhurried),
  stream(
    'S17',
    '40 MiB of output: a user message of 20 MiB and bytes behind',
    compressed(cat(streamUser(new Uint8Array(0), int(20_971_520)), new Uint8Array(41_943_040 - 18))),
    unhurried,
  ),
  stream('S17', 'bytes after End', wrapCompressed(raw(cat(compressLzw(ping(1)), hex('ffff'))))),
  stream('S17', 'a ping, compressed', compressed(ping(1))),
]

const types: readonly Case[] = [
  stream('S18', 'messages that stand in packets only', [
    message(1, {}),
    ack(1),
    suspect(NAME, 1),
    alive('fresh', 1),
    dead(NAME, 1),
    compound([ping(1)]),
    message(11, {}),
    checked(ping(1)),
  ]),
  stream('S18', 'an err', message(13, { Error: raw('boom') })),
  stream(
    'S18',
    'types that are not assigned',
    [14, 15, 100, 243, 245, 255].map((type) => cat([type], ping(1).subarray(1))),
  ),
  stream('S18', 'a second label', labelled('prod', labelled('prod', ping(1))), { group: 'label' }),
  stream('S18', 'an unknown type, and no end', hex('0e'), hold),
]

const pings: readonly Case[] = [
  stream('S19', 'a ping that cannot be read', [hex('0001'), hex('00c1'), hex('00a0'), ping(1, { SeqNo: raw('x') })]),
  stream('S19', 'every prefix of a ping', prefixes(ping(300, { Node: raw(NAME) }))),
  stream('S19', 'a ping cut short, and no end', ping(1).subarray(0, 9), hold),
  stream('S19', 'a ping of nil, and an empty one', [hex('00c0'), hex('0080')]),
  stream('S20', 'a ping for somebody else', ping(1, { Node: raw('somebody') })),
  stream(
    'S20',
    'a ping for the peer itself, with Source fields',
    ping(1, { Node: raw(NAME), SourceAddr: raw(hex('7f000002')), SourcePort: uint(9) }),
  ),
  stream('S20', 'a ping, and no end', ping(1), hold),
]

const users: readonly Case[] = [
  stream(
    'S21',
    'a length of −1, and of 20 MiB and a byte',
    [hex('ff'), int(20_971_521), hex('d3ffffffffffffffff'), hex('cfffffffffffffffff'), hex('d37fffffffffffffff')].map(
      (length) => streamUser('abc', length),
    ),
    hold,
  ),
  stream('S22', 'fewer bytes than announced', streamUser('abc', int(4))),
  stream('S22', 'fewer bytes than announced, and no end', streamUser('abc', int(4)), hold),
  stream('S22', 'every prefix of a user message', prefixes(streamUser('abcdef'))),
  stream('S23', 'no bytes', [streamUser(''), hex('0880'), hex('08c0')]),
  stream('S24', 'two messages', cat(streamUser('one'), streamUser('two'))),
  stream('S24', 'more bytes than announced', streamUser('abcdef', int(3))),
  stream(
    'S24',
    'a length in every form',
    [
      hex('03'),
      hex('cc03'),
      hex('d003'),
      hex('d10003'),
      hex('ce00000003'),
      hex('d30000000000000003'),
      hex('cf0000000000000003'),
    ].map((length) => streamUser('abc', length)),
  ),
  stream('S24', 'a message of 20 MiB', streamUser(new Uint8Array(20_971_520).fill(7)), unhurried),
]

/** In the order of the table. */
export const streamRows: readonly Case[] = [...labels, ...encryption, ...compression, ...types, ...pings, ...users]
