/** Wire spec 7.1 and membership spec 1.3 to 1.6: what is claimed about members. */
import {
  ack,
  alive,
  cat,
  dead,
  hex,
  loopback,
  mapped,
  message,
  nack,
  nil,
  raw,
  suspect,
  text,
  uint,
  user,
  usualVersions,
} from '../bytes.ts'
import { NAME } from '../group.ts'
import { compound } from '../wrappers.ts'
import { type Case, packet } from './case.ts'

const LAST = 0xffff_ffff
const versions = (...values: number[]) => ({ Vsn: raw(Uint8Array.from(values)) })
const long = (length: number): string => 'n'.repeat(length)

const known = [alive('known', 5)]
const claims: readonly Case[] = [
  packet('P38', 'a user message of one byte', user('x')),
  packet(
    'P39',
    'an alive with PMin 0, PMax 0, and PMin above PMax',
    [versions(0, 5, 2, 0, 0, 0), versions(1, 0, 2, 0, 0, 0), versions(3, 2, 2, 0, 0, 0)].map((each) =>
      alive('fresh', 1, each),
    ),
  ),
  packet('P39', 'an alive with a PCur outside of its range', alive('fresh', 1, versions(1, 2, 5, 0, 0, 0))),
  packet('P40', 'an alive with a Vsn of nil', alive('fresh', 1, { Vsn: nil }), {
    differs: 'wire P40',
  }),
  ...[1, 2, 3, 4, 5].map((size) =>
    packet(
      'P40',
      `an alive with a Vsn of ${size} bytes`,
      alive('fresh', 1, { Vsn: raw(usualVersions.subarray(0, size)) }),
      { differs: 'wire P40' },
    ),
  ),
  packet('P40', 'an alive with a Vsn of 7 bytes', alive('fresh', 1, versions(1, 5, 2, 0, 0, 0, 9))),
  packet('P40', 'a known member, other versions', alive('known', 6, versions(1, 4, 2, 0, 0, 0)), {
    before: known,
    differs: 'DIV-5',
  }),
  packet('P41', 'a known name at another address', alive('known', 6, { Addr: raw(hex('7f000002')) }), {
    before: known,
  }),
  packet('P41', 'a known name at another port', alive('known', 6, { Port: uint(10) }), { before: known }),
  packet('P41', 'a known name at the same address in 16 bytes', alive('known', 6, { Addr: raw(mapped(loopback)) }), {
    before: known,
    differs: 'DIV-2',
  }),
  packet('P41', 'a name that has left, at another address', alive('known', 1, { Port: uint(10) }), {
    before: [...known, dead('known', 5, 'known')],
    differs: 'DIV-9',
  }),
  packet('P41', 'a name that is dead, at another address', alive('known', 9, { Port: uint(10) }), {
    before: [...known, dead('known', 5)],
  }),
  packet('P41', 'the peer itself at another address', alive(NAME, 9)),
  packet('P41', 'the peer itself, newer', ({ self }) => alive(NAME, 9, { Port: uint(self) })),
  packet('P41', 'the peer itself, as it is', ({ self }) => alive(NAME, 1, { Port: uint(self) })),
  packet('P41', 'the peer itself, with other metadata', ({ self }) =>
    alive(NAME, 1, { Port: uint(self), Meta: raw('x') }),
  ),
  packet('P42', 'an alive without an address', [alive('fresh', 1, { Addr: nil })], { differs: 'DIV-44' }),
  packet('P42', 'an alive with an address of 3 bytes', alive('fresh', 1, { Addr: raw(hex('7f0000')) }), {
    differs: 'DIV-44',
  }),
  packet(
    'P42',
    'an alive with an address of 16 bytes',
    alive('fresh', 1, { Addr: raw(cat(hex('20010db8'), new Uint8Array(11), [1])) }),
  ),
  packet('P43', 'an alive with port 0', alive('fresh', 1, { Port: uint(0) })),
  packet('P44', 'an alive with 512 bytes of metadata', alive('fresh', 1, { Meta: raw(new Uint8Array(512).fill(7)) })),
  packet('P44', 'an alive with 513 bytes of metadata', alive('fresh', 1, { Meta: raw(new Uint8Array(513).fill(7)) }), {
    differs: 'DIV-44',
  }),
  packet('P44', 'a name of 255 bytes', alive(long(255), 1)),
  packet('P44', 'a name of 256 bytes', alive(long(256), 1), { differs: 'DIV-44' }),
  packet('P44', 'a name of 255 bytes that is not UTF-8', alive('', 1, { Node: raw(cat(text(long(254)), [0xff])) })),
  packet('P44', 'an empty name', alive('', 1), { differs: 'DIV-44' }),
  packet('P44', 'a name that is not UTF-8', alive('', 1, { Node: raw(hex('ff80c0')) })),
  packet('P44', 'a name with a slash, and one with a zero byte', compound([alive('a/b', 1), alive('a\0b', 1)])),
  packet('P45', 'accusations of somebody unknown', [
    suspect('nobody', 1),
    dead('nobody', 1),
    dead('nobody', 1, 'nobody'),
  ]),
  packet('P46', 'an ack and a nack with an unknown number', [ack(99), nack(99), message(2, {}), message(11, {})]),
]

