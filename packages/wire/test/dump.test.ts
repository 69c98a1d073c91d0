import { concatBytes, fromHex } from '@hearsay/encoding'
import { describe, expect, it } from 'vitest'
import { dumpPacket, dumpStream } from '../src/dump/index.ts'
import { KeyringError, labelHeader, sealBody } from '../src/index.ts'
import { fullStackHex, K16, K32, lines, nonce, paddedAckHex, reasons, sha256, values } from './dump-samples.ts'
import {
  ackHex,
  aliveHex,
  compound,
  compressWrapper,
  indirectPingHex,
  lzwLiterals,
  nackHex,
  pingHex,
  suspectHex,
  utf8,
} from './samples.ts'

describe('the packet with everything around it', () => {
  const dump = dumpPacket(fromHex(fullStackHex), { keys: [K32, K16] })

  it('shows each layer, outermost first', () => {
    expect(dump.problems).toEqual([])
    expect(lines(dump).slice(0, 12)).toEqual([
      '0 label "prod"',
      '6 encrypted version 1',
      '7 nonce',
      '19 ciphertext 161 bytes',
      '180 tag',
      `decrypted 0 decrypted 161 bytes by key 2 of 2 (sha256 ${sha256(K16)}…)`,
      'decrypted 0 checksum c7bef883, correct',
      'decrypted 5 compress',
      'decrypted 7 Algo 0 (LZW)',
      'decrypted 13 Buf 141 bytes',
      'expanded 0 expanded 191 bytes, 1.35 times the 141 bytes',
      'expanded 0 compound 3 parts',
    ])
  })

  it('shows the fields of its three messages', () => {
    // Wire spec 1.6.8; each is 61 bytes, behind a header of 8.
    for (const [index, start] of [8, 69, 130].entries())
      expect(lines(dump).slice(13 + 7 * index, 20 + 7 * index)).toEqual([
        `expanded ${start} alive part ${index + 1} of 3`,
        `expanded ${start + 2} Addr 10.0.0.1`,
        `expanded ${start + 12} Incarnation 1`,
        `expanded ${start + 25} Meta nil`,
        `expanded ${start + 31} Node "node1"`,
        `expanded ${start + 42} Port 7946`,
        `expanded ${start + 50} Vsn protocol 1–5, speaks 2; delegate 0–0, speaks 0`,
      ])
    expect(values(dump, 'lengths')).toEqual(['61, 61, 61'])
  })

  it('without its key looks encrypted, with another one is not opened, and stays a label and a body', () => {
    for (const [keys, reason] of [
      [[], 'encrypted at 6'],
      [[K32], 'decrypt-failed at 6'],
    ] as const) {
      const closed = dumpPacket(fromHex(fullStackHex), { keys })
      expect(reasons(closed)).toEqual([reason])
      expect(closed.entries.map(({ name }) => name)).toEqual(['label', 'encrypted', 'nonce', 'ciphertext', 'tag'])
    }
  })
})

