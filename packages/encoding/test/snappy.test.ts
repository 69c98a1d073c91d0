import fc from 'fast-check'
import * as snappyjs from 'snappyjs'
import { describe, expect, it } from 'vitest'
import { compressSnappy, fromHex, snappyUncompressedSize, toHex, uncompressSnappy } from '../src/index.ts'
import { lcg, reasonOf, utf8 } from './samples.ts'

/** A ring with one instance, as protobuf, and the block that Go makes of it. */
const ring =
  '0a450a0a696e6765737465722d3012370a0d31302e302e302e373a393039351080e2cfaa0632066480bcc1960b3a067a6f6e652d614098dacfaa064a0a696e6765737465722d30'
const ringBlock =
  '47500a450a0a696e6765737465722d3012370a0d31302e0102b4373a393039351080e2cfaa0632066480bcc1960b3a067a6f6e652d614098dacfaa064a0a696e6765737465722d30'
/** The worked example of the ring format. */
const example =
  '0a470a0a696e6765737465722d3012390a0d31302e302e302e313a393039351080e2cfaa06320801ac02ffffffff0f3a067a6f6e652d614098dacfaa064a0a696e6765737465722d30'

const inputs = fc.oneof(
  fc.uint8Array({ maxLength: 3000 }),
  fc
    .array(fc.constantFrom('ingester-', '10.0.0.', 'zone-a', '7'), { maxLength: 500 })
    .map((words) => utf8(words.join(''))),
)

describe('snappy', () => {
  it.each([
    ['a ring', ring, ringBlock],
    ['nothing', '', '00'],
    ['a short literal', '082a120f08fbd095ffbc311a066e6f64652d61', `134808${'2a120f08fbd095ffbc311a066e6f64652d61'}`],
    ['a user message of one letter', `08${'61'.repeat(64)}`, '41040861fa0100'],
    [
      'a user message of one word',
      `08${toHex(utf8('gossip-')).repeat(40)}`,
      '99021c08676f737369702dfe0700fe0700fe0700fe0700420700',
    ],
  ])("turns %s into Go's block and back", (_name, message, block) => {
    expect(toHex(compressSnappy(fromHex(message)))).toBe(block)
    expect(toHex(uncompressSnappy(fromHex(block), message.length / 2))).toBe(message)
    expect(snappyUncompressedSize(fromHex(block))).toBe(message.length / 2)
  })

  it('reads literals only, and a copy that looks back far', () => {
    expect(toHex(uncompressSnappy(fromHex(`49f048${example}`), 73))).toBe(example)
    expect(toHex(uncompressSnappy(fromHex(`49f03e${example.slice(0, 126)}193b`), 73))).toBe(example)
  })

  it.each([
    ['one length byte', '05f0046162636465'],
    ['two length bytes', '05f404006162636465'],
    ['three length bytes', '05f80400006162636465'],
    ['four length bytes', '05fc040000006162636465'],
  ])('reads a literal with %s', (_name, block) => {
    expect(uncompressSnappy(fromHex(block), 5)).toEqual(utf8('abcde'))
  })

  it.each([
    ['one byte of offset', '0604616201 02'],
    ['two bytes of offset', '060461620e 0200'],
    ['four bytes of offset', '060461620f 02000000'],
  ])('reads an overlapping copy with %s', (_name, block) => {
    expect(uncompressSnappy(fromHex(block), 6)).toEqual(utf8('ababab'))
  })

  it('and snappyjs read what the other wrote', () => {
    fc.assert(
      fc.property(inputs, (input) => {
        expect(Uint8Array.from(snappyjs.uncompress(compressSnappy(input)))).toEqual(Uint8Array.from(input))
        expect(uncompressSnappy(snappyjs.compress(input), input.length)).toEqual(Uint8Array.from(input))
      }),
      { numRuns: 200 },
    )
  })

  it.each([65_535, 65_536, 65_537, 200_000])('and snappyjs agree across blocks, at %i bytes', (length) => {
    for (const input of [lcg(length, 255), lcg(length, 1), new Uint8Array(length)]) {
      expect(Buffer.compare(snappyjs.uncompress(compressSnappy(input)), input)).toBe(0)
      expect(Buffer.compare(uncompressSnappy(snappyjs.compress(input), length), input)).toBe(0)
    }
  })

  it.each([
    ['no size', '', 'truncated'],
    ['a size cut short', '80', 'truncated'],
    ['a size above 32 bits', '808080801061', 'malformed'],
    ['offset zero', '0604616201 00', 'malformed'],
    ['an offset before the output', '0604616201 03', 'malformed'],
    ['more output than announced', '01046162', 'malformed'],
    ['a copy beyond the announced size', '0504616201 02', 'malformed'],
    ['less output than announced', '03046162', 'truncated'],
    ['a literal beyond the block', '05f00461', 'truncated'],
    ['a copy cut short', '060461620e02', 'truncated'],
    ['a promise that its bytes cannot keep', 'ffffff7f0061', 'malformed'],
  ])('refuses %s', (_name, block, reason) => {
    expect(reasonOf(() => uncompressSnappy(fromHex(block), 2 ** 31))).toBe(reason)
  })

  it('refuses an announced size above its bound', () => {
    expect(uncompressSnappy(fromHex('41040861fa0100'), 65).length).toBe(65)
    expect(reasonOf(() => uncompressSnappy(fromHex('41040861fa0100'), 64))).toBe('too-large')
  })

  it('answers any bytes with output or a DecodeError, within its bound', () => {
    fc.assert(
      fc.property(inputs, fc.nat(), fc.integer({ min: 1, max: 255 }), (input, at, mask) => {
        const block = compressSnappy(input)
        block[at % block.length]! ^= mask
        reasonOf(() => expect(uncompressSnappy(block, 4000).length).toBeLessThanOrEqual(4000))
      }),
      { numRuns: 300 },
    )
  })
})
