import { ByteReader, compressLzw, fromHex, toHex } from '@hearsay/encoding'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import {
  type DropReason,
  encodeStreamMessage,
  labelHeader,
  MAX_SMALL_MESSAGE_BYTES,
  MAX_STREAM_USER_BYTES,
  type StreamMessage,
} from '../src/index.ts'
import {
  acceptor,
  ackHex,
  ackMessage,
  compressWrapper,
  flips,
  initiator,
  pingHex,
  pingMessage,
  pushPullHex,
  pushPullMessage,
  readAll,
  readSlowly,
  requests,
  utf8,
} from './samples.ts'

const plain = { compression: 'none' } as const
const user = (payload: Uint8Array): StreamMessage => ({ type: 'user', payload })
const compressedPushPull =
  '0982a4416c676f00a3427566da0097000d0c22a5e44d1a37c34a397943a6cc1c01acaacc2923670a9d3074ca3029e3a6c0215241c89091434a0100000156257133268c1c3718d3bc7113805493321781917212a64d99526e189689410aca1b39749a7d5050ca22c63200465999e3c6548002024e02f8187264c9930254b27409938e4c37096ce20c43cae7c59d3d7f066d28a3e8d1a44b9b5ecc38402a55ab58b5ced95b2620'
const readerFor = (message: StreamMessage) =>
  message.type === 'ack' || message.type === 'error' ? initiator() : acceptor()

describe.each<readonly [string, StreamMessage, string]>([
  ['a ping', pingMessage, pingHex],
  ['an ack', ackMessage, ackHex],
  ['a short error', { type: 'error', error: 'boom' }, '0d81a54572726f72a4626f6f6d'],
  ['a long error', { type: 'error', error: 'x'.repeat(40) }, `0d81a54572726f72da0028${'78'.repeat(40)}`],
  ['a user message', user(utf8('abc')), '0881aa557365724d73674c656e03616263'],
  ['an empty user message', user(new Uint8Array(0)), '0881aa557365724d73674c656e00'],
  ['a user message of 300 bytes', user(new Uint8Array(300)), `0881aa557365724d73674c656ed1012c${'00'.repeat(300)}`],
  ['a push/pull', pushPullMessage, pushPullHex],
  [
    'a push/pull of nothing',
    { type: 'push-pull', join: false, nodes: [], userState: new Uint8Array(0) },
    '0683a44a6f696ec2a54e6f64657300ac5573657253746174654c656e00',
  ],
])('%s', (_name, message, hex) => {
  it("has Go's bytes", () => {
    expect(toHex(encodeStreamMessage(message, plain))).toBe(hex)
  })

  it('is read at once, byte by byte, and with bytes behind it', () => {
    const read = { kind: 'message', message }
    expect(readAll(readerFor(message), hex)).toEqual(read)
    expect(readSlowly(readerFor(message), hex)).toEqual(read)
    expect(readAll(readerFor(message), `${hex}${pingHex}`)).toEqual(read)
  })

  it.each(['lzw', 'snappy'] as const)('is read compressed in %s, at once and byte by byte', (compression) => {
    const bytes = encodeStreamMessage(message, { compression, when: 'always' })
    expect(bytes[0]).toBe(9)
    expect(readAll(readerFor(message), bytes)).toEqual({ kind: 'message', message })
    expect(readSlowly(readerFor(message), bytes)).toEqual({ kind: 'message', message })
  })

  it.each(['none', 'lzw', 'snappy'] as const)(
    'cut anywhere waits, and at its end fails without an answer, compression %s',
    (compression) => {
      const bytes = encodeStreamMessage(message, { compression, when: 'always' })
      for (let length = 0; length < bytes.length; length++) {
        const reader = readerFor(message)
        expect(readAll(reader, bytes.subarray(0, length)), `cut at ${length}`).toEqual({ kind: 'need-more' })
        reader.end()
        const reason: DropReason = length === 0 ? 'empty' : 'truncated'
        expect(reader.next(), `cut at ${length}`).toMatchObject({ kind: 'failed', drop: { reason }, reply: undefined })
      }
    },
  )

  it('with any byte flipped is read, awaited or refused', () => {
    for (const compression of ['none', 'lzw', 'snappy'] as const)
      for (const flipped of flips(encodeStreamMessage(message, { compression, when: 'always' }).subarray(0, 400)))
        expect(readAll(readerFor(message), flipped, true).kind).toMatch(/^(message|failed)$/)
  })
})

