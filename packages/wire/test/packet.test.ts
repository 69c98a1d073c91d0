import { compressLzw, compressSnappy, fromHex, toHex } from '@hearsay/encoding'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodePacket, encodePacket, MAX_COMPOUND_PARTS, MAX_WRAPPER_DEPTH, Part } from '../src/index.ts'
import {
  ackHex,
  ackMessage,
  aliveHex,
  aliveMessage,
  compound,
  compressWrapper,
  flips,
  indirectPingMessage,
  lzwLiterals,
  nackHex,
  nackMessage,
  packetMessages,
  pingHex,
  pingMessage,
  suspectHex,
  suspectMessage,
  utf8,
} from './samples.ts'

const plain = { compression: 'none', checksum: false } as const
const user = (text: string) => ({ type: 'user', payload: utf8(text) }) as const
const part = (hex: string) => fromHex(hex)
const reasons = (packet: Uint8Array | string, maxDecompressedBytes?: number): [number, ...string[]] => {
  const bytes = typeof packet === 'string' ? fromHex(packet) : packet
  const { messages, drops } = decodePacket(bytes, maxDecompressedBytes === undefined ? {} : { maxDecompressedBytes })
  return [messages.length, ...drops.map(({ reason }) => reason)]
}

const threeAlives =
  '0982a4416c676f00a3427566da008d000f0c00d0832041028648052143460e29050000045895c4cd983072dc84a193e68d9b00a49a94a113061829276fc89429e526659918a4a0bc9143a7d90705a3accc71632a40010111012054c8d0214489142d62d4c8d1234891244da254c9d2254c99346de2d4c9d327d0884317367c187162c58b193776fc187264c9932eabaabc3ab3e6cd9c3b7bfe0c1a10'

describe('a compound', () => {
  it.each([
    ['an ack and a nack', [ackMessage, nackMessage], `070200120009${ackHex}${nackHex}`],
    ['two user messages', [user('a'), user('bc')], '07020002000308610862 63'],
    ['three alives', [aliveMessage, aliveMessage, aliveMessage], `0703003d003d003d${aliveHex.repeat(3)}`],
  ])("of %s has Go's bytes and comes apart again", (_name, messages, hex) => {
    const packet = encodePacket(
      messages.map((message) => new Part(message)),
      plain,
    )
    expect(toHex(packet)).toBe(hex.replace(' ', ''))
    expect({ ...decodePacket(packet) }).toEqual({ messages, drops: [] })
  })

  it('is not made for a single message', () => {
    expect(toHex(encodePacket([new Part(ackMessage)], plain))).toBe(ackHex)
  })

  it('holds 255 parts of up to 65,535 bytes and refuses more (kv check 7)', () => {
    const small = new Part(user('x'))
    const sized = (size: number) => new Part({ type: 'user', payload: new Uint8Array(size - 1) })
    expect(decodePacket(encodePacket(Array(MAX_COMPOUND_PARTS).fill(small), plain)).messages.length).toBe(255)
    expect(decodePacket(encodePacket([small, sized(65_535)], plain)).messages.length).toBe(2)
    expect(() => encodePacket(Array(256).fill(small), plain)).toThrow(RangeError)
    expect(() => encodePacket([small, sized(65_536)], plain)).toThrow(RangeError)
    expect(() => encodePacket([], plain)).toThrow(RangeError)
    expect(encodePacket([sized(65_536)], plain).length).toBe(65_536)
  })

  it.each<readonly [string, string, [number, ...string[]]]>([
    ['without a count', '07', [0, 'truncated']],
    ['with a short table of lengths', '070200', [0, 'truncated']],
    ['with a table and nothing else', '070100120009', [0, 'compound-truncated']],
    ['with a last part that is too long', `070200120fff${ackHex}${nackHex}`, [1, 'compound-truncated']],
    ['with a first part that is too long', `07020fff0009${ackHex}${nackHex}`, [0, 'compound-truncated']],
    ['of no parts', '0700', [0]],
    ['of no parts and some bytes', '0700ffff', [0]],
    ['with bytes behind its parts', `070200120009${ackHex}${nackHex}ffff`, [2]],
    ['with an empty part', `0703001200000009${ackHex}${nackHex}`, [2, 'empty']],
    ['with a part that is no message', `07030012000200 09${ackHex}0eff${nackHex}`, [2, 'unknown-type']],
    ['with a body that cannot be read', `07030012000200 09${ackHex}00ff${nackHex}`, [2, 'malformed']],
    ['in a compound', `0701001d0702000900 12${nackHex}${ackHex.slice(0, 36)}`, [1, 'compound-truncated']],
  ])('%s gives what is whole and counts the rest', (_name, hex, expected) => {
    expect(reasons(hex.replace(' ', ''))).toEqual(expected)
  })

  it('in a compound is read, as is a compressed part', () => {
    const inner = compound(part(nackHex), compressWrapper(0, compressLzw(part(ackHex))))
    expect(decodePacket(compound(part(pingHex), inner)).messages).toEqual([pingMessage, nackMessage, ackMessage])
  })

  it('says where in the packet a refused part began', () => {
    const { drops } = decodePacket(fromHex(`070300120002 0009${ackHex}0eff${nackHex}`))
    expect(drops).toMatchObject([{ reason: 'unknown-type', offset: 8 + 18 }])
  })

  it('nested to the bound is read and beyond is not', () => {
    const nested = (depth: number): Uint8Array => (depth === 0 ? part(ackHex) : compound(nested(depth - 1)))
    expect(reasons(nested(MAX_WRAPPER_DEPTH))).toEqual([1])
    expect(reasons(nested(MAX_WRAPPER_DEPTH + 1))).toEqual([0, 'too-deep'])
    const mixed = (depth: number): Uint8Array =>
      depth === 0
        ? part(ackHex)
        : depth % 2
          ? compound(mixed(depth - 1))
          : compressWrapper(0, compressLzw(mixed(depth - 1)))
    expect(reasons(mixed(MAX_WRAPPER_DEPTH))).toEqual([1])
    expect(reasons(mixed(MAX_WRAPPER_DEPTH + 1))).toEqual([0, 'too-deep'])
  })
})

