// Goal: every byte of a ring is the one that Go writes and reads. Method: the vectors of ring spec 1.7 and of kv spec
// 2.9, which came from the real library; then properties; then garbage.
import { DecodeError } from '@hearsay/encoding'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  decodeInstance,
  decodeRing,
  decodeRingMessage,
  encodeInstance,
  encodeRing,
  encodeRingMessage,
  InstanceDesc,
  InstanceState,
  MAX_RING_INSTANCES,
  RingDesc,
} from '../src/index.ts'
import { anyRing, I, plain, ring } from './rings.ts'

const hex = (text: string): Uint8Array => Uint8Array.from(Buffer.from(text.replace(/\s+/g, ''), 'hex'))
const bytes = (...parts: (Uint8Array | readonly number[])[]): Uint8Array =>
  Uint8Array.from(parts.flatMap((p) => [...p]))

const message = hex(`0a47 0a0a696e6765737465722d30 1239
  0a0d31302e302e302e313a39303935 1080e2cfaa06 320801ac02ffffffff0f 3a067a6f6e652d61 4098dacfaa06 4a0a696e6765737465722d30`)

const ingester0 = {
  addr: '10.0.0.1:9095',
  timestamp: 1700000000,
  state: InstanceState.ACTIVE,
  tokens: [1, 300, 4294967295],
  zone: 'zone-a',
  registeredTimestamp: 1699999000,
  id: 'ingester-0',
}

describe('the worked examples of ring spec 1.7', () => {
  it('reads the 73 bytes and writes them again', () => {
    expect(message).toHaveLength(73)
    const decoded = decodeRingMessage(message)
    expect(plain(decoded)).toEqual({
      'ingester-0': { ...ingester0, readOnly: false, readOnlyUpdatedTimestamp: 0, unknown: [], versions: [] },
    })
    expect(encodeRingMessage(decoded)).toEqual(message)
    expect(encodeRingMessage(ring({ 'ingester-0': new InstanceDesc(ingester0) }))).toEqual(message)
  })

  it('reads both blocks of snappy: literals only, and with a copy', () => {
    const literal = bytes([0x49, 0xf0, 0x48], message)
    const copied = bytes([0x49, 0xf0, 0x3e], message.subarray(0, 63), [0x19, 0x3b])
    expect(literal).toHaveLength(76)
    expect(copied).toHaveLength(68)
    for (const block of [literal, copied]) expect(plain(decodeRing(block))).toEqual(plain(decodeRingMessage(message)))
    expect(plain(decodeRing(encodeRing(decodeRingMessage(message))))).toEqual(plain(decodeRingMessage(message)))
  })

  it('refuses a copy at offset 0 and a wrong length', () => {
    const head = bytes([0x49, 0xf0, 0x3e], message.subarray(0, 63))
    expect(() => decodeRing(bytes(head, [0x19, 0x00]))).toThrow(DecodeError)
    expect(() => decodeRing(bytes([0x4a], head.subarray(1), [0x19, 0x3b]))).toThrow(DecodeError)
  })

  it('writes the tombstone: tokens gone, the rest kept', () => {
    const entry = new InstanceDesc({ ...ingester0, timestamp: 1700000060, state: InstanceState.LEFT })
    expect(encodeRingMessage(ring({ 'ingester-0': entry }))).toEqual(
      hex(`0a3f 0a0a696e6765737465722d30 1231 0a0d31302e302e302e313a39303935
        10bce2cfaa06 1804 3a067a6f6e652d61 4098dacfaa06 4a0a696e6765737465722d30`),
    )
  })

  it('reads and writes an entry with every newer field', () => {
    const entry = hex('0a03613a31 1005 1801 320107 3a017a 4003 4a0169 5009 5801 620408011002 620508ac021004')
    const decoded = decodeInstance(entry)
    expect(decoded.fields()).toMatchObject({ timestamp: 5, state: 1, readOnlyUpdatedTimestamp: 9, readOnly: true })
    expect([...decoded.versions]).toEqual([
      [1n, 2n],
      [300n, 4n],
    ])
    expect(encodeInstance(decoded)).toEqual(entry)
    expect(encodeInstance(decoded.with({}))).toEqual(entry)
  })
})