describe('a stream', () => {
  it('carries a push/pull compressed as Go compresses it', () => {
    expect(toHex(encodeStreamMessage(pushPullMessage, { compression: 'lzw' }))).toBe(compressedPushPull)
    expect(readAll(acceptor(), compressedPushPull)).toEqual({ kind: 'message', message: pushPullMessage })
  })

  it('compresses always, as Go does, or only where that is smaller', () => {
    const larger = '0982a4416c676f00a3427566b70005083a05254c1e366fc29001566a4a99384edea80808'
    expect(toHex(encodeStreamMessage(ackMessage, { compression: 'lzw', when: 'always' }))).toBe(larger)
    expect(toHex(encodeStreamMessage(ackMessage, { compression: 'lzw' }))).toBe(ackHex)
  })

  it('of which the first 64 KiB do not shrink is not compressed, unless always', () => {
    let state = 1
    const noise = Uint8Array.from({ length: 65_536 }, () => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0
      return state >> 16
    })
    const mixed = new Uint8Array(200_000)
    mixed.set(noise)
    const sizeOf = (payload: Uint8Array, when: 'always' | 'if-smaller'): number =>
      encodeStreamMessage(user(payload), { compression: 'lzw', when }).length
    expect(sizeOf(mixed, 'if-smaller')).toBeGreaterThan(200_000)
    expect(sizeOf(mixed, 'always')).toBeLessThan(150_000)
    expect(sizeOf(mixed.toReversed(), 'if-smaller')).toBeLessThan(150_000)
  })

  it('announces counts above 127 in the signed families, and reads the unsigned ones too', () => {
    const [node] = pushPullMessage.type === 'push-pull' ? pushPullMessage.nodes : []
    const message: StreamMessage = {
      type: 'push-pull',
      join: false,
      nodes: Array(128).fill(node),
      userState: new Uint8Array(200),
    }
    const hex = toHex(encodeStreamMessage(message, plain))
    const header = '0683a44a6f696ec2a54e6f646573d10080ac5573657253746174654c656ed100c8'
    expect(hex.slice(0, header.length)).toBe(header)
    const older = hex.replace('d10080', 'cc80').replace('d100c8', 'ccc8')
    expect(readAll(acceptor(), older)).toEqual({ kind: 'message', message })
  })

  it('of any request is read the same whole and byte by byte', () => {
    fc.assert(
      fc.property(
        requests,
        fc.constantFrom('none', 'lzw', 'snappy'),
        fc.constantFrom('', 'prod'),
        (message, compression, label) => {
          const bytes = encodeStreamMessage(message, { compression, when: 'always' })
          if (bytes.length > 1000) return
          const stream = Uint8Array.of(...labelHeader(label), ...bytes)
          const whole = readAll(acceptor({ label }), stream)
          expect(whole.kind).toBe('message')
          expect(readSlowly(acceptor({ label }), stream)).toEqual(whole)
          const again =
            whole.kind === 'message' ? encodeStreamMessage(whole.message, { compression, when: 'always' }) : bytes
          expect(toHex(again)).toBe(toHex(bytes))
        },
      ),
      { numRuns: 150 },
    )
  })

  it('of random bytes is read the same whole and byte by byte', () => {
    const start = fc.constantFrom(
      '',
      '06',
      pushPullHex.slice(0, 58),
      '0881aa557365724d73674c656e',
      '0982a4416c676f00a3427566',
      'f4',
    )
    fc.assert(
      fc.property(start, fc.uint8Array({ maxLength: 60 }), (hex, tail) => {
        const bytes = Uint8Array.of(...fromHex(hex), ...tail)
        const [whole, slow] = [readAll(acceptor(), bytes, true), readSlowly(acceptor(), bytes, true)]
        expect(slow.kind).toBe(whole.kind)
        if (whole.kind === 'message') expect(slow).toEqual(whole)
        if (whole.kind === 'failed' && slow.kind === 'failed')
          expect([slow.drop.reason, slow.reply]).toEqual([whole.drop.reason, whole.reply])
      }),
      { numRuns: 1500 },
    )
  })

  it('keeps its result, whatever comes later', () => {
    const reader = acceptor()
    const first = readAll(reader, pingHex)
    expect(readAll(reader, 'ffff', true)).toBe(first)
  })

  it('reads push/pulls of 2,000 entries in small pieces', () => {
    const [node] = pushPullMessage.type === 'push-pull' ? pushPullMessage.nodes : []
    const message: StreamMessage = {
      type: 'push-pull',
      join: true,
      nodes: Array(2000).fill(node),
      userState: new Uint8Array(0),
    }
    expect(readSlowly(acceptor(), encodeStreamMessage(message, plain))).toEqual({ kind: 'message', message })
  })
})