describe('a packet of any messages', () => {
  it.each(['none', 'lzw', 'snappy'] as const)(
    'comes back in order, compression %s, with and without a checksum',
    (compression) => {
      fc.assert(
        fc.property(fc.array(packetMessages, { minLength: 1, maxLength: 6 }), fc.boolean(), (messages, checksum) => {
          const parts = messages.map((message) => new Part(message)).filter(({ sizeBytes }) => sizeBytes < 60_000)
          if (parts.length === 0) return
          const packet = encodePacket(parts, { compression, checksum })
          const { messages: read, drops } = decodePacket(packet)
          expect(drops).toEqual([])
          expect(read.map((message) => toHex(new Part(message).bytes))).toEqual(parts.map(({ bytes }) => toHex(bytes)))
        }),
        { numRuns: 60 },
      )
    },
  )

  it.each(['none', 'lzw', 'snappy'] as const)(
    'cut or flipped anywhere becomes messages and drops, compression %s',
    (compression) => {
      const messages = [aliveMessage, aliveMessage, suspectMessage, indirectPingMessage]
      for (const checksum of [false, true]) {
        const packet = encodePacket(
          messages.map((message) => new Part(message)),
          { compression, checksum },
        )
        for (let length = 0; length < packet.length; length++) {
          const { messages: read, drops } = decodePacket(packet.subarray(0, length))
          expect(drops.length, `cut at ${length}`).toBe(1)
          expect(read.length).toBeLessThan(4)
        }
        for (const flipped of flips(packet)) {
          const { messages: read, drops } = decodePacket(flipped, { maxDecompressedBytes: 10_000 })
          if (checksum && flipped[0] === 0x0c) expect([read.length, drops[0]?.reason]).toEqual([0, 'checksum-mismatch'])
        }
      }
    },
  )
})

describe('a checksum', () => {
  it.each([
    [ackMessage, `0ced14719a${ackHex}`],
    [user('hello'), '0cada372550868656c6c6f'],
  ])("is Go's", (message, hex) => {
    const packet = encodePacket([new Part(message)], { compression: 'none', checksum: true })
    expect(toHex(packet)).toBe(hex)
    expect({ ...decodePacket(packet) }).toEqual({ messages: [message], drops: [] })
  })

  it("covers the compressed form, as in Go's full stack", () => {
    const parts = Array(3).fill(new Part(aliveMessage))
    expect(toHex(encodePacket(parts, { compression: 'lzw', checksum: true }))).toBe(`0cc7bef883${threeAlives}`)
  })

  it.each<readonly [string, string, [number, ...string[]]]>([
    ['cut short', '0c', [0, 'unknown-type']],
    ['cut short after three bytes', '0c000000', [0, 'unknown-type']],
    ['of nothing', '0c00000000', [0, 'empty']],
    ['of something else', `0ced14719b${ackHex}`, [0, 'checksum-mismatch']],
    ['of a changed message', `0ced14719a${ackHex.slice(0, -2)}2b`, [0, 'checksum-mismatch']],
    ['in a compound', `070100170ced14719a${ackHex}`, [0, 'unknown-type']],
  ])('%s', (_name, hex, expected) => {
    expect(reasons(hex)).toEqual(expected)
  })

  it('in a checksum or in a compressed message is no message', () => {
    const inner = encodePacket([new Part(ackMessage)], { compression: 'none', checksum: true })
    expect(reasons(compressWrapper(0, compressLzw(inner)))).toEqual([0, 'unknown-type'])
    expect(reasons(encodePacket([{ bytes: inner } as Part], { compression: 'none', checksum: true }))).toEqual([
      0,
      'unknown-type',
    ])
  })
})