const precedence: readonly Case[] = [
  packet('1.3', 'a new member with incarnation 0', alive('fresh', 0), { differs: 'DIV-3' }),
  packet(
    '1.3',
    'a known member with the same and with a lower incarnation',
    [alive('known', 5, { Meta: raw('x') }), alive('known', 4, { Meta: raw('x') })],
    { before: known },
  ),
  packet('1.3', 'a known member with a higher incarnation and other metadata', alive('known', 6, { Meta: raw('x') }), {
    before: known,
  }),
  packet('1.3', 'metadata in place of none, by another form', alive('known', 6, { Meta: raw('') }), { before: known }),
  packet(
    '1.4',
    'a suspect with a lower, the same and a higher incarnation',
    [suspect('known', 4), suspect('known', 5), suspect('known', 6)],
    { before: known },
  ),
  packet('1.4', 'a suspect with a higher incarnation than known', suspect('known', 9), { before: known }),
  packet('1.4', 'a suspect about a dead and about a left member', [suspect('known', 5), suspect('known', 7)], {
    before: [...known, dead('known', 5)],
  }),
  packet('1.4', 'an alive about a suspected member', [alive('known', 5), alive('known', 6)], {
    before: [...known, suspect('known', 5)],
  }),
  packet('1.5', 'a dead with a lower and with the same incarnation', [dead('known', 4), dead('known', 5)], {
    before: known,
  }),
  packet('1.5', 'a leave', dead('known', 5, 'known'), { before: known }),
  packet('1.5', 'a leave of a dead member, a death of one that left', [dead('known', 6, 'known'), dead('known', 7)], {
    before: [...known, dead('known', 5)],
  }),
  packet('1.5', 'an alive below an accusation that changed nothing', alive('known', 6), {
    before: [...known, dead('known', 5), dead('known', 10)],
    differs: 'DIV-10',
  }),
  packet('1.5', 'a stale alive of a dead member', alive('known', 3), {
    before: [...known, dead('known', 5)],
  }),
  packet('1.6', 'accusations of the peer itself: lower, the same, higher', [
    suspect(NAME, 0),
    suspect(NAME, 1),
    suspect(NAME, 1),
    dead(NAME, 2),
    dead(NAME, 40),
    dead(NAME, 41, NAME),
  ]),
  packet('1.6', 'an accusation of the peer itself below the ceiling', suspect(NAME, LAST - 0x10000)),
  packet('1.6', 'an accusation of the peer itself at the ceiling', suspect(NAME, LAST - 0xffff), { differs: 'DIV-12' }),
  packet('1.6', 'an accusation of the peer itself at the last incarnation', dead(NAME, LAST), { differs: 'DIV-12' }),
  packet('1.6', 'an accusation of a member at the last incarnation', suspect('known', LAST), {
    before: known,
    differs: 'DIV-12',
  }),
  packet('1.6', 'an alive at the last incarnation but one', alive('known', LAST - 1), { before: known }),
  packet('1.6', 'an alive at the last incarnation', alive('known', LAST), { before: known, differs: 'DIV-12' }),
]

/** In the order of the table. */
export const claimRows: readonly Case[] = [...claims, ...precedence]