const header = (nodes: string, userState: string): string =>
  `0683a44a6f696ec3a54e6f646573${nodes}ac5573657253746174654c656e${userState}`
const sized = (size: string): string => `0881aa557365724d73674c656e${size}`
const wrapped = (hex: string): Uint8Array => compressWrapper(0, compressLzw(fromHex(hex)))

describe('an acceptor closes without an answer', () => {
  it.each<readonly [string, string | Uint8Array, DropReason]>([
    ['nothing', '', 'empty'],
    ['a label of no bytes', 'f400', 'label-malformed'],
    ['a label cut short', 'f405616263', 'label-malformed'],
    ['a label without its length', 'f4', 'label-malformed'],
    ['a label where none is configured', `f40161${pingHex}`, 'label-mismatch'],
    ['a compressed message cut short', wrapped(pushPullHex).subarray(0, 50), 'truncated'],
    ['a compressed message in a compressed one', compressWrapper(0, compressLzw(wrapped(pingHex))), 'unknown-type'],
    ['an encrypted frame in a compressed message', wrapped('0a00000030'), 'unknown-type'],
    ['a compressed body that ends early', wrapped(pushPullHex.slice(0, -2)), 'truncated'],
    ['a compressed body that cannot be read', wrapped('00ff'), 'malformed'],
    ['a compressed user message that ends early', wrapped(`${sized('04')}616263`), 'truncated'],
    ['a ping that is no map', '00ff', 'malformed'],
    ['a ping with a wrong field', '0081a55365714e6fc3', 'malformed'],
    ['a user message of negative length', sized('ff'), 'too-large'],
    ['a user message of very negative length', sized('d38000000000000001'), 'too-large'],
    ['a user message of 20 MiB and a byte', sized('d201400001'), 'too-large'],
    ['a user message without its last byte', `${sized('04')}616263`, 'truncated'],
    ['a user header that is no map', '08a0', 'malformed'],
    ['a push/pull of −1 entries', header('ff', '00'), 'too-large'],
    ['a push/pull of 1,048,577 entries', header('d200100001', '00'), 'too-large'],
    ['a push/pull with a user state of −1 bytes', header('00', 'ff'), 'too-large'],
    ['a push/pull with a user state of 64 MiB and a byte', header('00', 'd204000001'), 'too-large'],
    ['a push/pull cut short in an entry', pushPullHex.slice(0, 120), 'truncated'],
    ['a push/pull cut short in its user state', pushPullHex.slice(0, -2), 'truncated'],
    ['a push/pull with an entry that is no map', `${header('01', '00')}01`, 'malformed'],
  ])('for %s', (_name, input, reason) => {
    const refused = { kind: 'failed', drop: { reason }, reply: undefined }
    expect(readAll(acceptor(), input, true)).toMatchObject(refused)
    expect(readSlowly(acceptor(), input, true)).toMatchObject(refused)
  })

  const allowed = new Set([0, 6, 8, 9, 10, 244])
  it.each(Array.from({ length: 256 }, (_, type) => type).filter((type) => !allowed.has(type)))(
    'for type %i',
    (type) => {
      const refused = { kind: 'failed', drop: { reason: 'unknown-type' }, reply: undefined }
      expect(readAll(acceptor(), Uint8Array.of(type, 0x80))).toMatchObject(refused)
      expect(readAll(acceptor(), compressWrapper(0, compressLzw(Uint8Array.of(type, 0x80))))).toMatchObject(refused)
    },
  )

  it('for a second label, a missing one, and one with nothing behind it', () => {
    const labelled = { label: 'prod' }
    const failed = (reason: DropReason) => ({ kind: 'failed', drop: { reason }, reply: undefined })
    expect(readAll(acceptor(labelled), 'f40470726f64f40470726f64')).toMatchObject(failed('unknown-type'))
    expect(readAll(acceptor(labelled), pingHex)).toMatchObject(failed('label-mismatch'))
    expect(readAll(acceptor(labelled), '', true)).toMatchObject(failed('empty'))
    expect(readAll(acceptor(labelled), 'f40470726f64', true)).toMatchObject(failed('truncated'))
    expect(readAll(acceptor(labelled), 'f40470726f64')).toEqual({ kind: 'need-more' })
  })
})