describe('a compressed message', () => {
  const gossip = user('gossip-'.repeat(40))

  it.each([
    ['lzw', user('a'.repeat(64)), '0982a4416c676f00a3427566b00011841948b0a0c18308132a5ca83020'],
    ['snappy', user('a'.repeat(64)), '0982a4416c676f01a3427566a741040861fa0100'],
    [
      'lzw',
      gossip,
      '0982a4416c676f00a3427566da004700119c7933674e1a382d06163c9890a041840a1f365c08d121c388172d56a4385122c68d1e3576ccc8f1e3489024439614 69b225cb972b63aa9c99b226ca9b2773ba9469b34540',
    ],
    ['snappy', gossip, '0982a4416c676f01a3427566ba99021c08676f737369702dfe0700fe0700fe0700fe0700420700'],
  ] as const)("in %s has Go's bytes and comes back", (compression, message, hex) => {
    const packet = encodePacket([new Part(message)], { compression, checksum: false })
    expect(toHex(packet)).toBe(hex.replace(' ', ''))
    expect({ ...decodePacket(packet) }).toEqual({ messages: [message], drops: [] })
  })

  it("of three alives has Go's bytes", () => {
    expect(toHex(encodePacket(Array(3).fill(new Part(aliveMessage)), { compression: 'lzw', checksum: false }))).toBe(
      threeAlives,
    )
    expect(decodePacket(fromHex(threeAlives)).messages).toEqual([aliveMessage, aliveMessage, aliveMessage])
  })

  it('is used only when it is smaller', () => {
    const lzw = { compression: 'lzw', checksum: false } as const
    expect(toHex(encodePacket([new Part(ackMessage)], lzw))).toBe(ackHex)
    const probe = encodePacket([new Part(pingMessage), new Part(suspectMessage)], lzw)
    expect(toHex(probe)).toBe(`070200430025${pingHex}${suspectHex}`)
  })

  it.each([
    ['the ack', '0982a4416c676f00a3427566b70005083a05254c1e366fc29001566a4a99384edea80808', [ackMessage]],
    [
      'a ping and a suspicion',
      '0982a4416c676f00a3427566da0063000f080030044009008548397943a64c29370ccbc82835a54c9c852a544d795347ce983241c89091434a010000013472f4586661c3871163a8ecf811ca1b39749a7d50306010292372deb481d930c6aa246ec68491e3260c9d346fdc0c501891a8c480',
      [pingMessage, suspectMessage],
    ],
  ])('that is larger than %s is read all the same', (_name, hex, messages) => {
    expect({ ...decodePacket(fromHex(hex)) }).toEqual({ messages, drops: [] })
  })

  it.each<readonly [string, Uint8Array, [number, ...string[]]]>([
    ['of an unknown algorithm', compressWrapper(2, compressLzw(part(ackHex))), [0, 'compression']],
    ['without data', compressWrapper(0, new Uint8Array(0)), [0, 'compression']],
    ['whose data is nil', fromHex('0982a4416c676f00a3427566c0'), [0, 'compression']],
    ['without its End code', compressWrapper(0, compressLzw(part(ackHex)).subarray(0, -2)), [0, 'compression']],
    ['with a code that is not defined', compressWrapper(0, fromHex('00055a02')), [0, 'compression']],
    ['cut short in its wrapper', compressWrapper(0, compressLzw(part(ackHex))).subarray(0, -1), [0, 'truncated']],
    ['with bytes behind its End code', compressWrapper(0, Uint8Array.of(...compressLzw(part(ackHex)), 0xff, 0)), [1]],
    ['of nothing', fromHex('0982a4416c676f00a3427566a3000302'), [0, 'empty']],
    ['of nothing, in snappy', compressWrapper(1, fromHex('00')), [0, 'empty']],
    ['in a compressed one', compressWrapper(0, lzwLiterals(compressWrapper(0, compressLzw(part(ackHex))))), [1]],
    ['that is no struct', fromHex('0901'), [0, 'malformed']],
    ['of a push/pull', compressWrapper(0, compressLzw(fromHex('0683'))), [0, 'unknown-type']],
  ])('%s', (_name, packet, expected) => {
    expect(reasons(packet)).toEqual(expected)
  })

  it.each([
    ['LZW', 0, compressLzw],
    ['snappy', 1, compressSnappy],
  ] as const)('expands to exactly the bound and not one byte further, in %s', (_name, algorithm, compress) => {
    const packet = compressWrapper(algorithm, compress(new Uint8Array(1000).fill(8)))
    expect(reasons(packet, 1000)).toEqual([1])
    expect(reasons(packet, 999)).toEqual([0, 'too-large'])
  })

  it('shares the bound with all others of its packet', () => {
    const bomb = compressWrapper(0, compressLzw(new Uint8Array(600).fill(8)))
    expect(reasons(compound(bomb, bomb), 1200)).toEqual([2])
    expect(reasons(compound(bomb, bomb, part(ackHex)), 1199)).toEqual([2, 'too-large'])
    const nested = compressWrapper(0, compressLzw(bomb))
    expect(reasons(nested, 600 + bomb.length)).toEqual([1])
    expect(reasons(nested, 599 + bomb.length)).toEqual([0, 'too-large'])
  })
})