describe('the vectors of kv spec 2.9', () => {
  const v1 = hex(`0a450a0a696e6765737465722d301237 0a0d31302e302e302e373a3930393510 80e2cfaa06320664 80bcc1960b3a067a
    6f6e652d614098dacfaa064a0a696e67 65737465722d30`)
  const v2 = hex(`47500a450a0a696e6765737465722d30 12370a0d31302e0102b4373a39303935 1080e2cfaa0632066480bcc1960b3a06
    7a6f6e652d614098dacfaa064a0a696e 6765737465722d30`)

  it('V1: a ring value, both ways', () => {
    const decoded = decodeRingMessage(v1)
    expect(decoded.get('ingester-0')).toMatchObject({ addr: '10.0.0.7:9095', timestamp: 1700000000, zone: 'zone-a' })
    expect([...decoded.get('ingester-0')!.tokens]).toEqual([100, 3000000000])
    expect(encodeRingMessage(decoded)).toEqual(v1)
  })

  it('V2: the same from the Go encoder, with a copy', () => {
    expect(encodeRingMessage(decodeRing(v2))).toEqual(v1)
  })
})

describe('what a reader must accept (ring spec 1.5)', () => {
  it('the empty ring is the single byte 00', () => {
    expect(encodeRing(RingDesc.empty)).toEqual(Uint8Array.of(0))
    expect(decodeRing(Uint8Array.of(0)).size).toBe(0)
  })

  it('tokens unpacked, or in a mixture; they are written packed', () => {
    expect(encodeInstance(decodeInstance(hex('30013002')))).toEqual(hex('32020102'))
    expect([...decodeInstance(hex('3009 32020103 3002')).tokens]).toEqual([1, 2, 3, 9])
  })

  it('tokens unsorted and repeated; longer than 32 bits they are cut to the low 32', () => {
    expect([...decodeInstance(hex('3204 28 1e 28 32')).tokens]).toEqual([30, 40, 50])
    expect([...decodeInstance(hex('3206 858080801001')).tokens]).toEqual([1, 5])
  })

  it('fields in any order, repeated: the last one counts', () => {
    expect(decodeInstance(hex('1803 1005 0a0161 1006 0a0162'))).toMatchObject({ addr: 'b', timestamp: 6, state: 3 })
  })

  it('a map entry without key or value, and a repeated key, which replaces', () => {
    expect(decodeRingMessage(hex('0a04 1202 1005')).get('')?.timestamp).toBe(5)
    // Without a value it is dated 0, which no store would accept.
    expect(decodeRingMessage(hex('0a03 0a0161')).size).toBe(0)
    const twice = decodeRingMessage(hex('0a0a 0a0161 1205 1005 0a0178  0a07 0a0161 1202 1006'))
    expect(twice.get('a')).toMatchObject({ timestamp: 6, addr: '' })
  })

  it('unknown states, negative ones too, and any true boolean', () => {
    expect(decodeInstance(hex('1809')).state).toBe(9)
    expect(encodeInstance(decodeInstance(hex('1809')))).toEqual(hex('1809'))
    const negative = hex('18ffffffffffffffffff01')
    expect(decodeInstance(negative).state).toBe(-1)
    expect(encodeInstance(decodeInstance(negative))).toEqual(negative)
    expect(encodeInstance(decodeInstance(hex('5802')))).toEqual(hex('5801'))
  })

  it('64-bit timestamps beyond 2^53, without loss', () => {
    const far = new InstanceDesc({ timestamp: 2n ** 62n + 1n, registeredTimestamp: -1 })
    const read = decodeInstance(encodeInstance(far))
    expect(read.timestamp).toBe(2n ** 62n + 1n)
    expect(read.registeredTimestamp).toBe(-1)
  })

  it('versions of all 64 bits, without loss', () => {
    const read = decodeInstance(encodeInstance(new InstanceDesc({ versions: new Map([[2n ** 64n - 1n, 1n]]) })))
    expect([...read.versions]).toEqual([[2n ** 64n - 1n, 1n]])
  })

  it('names that are not UTF-8, and gives them back', () => {
    const pair = hex('0a08 0a02ff61 1202 1005')
    expect(encodeRingMessage(decodeRingMessage(pair))).toEqual(pair)
  })

  it('an unknown field of an entry survives being changed, a reserved one does not', () => {
    const entry = decodeInstance(hex('1005 c00201 2001'))
    expect(encodeInstance(entry)).toEqual(hex('1005 c00201'))
    expect(encodeInstance(entry.with({ timestamp: 6 }))).toEqual(hex('1006 c00201'))
  })

  it.each([
    ['a truncated length', '0a05 0a01'],
    ['wire type 4', '0c'],
    ['field number 0', '02 00'],
    ['a wrong wire type of a known field', '0a05 0a0161 1001'],
  ])('refuses %s', (_what, text) => {
    expect(() => decodeRingMessage(hex(text))).toThrow(DecodeError)
  })

  it('refuses a known field of an entry in another wire type, and a varint of eleven bytes', () => {
    expect(() => decodeInstance(hex('0805'))).toThrow(DecodeError)
    expect(() => decodeInstance(hex('10 8080808080808080808001'))).toThrow(DecodeError)
  })

  it('refuses more instances than any ring has', () => {
    const many: number[] = []
    for (let index = 0; index <= MAX_RING_INSTANCES; index++) {
      const digits = [...String(index)].map((digit) => digit.charCodeAt(0))
      many.push(0x0a, digits.length + 6, 0x0a, digits.length, ...digits, 0x12, 2, 0x10, 1)
    }
    expect(() => decodeRingMessage(Uint8Array.from(many))).toThrow(DecodeError)
  })
})