describe('an acceptor answers with an error', () => {
  it.each<readonly [string, string | Uint8Array, DropReason]>([
    ['an encrypted frame', '0a00000030', 'encrypted'],
    ['a compress message that is no map', '0901', 'malformed'],
    ['a compress message with a wrong field', '0981a3427566c3', 'malformed'],
    ['an unknown algorithm', compressWrapper(2, compressLzw(fromHex(pingHex))), 'compression'],
    ['damaged LZW', compressWrapper(0, fromHex('00055a02')), 'compression'],
    ['LZW without its End code', compressWrapper(0, fromHex('008304')), 'compression'],
    ['damaged snappy', compressWrapper(1, fromHex('0604616203')), 'compression'],
    ['no compressed data', '0982a4416c676f00a3427566c0', 'compression'],
    ['a compressed message of nothing', '0982a4416c676f00a3427566a3000302', 'empty'],
  ])('for %s', (_name, input, reason) => {
    const result = readAll(acceptor(), input)
    expect(result).toMatchObject({ kind: 'failed', drop: { reason }, reply: expect.stringMatching(/./) })
    expect(readSlowly(acceptor(), input)).toMatchObject({
      kind: 'failed',
      drop: { reason },
      reply: expect.stringMatching(/./),
    })
  })

  it('for more than it lets a message expand to', () => {
    const bytes = wrapped(pushPullHex)
    const limited = (maxDecompressedBytes: number) => readAll(acceptor({ limits: { maxDecompressedBytes } }), bytes)
    expect(limited(172).kind).toBe('message')
    expect(limited(171)).toMatchObject({ kind: 'failed', drop: { reason: 'too-large' }, reply: expect.any(String) })
  })
})