describe('a type byte', () => {
  const allowed = new Set([0, 1, 2, 3, 4, 5, 7, 8, 9, 11])
  it.each(Array.from({ length: 256 }, (_, type) => type).filter((type) => !allowed.has(type)))(
    '%i stands in no packet',
    (type) => {
      expect(reasons(Uint8Array.of(type, 0x80))).toEqual([0, 'unknown-type'])
      expect(reasons(compound(Uint8Array.of(type), part(ackHex)))).toEqual([1, 'unknown-type'])
    },
  )
})

describe('single messages', () => {
  it.each<readonly [string, string, [number, ...string[]]]>([
    ['nothing at all', '', [0, 'empty']],
    ['a ping without a body', '00', [0, 'truncated']],
    ['a ping whose body is no map', '00ff', [0, 'malformed']],
    ['a ping with bytes behind it', `${pingHex}ffff`, [1]],
    ['a ping with a port and no address', '0081aa536f75726365506f7274cd1f0a', [1]],
    ['a ping with an address of five bytes', '0081aa536f7572636541646472a50a00000102', [1]],
    ['an indirect ping without a target', '01c0', [0, 'malformed']],
    ['an indirect ping with a target of five bytes', '0181a6546172676574a50a00000102', [0, 'malformed']],
    ['an alive without an address', '0481a44e6f6465a16e', [1]],
  ])('%s', (_name, hex, expected) => {
    expect(reasons(hex)).toEqual(expected)
  })

  it.each(['00c0', '0080'])('%s is a ping of which everything is zero', (hex) => {
    expect(decodePacket(fromHex(hex)).messages).toEqual([
      { type: 'ping', seqNo: 0, node: '', sourceAddress: null, sourcePort: 0, sourceNode: '' },
    ])
  })

  it('may carry more metadata than a sender may send', () => {
    const { messages } = decodePacket(new Part({ ...aliveMessage, meta: new Uint8Array(600) }).bytes)
    expect(messages).toMatchObject([{ type: 'alive', meta: { length: 600 } }])
  })
})

describe('parts', () => {
  it('keep their bytes, however many and however large ones are made after them', () => {
    const named = (node: string) => new Part({ type: 'suspect', incarnation: 1, node, from: 'x' })
    const names = Array.from({ length: 600 }, (_, index) => `node-${index}${index % 97 === 0 ? 'é'.repeat(5000) : ''}`)
    const parts = names.map(named)
    const first = parts.map((part) => toHex(part.bytes))
    names.map(named).map((part) => part.bytes)
    for (const [index, part] of parts.entries()) {
      expect(toHex(part.bytes)).toBe(first[index])
      expect(part.sizeBytes).toBe(part.bytes.length)
      expect(named(names[index]!).sizeBytes).toBe(part.bytes.length)
      const { messages } = decodePacket(part.bytes)
      expect(messages).toEqual([part.message])
    }
  })
})