describe('packets', () => {
  it.each([
    [
      pingHex,
      [
        '0 ping',
        '2 Node "node2"',
        '13 SeqNo 42',
        '20 SourceAddr 10.0.0.1',
        '36 SourceNode "node1"',
        '53 SourcePort 7946',
      ],
    ],
    [ackHex, ['0 ack', '2 Payload nil', '11 SeqNo 42']],
    [nackHex, ['0 nack', '2 SeqNo 100']],
    [suspectHex, ['0 suspect', '2 From "node1"', '13 Incarnation 3', '26 Node "node2"']],
    [
      indirectPingHex,
      [
        '0 indirect ping',
        '2 Nack true',
        '8 Node "node2"',
        '19 Port 7946',
        '27 SeqNo 100',
        '34 SourceAddr 10.0.0.1',
        '50 SourceNode "node1"',
        '67 SourcePort 7946',
        '81 Target 10.0.0.2',
      ],
    ],
    // Wire spec 2.5 and 2.7.
    ['0cada372550868656c6c6f', ['0 checksum ada37255, correct', '5 user', '6 payload 5 bytes |hello|']],
    [
      '0702000200030861086263',
      [
        '0 compound 2 parts',
        '2 lengths 2, 3',
        '6 user part 1 of 2',
        '7 payload 1 byte |a|',
        '8 user part 2 of 2',
        '9 payload 2 bytes |bc|',
      ],
    ],
  ])('%s', (hex, expected) => {
    const dump = dumpPacket(fromHex(hex))
    expect(lines(dump)).toEqual(expected)
    expect(dump.problems).toEqual([])
  })

  it('show IPv6, IPv4 in 16 bytes, states, nil, empty and what is too short, each as what it is', () => {
    const mapped = aliveHex.replace('a40a000001', 'b000000000000000000000ffff0a000001')
    expect(values(dumpPacket(fromHex(mapped)), 'Addr')).toEqual(['10.0.0.1 (in 16 bytes)'])
    const six = aliveHex.replace('a40a000001', 'b020010db8000000000000000000000001')
    expect(values(dumpPacket(fromHex(six)), 'Addr')).toEqual(['2001:db8::1'])
    expect(values(dumpPacket(fromHex(aliveHex.replace('a40a000001', 'a30a0000'))), 'Addr')).toEqual([
      '3 bytes, no IP address',
    ])
    expect(values(dumpPacket(fromHex(aliveHex.replace('a44d657461c0', 'a44d657461a0'))), 'Meta')).toEqual(['empty'])
    expect(values(dumpPacket(fromHex(aliveHex.replace('a6010502000000', 'a3010502'))), 'Vsn')).toEqual([
      '3 bytes, too short: read as none',
    ])
    expect(values(dumpPacket(fromHex(aliveHex.replace('a6010502000000', 'c0'))), 'Vsn')).toEqual(['nil'])
    expect(values(dumpPacket(fromHex('0b81a55365714e6fc0')), 'SeqNo')).toEqual(['0 (nil)'])
  })

  it('show unknown fields, repeated ones, and bytes behind the message', () => {
    // `Zone` with an array, then SeqNo twice.
    const dump = dumpPacket(fromHex('0b83a45a6f6e65920102a55365714e6f01a55365714e6f02ffff'))
    expect(lines(dump)).toEqual([
      '0 nack',
      '2 "Zone" unknown, ignored (3 bytes of value)',
      '10 SeqNo 1',
      '17 SeqNo 2 (again: this one counts)',
      '24 behind it 2 bytes, ignored',
    ])
    expect(dump.problems).toEqual([])
  })

  it('show the checksum that would be right, and what stands behind a wrong one', () => {
    const dump = dumpPacket(fromHex('0cada372540868656c6c6f'))
    expect(values(dump, 'checksum')).toEqual(['ada37254, computed ada37255'])
    expect(values(dump, 'payload')).toEqual(['5 bytes |hello|'])
    expect(reasons(dump)).toEqual(['checksum-mismatch at 0'])
  })

  it('show the padding of version 0', () => {
    const dump = dumpPacket(fromHex(paddedAckHex), { keys: [K16] })
    expect(values(dump, 'encrypted')).toEqual(['version 0'])
    // 18 bytes, padded to 32.
    expect(values(dump, 'decrypted')).toEqual([
      `18 bytes by key 1 of 1 (sha256 ${sha256(K16)}…), 14 bytes of padding removed`,
    ])
    expect(values(dump, 'SeqNo')).toEqual(['42'])
  })

  it('expand snappy too', () => {
    // Wire spec 5.4.
    const dump = dumpPacket(fromHex('0982a4416c676f01a3427566a741040861fa0100'))
    expect(values(dump, 'Algo')).toEqual(['1 (snappy)'])
    expect(values(dump, 'payload')).toEqual([`64 bytes |${'a'.repeat(48)}|…`])
  })

  it('are read on behind a label that is not the one expected', () => {
    const dump = dumpPacket(concatBytes([labelHeader('test'), fromHex(ackHex)]), { label: 'prod', labelMode: 'strict' })
    expect(reasons(dump)).toEqual(['label-mismatch at 0'])
    expect(values(dump, 'SeqNo')).toEqual(['42'])
  })

  it('are plaintext where encryption is insisted on', () => {
    expect(reasons(dumpPacket(fromHex(ackHex), { keys: [K16] }))).toEqual(['not-encrypted at 0'])
    expect(values(dumpPacket(fromHex(ackHex), { keys: [K16] }), 'SeqNo')).toEqual(['42'])
    expect(dumpPacket(fromHex(ackHex), { keys: [K16], verifyIncoming: false }).problems).toEqual([])
  })

  it('authenticate the label they are told, not the one that came', () => {
    const sealed = concatBytes([labelHeader('old'), sealBody(fromHex(ackHex), K16, utf8('new'), 1, nonce)])
    expect(reasons(dumpPacket(sealed, { keys: [K16] }))).toEqual(['decrypt-failed at 5'])
    expect(dumpPacket(sealed, { keys: [K16], label: 'new' }).problems).toEqual([])
  })

  it('refuse keys of no length that there is', () => {
    expect(() => dumpPacket(fromHex(ackHex), { keys: [new Uint8Array(15)] })).toThrow(KeyringError)
    expect(() => dumpStream(fromHex(ackHex), { keys: [new Uint8Array(15)] })).toThrow(KeyringError)
  })
})

describe('packets that are wrong say where', () => {
  it.each([
    ['', 'empty at 0'],
    ['f4', 'label-malformed at 1'],
    ['f400', 'label-malformed at 1'],
    ['f40561', 'label-malformed at 3'],
    ['f40161', 'empty at 3'],
    ['63', 'unknown-type at 0'],
    ['f40470726f6463', 'unknown-type at 6'],
    ['0281a55365714e6fff', 'malformed at 8'],
    ['0281a55365714e6fcd01', 'truncated at 9'],
    ['02', 'truncated at 1'],
    ['0205', 'malformed at 1'],
    ['0702000200ff0861', 'compound-truncated at 8'],
    ['0702000200', 'truncated at 2'],
    ['07020000000108', 'empty at 6'],
    ['0982a4416c676f07a3427566a141', 'compression at 0'],
    [indirectPingHex.replace('a40a000002', 'c0'), 'malformed at 0'],
  ])('%s: %s', (hex, expected) => {
    const dump = dumpPacket(fromHex(hex))
    expect(reasons(dump)).toEqual([expected])
    expect(dump.problems[0]!.detail).toMatch(/^\S.*\S$/)
  })

  it('name the layer', () => {
    const dump = dumpPacket(compressWrapper(0, lzwLiterals(fromHex('0281a55365714e6fff'))))
    expect(dump.problems).toMatchObject([{ reason: 'malformed', layer: 'expanded', offset: 8 }])
  })

  it('tell layers apart', () => {
    const wrapped = compressWrapper(0, lzwLiterals(fromHex(ackHex)))
    const dump = dumpPacket(compound(wrapped, wrapped))
    expect(dump.problems).toEqual([])
    expect(new Set(dump.entries.map(({ layer }) => layer))).toEqual(new Set([undefined, 'expanded', 'expanded 2']))
  })
})
