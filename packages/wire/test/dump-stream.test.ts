// Goal: a dump says what stands where on streams and in dskit's framing, and stays bounded. Method: the vectors of the wire
// spec, with the values the spec gives for them; and bytes that are wrong in known places.
import { createHash } from 'node:crypto'
import { concatBytes, fromHex, toHex } from '@hearsay/encoding'
import { describe, expect, it } from 'vitest'
import { dumpPacket, dumpStream, MAX_DUMP_ENTRIES } from '../src/dump/index.ts'
import { encodeStreamMessage, MAX_WRAPPER_DEPTH, type NodeState, sealBody } from '../src/index.ts'
import { ackReplyHex, K16, lines, named, nonce, pushPullStreamHex, reasons, sha256, values } from './dump-samples.ts'
import { ackHex, compound, compressWrapper, lzwLiterals, pushPullHex, utf8 } from './samples.ts'

describe('streams', () => {
  it('show label, frame, what is authenticated, compression and all of a push/pull', () => {
    const dump = dumpStream(fromHex(pushPullStreamHex), { keys: [K16] })
    expect(dump.problems).toEqual([])
    expect(lines(dump)).toEqual([
      '0 label "prod"',
      '6 frame encrypted, 195 bytes',
      '11 authenticated beside it these 5 bytes and the label "prod"',
      '11 encrypted version 1',
      '12 nonce',
      '24 ciphertext 166 bytes',
      '190 tag',
      `decrypted 0 decrypted 166 bytes by key 1 of 1 (sha256 ${sha256(K16)}…)`,
      'decrypted 0 compress',
      'decrypted 2 Algo 0 (LZW)',
      'decrypted 8 Buf 151 bytes',
      'expanded 0 expanded 172 bytes, 1.14 times the 151 bytes',
      ...lines(dumpStream(fromHex(pushPullHex))).map((line) => `expanded ${line}`),
    ])
  })

  it('show header, nodes and user state', () => {
    // Wire spec 1.6.12.
    const dump = dumpStream(fromHex(pushPullHex))
    expect(dump.problems).toEqual([])
    expect(values(dump, 'Join')).toEqual(['true'])
    expect(values(dump, 'Nodes')).toEqual(['2'])
    expect(values(dump, 'UserStateLen')).toEqual(['5'])
    expect(values(dump, 'node')).toEqual(['1 of 2', '2 of 2'])
    expect(values(dump, 'Name')).toEqual(['"node1"', '"node2"'])
    expect(values(dump, 'Addr')).toEqual(['10.0.0.1', '10.0.0.2'])
    expect(values(dump, 'Incarnation')).toEqual(['1', '9'])
    expect(values(dump, 'Meta')).toEqual(['nil', '4 bytes |meta|'])
    expect(values(dump, 'State')).toEqual(['0 (alive)', '3 (left)'])
    expect(values(dump, 'user state')).toEqual(['5 bytes |state|'])
    expect(named(dump, 'push/pull')[0]).toMatchObject({ offset: 0, sizeBytes: 172, depth: 0 })
  })

  it('that answer have no label in front, and one beside what is encrypted', () => {
    const bytes = fromHex(ackReplyHex)
    const dump = dumpStream(bytes, { role: 'initiator', keys: [K16], label: 'prod' })
    expect(dump.problems).toEqual([])
    expect(values(dump, 'SeqNo')).toEqual(['42'])
    expect(reasons(dumpStream(bytes, { role: 'initiator', keys: [K16] }))).toEqual(['decrypt-failed at 0'])
    expect(reasons(dumpStream(bytes, { role: 'initiator' }))).toEqual(['encrypted at 0'])
    expect(reasons(dumpStream(fromHex('f40470726f64'), { role: 'initiator' }))).toEqual(['unknown-type at 0'])
  })

  it('show user messages, errors, and what nobody reads', () => {
    const user = dumpStream(fromHex('0881aa557365724d73674c656e03616263ffff'))
    expect(lines(user)).toEqual([
      '0 user',
      '2 UserMsgLen 3',
      '14 payload 3 bytes |abc|',
      '17 behind it 2 bytes, not read',
    ])
    const error = encodeStreamMessage({ type: 'error', error: 'no such key' }, { compression: 'none' })
    expect(values(dumpStream(error, { role: 'initiator' }), 'Error')).toEqual(['"no such key"'])
  })

  it.each([
    ['', 'empty at 0'],
    ['f40470', 'label-malformed at 3'],
    ['f400', 'label-malformed at 1'],
    ['f40470726f64', 'truncated at 6'],
    [ackHex, 'unknown-type at 0'],
    ['0881aa557365724d73674c656e036162', 'truncated at 16'],
    ['0881aa557365724d73674c656eff', 'too-large at 0'],
    ['0881aa557365724d73674c656ed201400001', 'too-large at 0'],
    [pushPullHex.slice(0, -2), 'truncated at 171'],
    [pushPullHex.replace('4e6f64657302', '4e6f646573ff'), 'too-large at 0'],
    [pushPullHex.replace('4c656e05', '4c656eff'), 'too-large at 167'],
    ['0982a4416c676f00a3427566a3000302', 'empty at 0'],
  ])('that are wrong say where: %s: %s', (hex, expected) => {
    expect(reasons(dumpStream(fromHex(hex)))).toEqual([expected])
  })

  it('are not waited for beyond what their small messages may take', () => {
    // A name and an entry's meta of 2^21 bytes, of which one is missing.
    const long = concatBytes([fromHex('db00200000'), new Uint8Array(2 ** 21 - 1)])
    const ping = concatBytes([fromHex('0081a44e6f6465'), long])
    expect(reasons(dumpStream(ping))).toEqual(['too-large at 0'])
    const header = fromHex('0683a44a6f696ec2a54e6f64657301ac5573657253746174654c656e00')
    const entry = concatBytes([header, fromHex('81a44d657461'), long])
    expect(reasons(dumpStream(entry))).toEqual([`too-large at ${header.length}`])
  })

  it('stop at frames that are too large, empty or cut short', () => {
    const empty = sealBody(new Uint8Array(0), K16, fromHex('0a0000001d'), 1, nonce)
    const open = (hex: string) => reasons(dumpStream(fromHex(hex), { keys: [K16] }))
    expect(open(`0a0000001d${toHex(empty)}`)).toEqual(['empty at 0'])
    expect(open('0a01400001ffff')).toEqual(['too-large at 0'])
    expect(open('0a000000ff01')).toEqual(['truncated at 6'])
    expect(open('0a0000')).toEqual(['truncated at 3'])
    expect(reasons(dumpStream(fromHex('0a000000')))).toEqual(['encrypted at 0', 'truncated at 4'])
    expect(open(pushPullHex)).toEqual(['not-encrypted at 0'])
  })
})

