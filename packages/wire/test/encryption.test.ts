// Goal: what is encrypted is what Go encrypts, byte for byte, and nothing opens that should not. Method: the vectors of
// the wire spec (appendix B), recorded from Go with a fixed nonce; then every way to spoil one.

import { fromHex, toHex } from '@hearsay/encoding'
import { describe, expect, it } from 'vitest'
import {
  type Encryption,
  encodeStreamMessage,
  Keyring,
  MAX_FRAME_BYTES,
  openBody,
  openPacket,
  type Ping,
  StreamReader,
  type StreamResult,
  sealBody,
  sealPacket,
} from '../src/index.ts'
import { expectSameBytes } from './same-bytes.ts'
import { listed } from './samples.ts'

const nonce = fromHex('a0a1a2a3a4a5a6a7a8a9aaab')
const keyOf = (bytes: number): Uint8Array => Uint8Array.from({ length: bytes }, (_, index) => index)
const k16 = keyOf(16)
const ackHex = '0282a75061796c6f6164c0a55365714e6f2a'
const text = (value: string): Uint8Array => new TextEncoder().encode(value)
const noBytes = new Uint8Array(0)
const fixed = (version: 0 | 1 = 1): Encryption => ({ keyring: new Keyring([k16]), version, nonce: () => nonce })

const bodies: [keyBytes: number, version: 0 | 1, label: string, hex: string][] = [
  [16, 1, '', '01a0a1a2a3a4a5a6a7a8a9aaaba8049feb1ff05f65eb1c75a51577c12e3cc457a2c2e45d3ee55285ee1f3de83571bd'],
  [16, 1, 'prod', '01a0a1a2a3a4a5a6a7a8a9aaaba8049feb1ff05f65eb1c75a51577c12e3cc46a5af2b24ca4194403ebef05910b412a'],
  [
    16,
    0,
    '',
    '00a0a1a2a3a4a5a6a7a8a9aaaba8049feb1ff05f65eb1c75a51577c12e3cc42d068d1933a12b1e7f954c8381a6dab2498476481a22519d932002ddf380',
  ],
  [
    16,
    0,
    'prod',
    '00a0a1a2a3a4a5a6a7a8a9aaaba8049feb1ff05f65eb1c75a51577c12e3cc42d068d1933a12b1e7f954c8381a6e74a79d267d2e634d79863187be3c317',
  ],
  [24, 1, '', '01a0a1a2a3a4a5a6a7a8a9aaab39e01932982a741c9f517f64bcb88537fb3d55b5bdf2ba23081d5fc7f07109de75af'],
  [24, 1, 'prod', '01a0a1a2a3a4a5a6a7a8a9aaab39e01932982a741c9f517f64bcb88537fb3d5a2d4cf57a32c5a7ef4a554d76461792'],
  [32, 1, '', '01a0a1a2a3a4a5a6a7a8a9aaabe49adb7d24b26ed003014776541fb1901f868c95e1c290ed8122c07cdd9033ae20be'],
  [32, 1, 'prod', '01a0a1a2a3a4a5a6a7a8a9aaabe49adb7d24b26ed003014776541fb1901f8647f013091b20341cee2ee9bf821fc331'],
  [
    32,
    0,
    'prod',
    '00a0a1a2a3a4a5a6a7a8a9aaabe49adb7d24b26ed003014776541fb1901f86571e9cb94c629200288871a57b0fde4f7d6d1c7aaede0ec613f4543d1ced',
  ],
]

