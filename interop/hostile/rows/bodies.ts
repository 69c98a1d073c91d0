/** Wire spec 7.1: pings, and fields of every type and form. */
import {
  alive,
  array,
  bin8,
  byteArray,
  cat,
  dead,
  hex,
  indirectPing,
  loopback,
  map,
  mapped,
  nil,
  ping,
  raw,
  str8,
  suspect,
  text,
  uint,
  yes,
} from '../bytes.ts'
import { NAME } from '../group.ts'
import { type Case, packet, prefixes } from './case.ts'

const atProbe = (probe: number) => ({ SourceAddr: raw(loopback), SourcePort: uint(probe) })
const deep = (depth: number): Uint8Array => cat(new Uint8Array(depth).fill(0x91), nil)

const pings: readonly Case[] = [
  packet('P30', 'a ping without a body, and with one that is no map', [
    hex('00'),
    hex('00ff'),
    hex('00a0'),
    hex('00c1'),
  ]),
  packet('P31', 'a ping of nil, and an empty one', [hex('00c0'), hex('0080'), hex('00de0000'), hex('00df00000000')]),
  packet('P32', 'a ping for somebody else', ping(1, { Node: raw('somebody') })),
  packet('P32', 'a ping for the peer itself', ping(1, { Node: raw(NAME) })),
  packet('P32', 'a ping for its name and a zero byte', ping(1, { Node: raw(`${NAME}\0`) })),
  packet('P33', 'a ping with bytes behind', cat(ping(1), hex('ff00c1'))),
  packet('P34', 'a ping with a SourcePort only', ping(1, { SourcePort: uint(9) })),
  packet('P34', 'a ping with a SourceAddr only', ping(1, { SourceAddr: raw(loopback) })),
  packet('P34', 'a ping with its own source as Source', ({ probe }) => ping(1, atProbe(probe))),
  packet('P34', 'a ping with its own source, in 16 bytes', ({ probe }) =>
    ping(1, { ...atProbe(probe), SourceAddr: raw(mapped(loopback)) }),
  ),
  packet('P35', 'a ping with a SourceAddr of 3 bytes', ({ probe }) =>
    ping(1, { ...atProbe(probe), SourceAddr: raw(hex('7f0000')) }),
  ),
  packet('P35', 'a ping with an empty SourceAddr', ({ probe }) => ping(1, { ...atProbe(probe), SourceAddr: raw('') })),
]

const wrongValues = [
  raw('1'),
  yes,
  hex('cb3ff0000000000000'),
  hex('ca3f800000'),
  array(uint(1)),
  map([[raw('a'), nil]]),
  hex('c1'),
  hex('d60000000001'),
]
const tooLarge = [
  hex('cf0000000100000000'),
  hex('d30000000100000000'),
  hex('ff'),
  hex('d0ff'),
  hex('d1ffff'),
  hex('d2ffffffff'),
  hex('d3ffffffffffffffff'),
  hex('cfffffffffffffffff'),
]
const wrongTexts = [uint(1), yes, hex('cb3ff0000000000000'), map([[raw('a'), nil]]), hex('d60000000001')]