describe("dskit's framing", () => {
  // Wire spec, Appendix C.
  const md5 = (bytes: Uint8Array) => createHash('md5').update(bytes).digest()
  const address = utf8('10.0.0.1:7946')
  const packet = fromHex(ackHex)
  const frame = concatBytes([Uint8Array.of(1, address.length), address, packet, md5(packet)])

  it('around a packet', () => {
    const dump = dumpPacket(frame, { framing: 'dskit' })
    expect(dump.problems).toEqual([])
    expect(lines(dump)).toEqual([
      '0 connection packet',
      '1 from "10.0.0.1:7946"',
      '15 ack',
      '17 Payload nil',
      '26 SeqNo 42',
      `33 MD5 ${toHex(md5(packet))}, correct`,
    ])
  })

  it('with a wrong digest shows both, and the packet', () => {
    const broken = frame.slice()
    broken[32]! ^= 1
    const dump = dumpPacket(broken, { framing: 'dskit' })
    expect(reasons(dump)).toEqual(['digest-mismatch at 33'])
    expect(values(dump, 'SeqNo')).toEqual(['43'])
    const computed = toHex(md5(broken.subarray(15, 33)))
    expect(values(dump, 'MD5')).toEqual([`${toHex(md5(packet))}, computed ${computed}`])
  })

  it('around a stream, but not around its answer', () => {
    const stream = dumpStream(concatBytes([Uint8Array.of(2), fromHex(pushPullHex)]), { framing: 'dskit' })
    expect(stream.problems).toEqual([])
    expect(lines(stream).slice(0, 2)).toEqual(['0 connection stream', '1 push/pull'])
    expect(dumpStream(packet, { framing: 'dskit', role: 'initiator' }).problems).toEqual([])
  })

  it.each([
    ['', 'frame-malformed at 0'],
    ['03', 'frame-malformed at 0'],
    ['01', 'frame-malformed at 1'],
    ['0105', 'frame-malformed at 1'],
    [`010141${ackHex}`, 'frame-malformed at 1'],
    [`010c${toHex(utf8('10.0.0.1:794'))}00`, 'frame-malformed at 14'],
  ])('that is wrong says where: %s', (hex, expected) => {
    expect(reasons(dumpPacket(fromHex(hex), { framing: 'dskit' }))[0]).toBe(expected)
  })
})

describe('a dump is bounded', () => {
  it('in nesting', () => {
    let nested = fromHex(ackHex)
    for (let depth = 0; depth < MAX_WRAPPER_DEPTH; depth++) nested = compound(nested)
    expect(dumpPacket(nested).problems).toEqual([])
    expect(dumpPacket(compound(nested)).problems).toMatchObject([{ reason: 'too-deep' }])
  })

  it('in what it expands, over all of a packet', () => {
    const wrapped = compressWrapper(0, lzwLiterals(concatBytes([Uint8Array.of(8), new Uint8Array(99)])))
    const packet = compound(wrapped, wrapped)
    expect(dumpPacket(packet, { maxDecompressedBytes: 200 }).problems).toEqual([])
    expect(dumpPacket(packet, { maxDecompressedBytes: 199 }).problems).toMatchObject([{ reason: 'too-large' }])
    expect(
      dumpStream(compressWrapper(0, lzwLiterals(fromHex(pushPullHex))), { maxDecompressedBytes: 171 }).problems,
    ).toMatchObject([{ reason: 'too-large' }])
  })

  it('in entries, and finds problems behind the last one', () => {
    const node: NodeState = { name: 'n', address: null, port: 1, meta: null, incarnation: 1, state: 0, versions: null }
    const nodes = Array.from({ length: 3000 }, () => node)
    const message = { type: 'push-pull', join: false, nodes, userState: utf8('state') } as const
    const stream = encodeStreamMessage(message, { compression: 'none' })
    const dump = dumpStream(stream)
    expect(dump.entries.length).toBe(MAX_DUMP_ENTRIES)
    // A title and seven fields for each node; before them a title and three fields, behind them the state.
    expect(dump.omittedEntries).toBe(8 * 3000 + 5 - MAX_DUMP_ENTRIES)
    expect(dump.problems).toEqual([])
    expect(reasons(dumpStream(stream.subarray(0, -1)))).toEqual([`truncated at ${stream.length - 1}`])
  })
})