describe('an encrypted body', () => {
  it.each(bodies)(
    'with a key of %i bytes, version %i, label "%s" is as Go makes it',
    (keyBytes, version, label, hex) => {
      const key = keyOf(keyBytes)
      expect(toHex(sealBody(fromHex(ackHex), key, text(label), version, nonce))).toBe(hex)
      expect(toHex(openBody(fromHex(hex), [key], text(label))!)).toBe(ackHex)
    },
  )

  it('of whole blocks gets another block of padding in version 0', () => {
    const plaintext = '0082a44e6f6465a162a55365714e6f01'
    const hex =
      '00a0a1a2a3a4a5a6a7a8a9aaabaa049cf511ed56abe8dde665375cdf6143fe331893072dbf3500618b529d9fb8b6a15defdee9fdfd2c2201915ede88e6'
    expect(toHex(sealBody(fromHex(plaintext), k16, noBytes, 0, nonce))).toBe(hex)
    expect(toHex(openBody(fromHex(hex), [k16], noBytes)!)).toBe(plaintext)
  })

  it('is opened by whichever key made it, and by no other', () => {
    const keys = [keyOf(32), keyOf(24), k16]
    const body = sealBody(fromHex(ackHex), k16, noBytes, 1, nonce)
    expect(toHex(openBody(body, keys, noBytes)!)).toBe(ackHex)
    expect(openBody(body, keys.slice(0, 2), noBytes)).toBeUndefined()
    // Whichever opened the last one: another key, the same again, and none.
    const other = sealBody(fromHex(ackHex), keyOf(24), noBytes, 1, nonce)
    for (const each of [other, body, body, other]) expect(toHex(openBody(each, keys, noBytes)!)).toBe(ackHex)
    expect(openBody(other, [keyOf(32), k16], noBytes)).toBeUndefined()
    expect(openBody(body, [], noBytes)).toBeUndefined()
  })

  // Nothing authenticates the version byte (wire spec 2.4), so flips begin behind it.
  it.each([0, 1] as const)('of version %i does not open spoiled, cut, or under another label', (version) => {
    const body = sealBody(fromHex(ackHex), k16, text('prod'), version, nonce)
    for (let bit = 8; bit < 8 * body.length; bit++) {
      const spoiled = body.slice()
      spoiled[bit >> 3]! ^= 1 << (bit & 7)
      expect(openBody(spoiled, [k16], text('prod'))).toBeUndefined()
    }
    for (let length = 0; length < body.length; length++)
      expect(openBody(body.subarray(0, length), [k16], text('prod'))).toBeUndefined()
    expect(openBody(body, [k16], text('prov'))).toBeUndefined()
    expect(openBody(Uint8Array.from([2, ...body.subarray(1)]), [k16], text('prod'))).toBeUndefined()
  })

  it('of version 0 whose padding would reach beyond it is refused, where Go crashes', () => {
    const padded = (count: number): Uint8Array | undefined => {
      const body = sealBody(new Uint8Array(32).fill(count), k16, noBytes, 1, nonce)
      body[0] = 0
      return openBody(body, [k16], noBytes)
    }
    expect(padded(33)).toBeUndefined()
    expect(padded(255)).toBeUndefined()
    expect(padded(32)).toHaveLength(0)
    expect(padded(17)).toHaveLength(15)
    expect(padded(0)).toHaveLength(32)
  })
})

describe('an encrypted packet', () => {
  const strict = { label: 'prod', labelMode: 'strict' } as const
  const sealed = sealPacket(fromHex(ackHex), { label: 'prod', encryption: fixed() })

  it('stands behind its label, which is authenticated too', () => {
    expect(toHex(sealed)).toBe(`f40470726f64${bodies[1]![3]}`)
    expect(openPacket(sealed, { ...strict, encryption: fixed() })).toMatchObject({ ok: true })
  })

  it.each([
    [
      'a label and a checksum',
      'f40470726f6401a0a1a2a3a4a5a6a7a8a9aaaba66b2ccae48bb1adda19cc6c2973d4a0f6bd4679cd78178249f601f9aeae84f9321d2c9a194791',
    ],
    [
      'everything there is',
      'f40470726f6401a0a1a2a3a4a5a6a7a8a9aaaba6418643fd80b1aecb14d26f46b1f21535342385831831aff59351da400bc7adbbe0033f26efec6d7b867700624339a260d0eddad50c0ded26ac1a6bf6631c54d65e7b464293b7a7490b2b12e5b8062795be5f8dd32dfac23b5b2839bb792c14ce3b5f58b877f3ded6a961561d70bfe293cc9d580d3df4e1be64da601f3b1df8c1f695846c16b6e727ad84e16435d92157fcbe1bd513610a07c6fbe300562fbec5f36b19321b4720b3b0d2196abe93da56',
    ],
  ])('from Go, with %s, opens', (_name, hex) => {
    expect(openPacket(fromHex(hex), { ...strict, encryption: fixed() })).toMatchObject({ ok: true })
    expect(openPacket(fromHex(hex), { ...strict, encryption: { keyring: new Keyring([keyOf(32)]) } })).toMatchObject({
      ok: false,
      drop: { reason: 'decrypt-failed', offset: 6 },
    })
  })

  it('gives plain bytes, encrypted or not: a slice of them is a copy, and does not hold the packet', () => {
    for (const encryption of [fixed(), { keyring: new Keyring() }]) {
      const opened = openPacket(Buffer.from(sealPacket(fromHex(ackHex), { label: 'prod', encryption })), {
        ...strict,
        encryption,
      })
      if (!opened.ok) throw new Error(opened.drop.detail)
      expect(opened.payload.constructor).toBe(Uint8Array)
      expect(opened.payload.slice(2).buffer.byteLength).toBe(opened.payload.length - 2)
    }
  })

  it('has a nonce of its own each time', () => {
    const encryption = { keyring: new Keyring([k16]) }
    const packets = Array.from({ length: 600 }, () => sealPacket(noBytes, { label: '', encryption }))
    expect(new Set(packets.map((packet) => toHex(packet.subarray(1, 13)))).size).toBe(600)
  })

  it.each([
    [true, 'not-encrypted'],
    [false, undefined],
  ])('is insisted on, or not, when verifyIncoming is %s', (verifyIncoming, reason) => {
    const encryption = { ...fixed(), verifyIncoming }
    const opened = openPacket(fromHex(ackHex), { label: '', labelMode: 'strict', encryption })
    expect(opened.ok ? undefined : opened.drop.reason).toBe(reason)
  })

  it('is not made with verifyOutgoing off, or without a key', () => {
    for (const encryption of [{ ...fixed(), verifyOutgoing: false }, { keyring: new Keyring() }])
      expect(toHex(sealPacket(fromHex(ackHex), { label: '', encryption }))).toBe(ackHex)
  })

  it('is called encrypted where no key is installed', () => {
    const packet = sealPacket(fromHex(ackHex), { label: '', encryption: fixed() })
    expect(openPacket(packet, { label: '', labelMode: 'strict' })).toMatchObject({ drop: { reason: 'encrypted' } })
  })
})