describe('encoding', () => {
  it('comes back as it went, whatever the ring', () => {
    fc.assert(
      fc.property(anyRing, (any) => {
        expect(plain(decodeRing(encodeRing(any)))).toEqual(plain(any))
      }),
    )
  })

  it('is the same for equal rings, in whatever order they were made', () => {
    fc.assert(
      fc.property(anyRing, (any) => {
        const reversed = RingDesc.of([...any].reverse().map(([name, entry]) => [name, entry.with({})]))
        expect(encodeRing(reversed)).toEqual(encodeRing(any))
      }),
    )
  })

  it('keeps canonical bytes as received, and only those', () => {
    fc.assert(
      fc.property(anyRing, (any) => {
        for (const [, entry] of any) {
          const canonical = encodeInstance(entry)
          const read = decodeInstance(canonical)
          const asReceived = read.received?.bytes
          expect(asReceived).toEqual(canonical)
          expect(encodeInstance(read)).toBe(asReceived)
          expect(encodeInstance(read.with({}))).toEqual(canonical)
        }
      }),
    )
    // Spelled differently, they say the same, and are written in the one way.
    for (const odd of ['1005 0a0161', '0a0161 108500', '0a0161 1005 1800', '0a0161 1005 3200', '0a8100 61 1005'])
      expect(encodeInstance(decodeInstance(hex(odd)))).toEqual(hex('0a0161 1005'))
    // A token in more bytes than it takes, and a length likewise.
    for (const odd of ['3202 8100', '328100 01'])
      expect(encodeInstance(decodeInstance(hex(odd)))).toEqual(hex('320101'))
    // The fifth byte has bits beyond the 32nd, which are cut off: as long as the canonical form, but not it.
    expect(encodeInstance(decodeInstance(hex('3205 808080807f')))).toEqual(hex('3205 80808080 0f'))
  })

  it('takes entries of any size', () => {
    const long = new InstanceDesc({
      ...ingester0,
      addr: '\u{1F600}'.repeat(200),
      unknown: hex(`c202${'64'}${'00'.repeat(100)}`),
    })
    const pair = decodeRingMessage(encodeRingMessage(ring({ ['n'.repeat(300)]: long })))
    expect(plain(pair)).toEqual(plain(ring({ ['n'.repeat(300)]: long })))
  })

  it('keeps nothing of the bytes it read', () => {
    const lent = message.slice()
    const decoded = decodeRingMessage(lent)
    lent.fill(0xff)
    expect(encodeRingMessage(decoded)).toEqual(message)
  })
})

describe('garbage', () => {
  const block = encodeRing(
    ring({
      a: I(5, 'LEAVING', [1, 2 ** 31, 2 ** 32 - 1], { versions: new Map([[1n, 2n]]), zone: 'z', addr: 'a:1' }),
      b: I(6, 'JOINING', [7], { unknown: hex('c00201'), id: 'b' }),
    }),
  )
  const onlyDecodeErrors = (garbage: Uint8Array): void => {
    for (const decode of [decodeRing, decodeRingMessage, decodeInstance]) {
      try {
        decode(garbage)
      } catch (error) {
        expect(error).toBeInstanceOf(DecodeError)
      }
    }
  }

  it('cut short at any length, is a ring or a DecodeError', () => {
    for (const whole of [block, encodeRingMessage(decodeRing(block))])
      for (let length = 0; length < whole.length; length++) onlyDecodeErrors(whole.subarray(0, length))
  })

  it('with any byte altered, is a ring or a DecodeError', () => {
    for (const whole of [block, encodeRingMessage(decodeRing(block))])
      for (let index = 0; index < whole.length; index++)
        for (const flip of [0x01, 0x02, 0x04, 0x80, 0xff]) {
          const altered = whole.slice()
          altered[index]! ^= flip
          onlyDecodeErrors(altered)
        }
  })

  it('of any kind, is a ring or a DecodeError', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 60 }), (garbage) => {
        onlyDecodeErrors(garbage)
      }),
    )
  })
})
