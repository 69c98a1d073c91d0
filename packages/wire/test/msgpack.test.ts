// The acceptance matrix: what each Go type takes, in which encoding, and what it refuses.
import { fromHex, toHex } from '@hearsay/encoding'
import { encode } from '@msgpack/msgpack'
import { describe, expect, it } from 'vitest'
import { decodePacket, type PacketMessage } from '../src/index.ts'
import { ackHex, pingHex, utf8 } from './samples.ts'

const key = (name: string): string => toHex(Uint8Array.of(0xa0 | name.length, ...utf8(name)))
/** A message with one field, its value given in hex. */
const read = (type: string, name: string, value: string) => decodePacket(fromHex(`${type}81${key(name)}${value}`))
const dropped = { messages: [], drops: [{ reason: 'malformed' }] }

describe('a number of 32 bits', () => {
  const seqNo = (value: string) => read('0b', 'SeqNo', value)

  it.each([
    ['00', 0],
    ['7f', 127],
    ['cc80', 128],
    ['cd0001', 1],
    ['ceffffffff', 2 ** 32 - 1],
    ['cf0000000000000007', 7],
    ['cf00000000ffffffff', 2 ** 32 - 1],
    ['d07f', 127],
    ['d10080', 128],
    ['d27fffffff', 2 ** 31 - 1],
    ['d300000000ffffffff', 2 ** 32 - 1],
    ['c0', 0],
  ])('is read from %s', (value, expected) => {
    expect(seqNo(value).messages).toEqual([{ type: 'nack', seqNo: expected }])
  })

  it.each([
    ['a negative fixint', 'ff'],
    ['a negative int8', 'd0ff'],
    ['a negative int16', 'd1ffff'],
    ['a negative int32', 'd2ffffffff'],
    ['a negative int64', 'd3ffffffffffffffff'],
    ['33 bits', 'cf0000000100000000'],
    ['64 bits', 'cfffffffffffffffff'],
    ['a float', 'ca3f800000'],
    ['a double', 'cb3ff0000000000000'],
    ['text', 'a131'],
    ['true', 'c3'],
    ['a map', '80'],
    ['an array', '90'],
    ['the reserved byte', 'c1'],
  ])('is not read from %s', (_name, value) => {
    expect(seqNo(value)).toMatchObject(dropped)
  })

  it('is bounded by 16 bits where Go has a uint16', () => {
    expect(read('00', 'SourcePort', 'ce0000ffff').messages).toMatchObject([{ sourcePort: 65_535 }])
    expect(read('00', 'SourcePort', 'ce00010000')).toMatchObject(dropped)
  })
})

describe('text', () => {
  const node = (value: string) => read('00', 'Node', value)

  it.each([
    ['raw', 'a16e', 'n'],
    ['raw16', 'da00016e', 'n'],
    ['raw32', 'db000000016e', 'n'],
    ['str8', 'd9016e', 'n'],
    ['bin8', 'c4016e', 'n'],
    ['bin16', 'c500016e', 'n'],
    ['bin32', 'c6000000016e', 'n'],
    ['nil', 'c0', ''],
    ['an array of bytes', '926ecc6f', 'no'],
    ['bytes that are no UTF-8', 'a2c0a8', '\udcc0\udca8'],
  ])('is read from %s', (_name, value, expected) => {
    expect(node(value).messages).toMatchObject([{ type: 'ping', node: expected }])
  })

  it.each([
    ['an integer', '01'],
    ['false', 'c2'],
    ['a map', '80'],
    ['an array of more than bytes', '91cd0100'],
  ])('is not read from %s', (_name, value) => {
    expect(node(value)).toMatchObject(dropped)
  })
})

describe('a byte field', () => {
  const payload = (value: string) => read('02', 'Payload', value)

  it.each([
    ['raw', 'a2c0ff', 'c0ff'],
    ['raw16', 'da0002c0ff', 'c0ff'],
    ['raw32', 'db00000002c0ff', 'c0ff'],
    ['str8', 'd902c0ff', 'c0ff'],
    ['bin8', 'c402c0ff', 'c0ff'],
    ['bin16', 'c50002c0ff', 'c0ff'],
    ['bin32', 'c600000002c0ff', 'c0ff'],
    ['an array', '92ccc0ccff', 'c0ff'],
    ['a long array', 'dc000101', '01'],
    ['a very long array', 'dd0000000101', '01'],
    ['an empty string', 'a0', ''],
  ])('is read from %s', (_name, value, expected) => {
    const [message] = payload(value).messages
    expect(message?.type === 'ack' && message.payload && toHex(message.payload)).toBe(expected)
  })

  it('is null where nil came', () => {
    expect(payload('c0').messages).toEqual([{ type: 'ack', seqNo: 0, payload: null }])
  })

  it.each(['01', 'c3', '91cd0100', '91ff'])('is not read from %s', (value) => {
    expect(payload(value)).toMatchObject(dropped)
  })

  it.each(['dbffffffff00', 'ddffffffff00', 'c6ffffffff00'])(
    'of a length that never came (%s) costs nothing',
    (value) => {
      expect(payload(value)).toMatchObject({ messages: [], drops: [{ reason: 'truncated' }] })
    },
  )
})