const ping: Ping = {
  type: 'ping',
  seqNo: 42,
  node: 'node2',
  sourceAddress: Uint8Array.of(10, 0, 0, 1),
  sourcePort: 7946,
  sourceNode: 'node1',
}
const ack = { type: 'ack', seqNo: 42, payload: null } as const
const frames: [type: 'ping' | 'ack', version: 0 | 1, label: string, hex: string][] = [
  [
    'ping',
    1,
    'prod',
    '0a0000006001a0a1a2a3a4a5a6a7a8a9aaabaa039cf511ed56afe417d16574b7e30522a04c22294452da577314da26e9fd0c90a34530a5b983180dbd878ac0bf6c75d23b282c022bc582f744edafb50a76093c2eb9eb3546a8f3f3a3fd4898ef18cff7c133',
  ],
  [
    'ping',
    0,
    'prod',
    '0a0000006d00a0a1a2a3a4a5a6a7a8a9aaabaa039cf511ed56afe417d16574b7e30522a04c22294452da577314da26e9fd0c90a34530a5b983180dbd878ac0bf6c75d23b282c022bc582f744edafb50a76093c2eb9df667b9ccfdd1e82bf5424488dd70b1ad173f507d24de770b221fe6a99',
  ],
  [
    'ack',
    1,
    'prod',
    '0a0000002f01a0a1a2a3a4a5a6a7a8a9aaaba8049feb1ff05f65eb1c75a51577c12e3cc43f9023833ad556df479c60b420cc9716',
  ],
  [
    'ack',
    1,
    '',
    '0a0000002f01a0a1a2a3a4a5a6a7a8a9aaaba8049feb1ff05f65eb1c75a51577c12e3cc4eec2d6779ab2ee4a0e59e890ef19fd87',
  ],
]