describe('bounds', () => {
  it('let the greatest user message through, and wait for one that is announced', () => {
    const message = user(new Uint8Array(MAX_STREAM_USER_BYTES))
    const result = readAll(acceptor(), encodeStreamMessage(message, plain))
    expect(result.kind === 'message' && result.message.type === 'user' && result.message.payload.length).toBe(
      20_971_520,
    )
    expect(readAll(acceptor(), sized('d201400000'))).toEqual({ kind: 'need-more' })
    expect(readAll(acceptor(), header('d200100000', '00'))).toEqual({ kind: 'need-more' })
  })

  it('on user state are as configured, and looked at after the entries', () => {
    const limits = { maxUserStateBytes: 4 }
    expect(readAll(acceptor({ limits }), pushPullHex)).toMatchObject({
      kind: 'failed',
      drop: { reason: 'too-large' },
      reply: undefined,
    })
    expect(readAll(acceptor({ limits: { maxUserStateBytes: 5 } }), pushPullHex).kind).toBe('message')
    expect(readAll(acceptor({ limits }), pushPullHex.slice(0, 200))).toEqual({ kind: 'need-more' })
  })

  it('on one message hold whether it comes whole or in pieces', () => {
    const pingOf = (nameBytes: number): Uint8Array =>
      encodeStreamMessage({ ...pingMessage, type: 'ping', node: 'n'.repeat(nameBytes) } as StreamMessage, plain)
    const overhead = pingOf(70_000).length - 70_000
    for (const [nameBytes, kind] of [
      [MAX_SMALL_MESSAGE_BYTES - overhead, 'message'],
      [MAX_SMALL_MESSAGE_BYTES + 1 - overhead, 'failed'],
    ] as const) {
      const bytes = pingOf(nameBytes)
      expect(readAll(acceptor(), bytes).kind).toBe(kind)
      const reader = acceptor()
      for (const part of [bytes.subarray(0, -1), bytes.subarray(-1)]) {
        reader.push(part)
        reader.next()
      }
      expect(reader.next().kind).toBe(kind)
    }
  })

  it('on the work hold for fields that nobody knows, however they dribble in', () => {
    // A wrapper that announces four billion fields, and brings them three bytes at a time.
    const fields = new Uint8Array(120_000).fill(0xa1)
    for (let at = 0; at < fields.length; at += 3) fields.set([0xa1, 0x61, 0x00], at)
    const stream = Uint8Array.from([9, 0xdf, 0xff, 0xff, 0xff, 0xff, ...fields])
    let reads = 0
    const original = ByteReader.prototype.u8
    ByteReader.prototype.u8 = function (this: ByteReader) {
      reads++
      return original.call(this)
    }
    try {
      const reader = acceptor()
      for (let at = 0; at < stream.length; at += 3) {
        reader.push(stream.subarray(at, at + 3))
        expect(reader.next().kind).toBe('need-more')
      }
    } finally {
      ByteReader.prototype.u8 = original
    }
    // Read again from the start with each piece it would be 1.6 thousand million.
    expect(reads).toBeLessThan(20_000_000)
  })

  it('end the wait for a small message that never ends', () => {
    const zeros = new Uint8Array(MAX_SMALL_MESSAGE_BYTES)
    const endless = Buffer.concat([fromHex('0081a44e6f6465db00fffff0'), zeros])
    expect(readAll(acceptor(), endless)).toMatchObject({ kind: 'failed', drop: { reason: 'too-large' } })
    const entry = Buffer.concat([fromHex(`${header('01', '00')}81a44d657461db00fffff0`), zeros])
    expect(readAll(acceptor(), entry)).toMatchObject({ kind: 'failed', drop: { reason: 'too-large' } })
  })

  it('let a state outside 0 to 3 and a short version vector through, for the merge to judge', () => {
    const odd = pushPullHex.replace('a5537461746503a356736ea6010502000000', 'a55374617465d0c8a356736ea101')
    const result = readAll(acceptor(), odd)
    expect(result).toMatchObject({
      kind: 'message',
      message: { nodes: [{ state: 0 }, { state: -56, versions: null }] },
    })
  })
})

describe('an initiator', () => {
  it.each<readonly [string, string, DropReason]>([
    ['a label', 'f40470726f64', 'unknown-type'],
    ['a ping', pingHex, 'unknown-type'],
    ['a user message', sized('00'), 'unknown-type'],
    ['nothing', '', 'empty'],
    ['an encrypted frame', '0a00000030', 'encrypted'],
    ['damaged LZW', '0982a4416c676f00a3427566a3008304', 'compression'],
    ['too many entries', header('d200100001', '00'), 'too-large'],
    ['a user state of −1 bytes', header('00', 'ff'), 'too-large'],
    ['a push/pull cut short', pushPullHex.slice(0, 120), 'truncated'],
  ])('fails on %s', (_name, hex, reason) => {
    expect(readAll(initiator({ label: 'prod' }), hex, true)).toMatchObject({ kind: 'failed', drop: { reason } })
  })

  it('reads the remote error, a push/pull and an ack, all without a label', () => {
    const error = { type: 'error', error: 'boom' }
    expect(readAll(initiator({ label: 'prod' }), '0d81a54572726f72a4626f6f6d')).toEqual({
      kind: 'message',
      message: error,
    })
    expect(readAll(initiator({ label: 'prod' }), pushPullHex)).toEqual({ kind: 'message', message: pushPullMessage })
    expect(readAll(initiator({ label: 'prod' }), wrapped(ackHex))).toEqual({ kind: 'message', message: ackMessage })
  })
})