describe('a boolean', () => {
  it.each([
    ['c3', true],
    ['01', true],
    ['c2', false],
    ['00', false],
    ['c0', false],
  ])('is read from %s', (value, nack) => {
    const packet = decodePacket(fromHex(`0182${key('Target')}a40a000001${key('Nack')}${value}`))
    expect(packet.messages).toMatchObject([{ type: 'indirect-ping', nack }])
  })

  it.each(['02', 'ff', 'cc01', 'a0', 'cb3ff0000000000000'])('is not read from %s', (value) => {
    expect(decodePacket(fromHex(`0182${key('Target')}a40a000001${key('Nack')}${value}`))).toMatchObject(dropped)
  })
})

describe('a body', () => {
  const zero = { type: 'nack', seqNo: 0 }
  const seven = { type: 'nack', seqNo: 7 }
  const field = `${key('SeqNo')}07`

  it.each<readonly [string, string, PacketMessage | typeof zero]>([
    ['a map with a 16-bit count', `0bde0001${field}`, seven],
    ['a map with a 32-bit count', `0bdf00000001${field}`, seven],
    ['an empty map', '0b80', zero],
    ['nil', '0bc0', zero],
    ['a key in str8', '0b81d9055365714e6f07', seven],
    ['a key in bin8', '0b81c4055365714e6f07', seven],
    ['bytes behind it', `0b81${field}ffff`, seven],
    ['a field twice, of which the last counts', `0b82${key('SeqNo')}05${field}`, seven],
    ['a key in other letters', `0b82a57365716e6f05${field}`, seven],
    ['an unknown scalar', `0b82a178cb3ff0000000000000${field}`, seven],
    ['an unknown map of maps', `0b82a17881c081a161c2${field}`, seven],
    ['an unknown array', `0b82a178dc0003c0a161c3${field}`, seven],
    ['an unknown extension', `0b82a178c7020501ff${field}`, seven],
    ['an unknown fixed extension', `0b82a178d80100112233445566778899aabbccddeeff${field}`, seven],
    ['a time of 8 bytes', `0b82a178d7ff0011223344556677${field}`, seven],
  ])('may be or have %s', (_name, hex, message) => {
    expect({ ...decodePacket(fromHex(hex)) }).toEqual({ messages: [message], drops: [] })
  })

  it.each([
    ['an integer', '0b07', 'malformed'],
    ['text', '0ba0', 'malformed'],
    ['a key that is an integer', '0b810507', 'malformed'],
    ['a key that is empty', '0b81a007', 'malformed'],
    ['a key that is nil', '0b81c007', 'malformed'],
    ['the reserved byte in an unknown field', `0b82a178c1${key('SeqNo')}07`, 'malformed'],
    ['a time of 1 byte', `0b82a178d4ff00${key('SeqNo')}07`, 'malformed'],
    ['fewer entries than it says', `0b82${key('SeqNo')}07`, 'truncated'],
    ['an unknown array that never came', '0b81a178ddffffffff', 'truncated'],
  ])('may not be or have %s', (_name, hex, reason) => {
    expect(decodePacket(fromHex(hex))).toMatchObject({ messages: [], drops: [{ reason }] })
  })

  it('may nest 1,022 arrays in an unknown field and not 1,023', () => {
    const nested = (depth: number) => decodePacket(fromHex(`0b82a178${'91'.repeat(depth)}c0${field}`))
    expect(nested(1022).messages).toEqual([seven])
    expect(nested(1023)).toMatchObject({ messages: [], drops: [{ reason: 'too-deep' }] })
  })

  it('is read from what another MessagePack library writes, str8 and bin included', () => {
    const node = 'n'.repeat(40)
    const bytes = encode({
      SeqNo: 70_000,
      Node: node,
      SourceAddr: Uint8Array.of(192, 168, 1, 10),
      SourcePort: 200,
      Extra: [{ a: 1 }],
    })
    expect(decodePacket(Uint8Array.of(0, ...bytes)).messages).toEqual([
      {
        type: 'ping',
        seqNo: 70_000,
        node,
        sourceAddress: Uint8Array.of(192, 168, 1, 10),
        sourcePort: 200,
        sourceNode: '',
      },
    ])
  })

  it('reads fields in any order', () => {
    const swapped = `0282${ackHex.slice(-14)}${ackHex.slice(4, -14)}`
    expect(decodePacket(fromHex(swapped)).messages).toEqual([{ type: 'ack', seqNo: 42, payload: null }])
    expect(decodePacket(fromHex(pingHex)).drops).toEqual([])
  })
})