describe('an encrypted frame', () => {
  // Whatever label a request brings is taken here: what is looked at is the one that is authenticated.
  const reader = (role: 'acceptor' | 'initiator', label: string, encryption: Encryption = fixed()): StreamReader =>
    new StreamReader({ role, label, labelMode: 'ignore', encryption })
  const read = (bytes: Uint8Array, as: StreamReader, ended = false): StreamResult => {
    for (const byte of bytes) {
      as.push(Uint8Array.of(byte))
      as.next()
    }
    if (ended) as.end()
    return as.next()
  }

  it.each(frames)('with a(n) %s, version %i, label "%s" is as Go makes it', (type, version, label, hex) => {
    const message = type === 'ping' ? ping : ack
    const frame = encodeStreamMessage(message, { compression: 'none', label, encryption: fixed(version) })
    expectSameBytes(frame, hex, { kind: type === 'ping' ? 'request' : 'reply', label, keys: [k16] })
    const role = type === 'ping' ? 'acceptor' : 'initiator'
    expect(read(fromHex(hex), reader(role, label))).toMatchObject({ kind: 'message', message: { type, seqNo: 42 } })
  })

  it('with a compressed push/pull, as a joining Go member sends it, is read', () => {
    const hex =
      'f40470726f640a000000c301a0a1a2a3a4a5a6a7a8a9aaaba3049cfa12ee5c0a293ac0669c1227605ee201ad675a2798e65a48e2012b43b49b0feffd26c98b67e2ee960e9ff2ea767c751e08fb1107aec8378ecae433210cc2173fce5c6e427ea1000fe6ca1b5201ddcb48883278d9cf098da079a0b217797271034c61a9fc7a3061f62ccc025dfbb19a56c42a8975a7b74f9dab98aeb979116fefcf7d0b362eef7e54520510d443f3473358ae0b1022bfc75f9851fd88fc6020098d9043e16b24b26593088dc06290094126b66d'
    const strict = new StreamReader({ role: 'acceptor', label: 'prod', labelMode: 'strict', encryption: fixed() })
    expect(listed(read(fromHex(hex), strict))).toMatchObject({
      kind: 'message',
      message: { type: 'push-pull', join: true, nodes: [{ name: 'node1' }, { name: 'node2', state: 3 }] },
    })
  })

  const frame = encodeStreamMessage(ack, { compression: 'none', label: 'prod', encryption: fixed() })
  const around = (plaintext: Uint8Array): Uint8Array => {
    const header = Uint8Array.of(10, 0, 0, 0, 29 + plaintext.length)
    return Uint8Array.from([...header, ...sealBody(plaintext, k16, header, 1, nonce)])
  }

  it.each<[string, Uint8Array, string, Encryption, string]>([
    ['of another key', frame, 'prod', { keyring: new Keyring([keyOf(32)]) }, 'decrypt-failed'],
    ['under another label', frame, 'prov', fixed(), 'decrypt-failed'],
    ['where no key is installed', frame, 'prod', { keyring: new Keyring() }, 'encrypted'],
    ['that claims more than the bound', fromHex('0a01400001'), '', fixed(), 'too-large'],
    ['too short for any body', fromHex('0a0000000100'), '', fixed(), 'decrypt-failed'],
    ['around nothing, where Go crashes', around(noBytes), '', fixed(), 'empty'],
    ['around a compressed nothing', around(fromHex('0982a4416c676f00a3427566a3000302')), '', fixed(), 'empty'],
    ['around an unknown compression', around(fromHex('0982a4416c676f07a3427566a3000302')), '', fixed(), 'compression'],
    ['that is none, where one is insisted on', fromHex(ackHex), '', fixed(), 'not-encrypted'],
  ])('%s is answered with an error', (_name, bytes, label, encryption, reason) => {
    const result = read(bytes, reader('acceptor', label, encryption))
    expect(result).toMatchObject({ kind: 'failed', drop: { reason }, reply: expect.any(String) })
  })

  it.each<[string, Uint8Array, string, string]>([
    ['cut short', frame.subarray(0, 40), 'prod', 'truncated'],
    ['around another frame', around(around(noBytes)), '', 'unknown-type'],
    ['around a compression cut short', around(fromHex('0982a4416c676f00a3427566a300')), '', 'truncated'],
    ['around half a message', around(fromHex('0682a4')), '', 'truncated'],
  ])('%s closes the stream without a word', (_name, bytes, label, reason) => {
    const result = read(bytes, reader('acceptor', label), true)
    expect(result).toMatchObject({ kind: 'failed', drop: { reason }, reply: undefined })
  })

  it('is not a packet, nor a packet a frame: what is authenticated beside them differs', () => {
    const packet = sealPacket(fromHex(ackHex), { label: '', encryption: fixed() })
    const header = Uint8Array.of(10, 0, 0, 0, packet.length)
    const result = read(Uint8Array.from([...header, ...packet]), reader('initiator', ''))
    expect(result).toMatchObject({ drop: { reason: 'decrypt-failed' } })
    expect(openBody(frame.subarray(5), [k16], text('prod'))).toBeUndefined()
  })

  it('is awaited as long as it is within the bound', () => {
    const header = new Uint8Array(5)
    header[0] = 10
    new DataView(header.buffer).setUint32(1, MAX_FRAME_BYTES)
    expect(read(header, reader('acceptor', ''))).toEqual({ kind: 'need-more' })
  })
})