const fields: readonly Case[] = [
  packet(
    'P36',
    'a SeqNo of another type',
    wrongValues.map((value) => ping(1, { SeqNo: value })),
  ),
  packet(
    'P36',
    'a SeqNo out of range',
    tooLarge.map((value) => ping(1, { SeqNo: value })),
  ),
  packet(
    'P36',
    'a SeqNo in every form that fits',
    [
      hex('01'),
      hex('cc01'),
      hex('cd0001'),
      hex('ce00000001'),
      hex('cf0000000000000001'),
      hex('d001'),
      hex('d10001'),
      hex('d200000001'),
      hex('d30000000000000001'),
      nil,
    ].map((value) => ping(1, { SeqNo: value })),
  ),
  packet(
    'P36',
    'a Node of another type',
    wrongTexts.map((value) => ping(1, { Node: value })),
  ),
  packet(
    'P36',
    'a Node in every form of text',
    [
      raw(NAME),
      str8(NAME),
      bin8(NAME),
      cat(hex('da0006'), text(NAME)),
      cat(hex('db00000006'), text(NAME)),
      cat(hex('c50006'), text(NAME)),
      cat(hex('c600000006'), text(NAME)),
      nil,
    ].map((value) => ping(1, { Node: value })),
  ),
  packet('P36', 'a Node as an array of its bytes', ping(1, { Node: byteArray(text(NAME)) })),
  packet(
    'P36',
    'a SourceAddr of another type',
    wrongTexts.filter((value) => value[0]! >> 4 !== 8).map((value) => ping(1, { SourceAddr: value })),
  ),
  packet('P36', 'a SourceAddr as an array of bytes', ({ probe }) =>
    ping(1, { ...atProbe(probe), SourceAddr: byteArray(loopback) }),
  ),
  packet(
    'P36',
    'an Addr as a map of bytes',
    alive('fresh', 1, {
      Addr: map([
        [uint(127), uint(0)],
        [uint(0), uint(1)],
      ]),
    }),
    { differs: 'wire 1.3' },
  ),
  packet(
    'P36',
    'a Port out of range',
    [hex('ce00010000'), hex('ff')].map((value) => alive('fresh', 1, { Port: value })),
  ),
  packet(
    'P36',
    'a Vsn with a number above 255',
    alive('fresh', 1, { Vsn: array(uint(1), uint(5), uint(2), uint(0), uint(0), uint(256)) }),
  ),
  packet(
    'P36',
    'a Nack that is no truth value',
    [uint(2), raw('x'), hex('ff')].map((value) =>
      indirectPing(1, { Nack: value, Target: raw(loopback), Port: uint(9) }),
    ),
  ),
  packet('P36', 'a key that is no text', [
    hex('00 81 01 02'),
    hex('00 81 c3 02'),
    hex('00 81 c0 02'),
    hex('00 81 a0 02'),
  ]),
  packet('P36', 'a key as an array of its bytes', hex('00 81 91 01 02'), { differs: 'wire 1.3' }),
  packet(
    'P36',
    'keys as str8 and bin8',
    [str8, bin8].map((form) => cat([0], map([[form('SeqNo'), uint(7)]]))),
  ),
  packet('P36', 'an array in place of the map', hex('00 92 07 a0'), { differs: 'wire 1.3' }),
  packet('P36', 'every prefix of a ping', prefixes(ping(300, { Node: raw(NAME), SourceNode: raw('me') }))),
  packet('P36', 'every prefix of an alive', prefixes(alive('fresh', 1))),
  packet('P36', 'every prefix of an accusation', [...prefixes(suspect(NAME, 1)), ...prefixes(dead(NAME, 1))]),
  packet(
    'P36',
    'a key twice: the last one stands',
    cat(
      [0],
      map([
        [raw('SeqNo'), uint(7)],
        [raw('SeqNo'), uint(8)],
      ]),
    ),
  ),
  packet(
    'P36',
    'a key in other letters',
    cat(
      [0],
      map([
        [raw('seqno'), uint(7)],
        [raw('SEQNO'), uint(8)],
      ]),
    ),
  ),
  packet('P36', 'more entries declared than there are', [
    hex('00 82 a55365714e6f 07'),
    hex('00 de ffff a55365714e6f 07'),
    hex('00 df ffffffff a55365714e6f 07'),
  ]),
  packet(
    'P37',
    'unknown keys of every type',
    [
      nil,
      yes,
      uint(1),
      raw('x'),
      hex('c4 02 0000'),
      hex('cb 3ff0000000000000'),
      hex('92 01 81 a0 02'),
      hex('81 01 92 c0 c3'),
      hex('d6 05 00000000'),
      hex('c7 03 07 000000'),
      hex('d5 ff 0000'),
      hex('c7 04 ff 00000000'),
    ].map((value) =>
      cat(
        [0],
        map([
          [raw('Other'), value],
          [raw('SeqNo'), uint(7)],
        ]),
      ),
    ),
  ),
  packet(
    'P37',
    'an unknown key with a reserved byte',
    cat(
      [0],
      map([
        [raw('Other'), hex('c1')],
        [raw('SeqNo'), uint(7)],
      ]),
    ),
  ),
  packet(
    'P37',
    'an unknown key 1022 and 1023 containers deep',
    [deep(1022), deep(1023)].map((value) =>
      cat(
        [0],
        map([
          [raw('Other'), value],
          [raw('SeqNo'), uint(7)],
        ]),
      ),
    ),
  ),
]

/** In the order of the table. */
export const bodyRows: readonly Case[] = [...pings, ...fields]
