import { crc32 } from 'node:zlib'
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compressLzw, compressLzwWithin, fromHex, toHex, uncompressLzw } from '../src/index.ts'
import { lcg, lzwStream, reasonOf, utf8 } from './samples.ts'

const CLEAR = 256
const END = 257

describe('LZW', () => {
  it.each([
    ['', '000302'],
    ['A', '00830404'],
    ['AB', '0083080908'],
    ['AA', '0083040908'],
    ['AAA', '0083080c08'],
    ['AAAAAAAA', '0083081c283020'],
    ['ABABABABA', '0083081148706040'],
    ['TOBEORNOTTOBEORTOBEORNOT', '00a93c1152e48914274fa80824687061c183090302'],
    ['memberlist memberlist memberlist', '00db946923a68c1c3669e6d0012190a041840a190e2c7830219d80'],
  ])("turns %j into Go's bytes and back", (input, hex) => {
    expect(toHex(compressLzw(utf8(input)))).toBe(hex)
    expect(uncompressLzw(fromHex(hex), input.length)).toEqual(utf8(input))
  })

  it.each([
    ['bytes 0 to 255', Uint8Array.from({ length: 256 }, (_, i) => i), 0x29058c73, 291, 0xd626fdd7],
    ['LCG(254, 255)', lcg(254, 255), 0xc3968b88, 288, 0x87b85095],
    ['LCG(255, 255)', lcg(255, 255), 0xf5c338ac, 290, 0xf446318f],
    ['LCG(256, 255)', lcg(256, 255), 0x8144bf85, 291, 0xb20b6edc],
    ['LCG(257, 255)', lcg(257, 255), 0x7952966b, 292, 0x8c987bab],
    ['LCG(512, 255)', lcg(512, 255), 0x0f239a79, 607, 0x3b6f5982],
    ['LCG(767, 255)', lcg(767, 255), 0x14739fe6, 922, 0xc95266d0],
    ['LCG(768, 255)', lcg(768, 255), 0xf0148aab, 923, 0xf92e24ce],
    ['LCG(1791, 255)', lcg(1791, 255), 0xe1aa1711, 2306, 0x230182ae],
    ['LCG(3837, 255)', lcg(3837, 255), 0x41c25939, 5261, 0xb15f7a04],
    ['LCG(3838, 255)', lcg(3838, 255), 0x12f94179, 5261, 0x2d15ed26],
    ['LCG(3839, 255)', lcg(3839, 255), 0xa87a4c64, 5263, 0xd5f13f30],
    ['LCG(5000, 255)', lcg(5000, 255), 0x635666a9, 6729, 0xf37e05c4],
    ['LCG(7678, 255)', lcg(7678, 255), 0xbffe6a8f, 10536, 0xcda085c6],
    ['LCG(65536, 255)', lcg(65536, 255), 0x12e573a3, 89745, 0xe5457684],
    ['LCG(1000, 3)', lcg(1000, 3), 0x1898b79c, 387, 0x53885ec3],
    ['LCG(10000, 1)', lcg(10000, 1), 0x833a1fbd, 1667, 0x075d25f2],
    ['LCG(100000, 3)', lcg(100000, 3), 0x75bb59a7, 29858, 0x84195319],
    ['1400 zeros', new Uint8Array(1400), 0x94b14884, 62, 0xd2266007],
    ['a million zeros', new Uint8Array(1e6), 0x1279cb9e, 1819, 0xf924313f],
    ['ten million zeros', new Uint8Array(1e7), 0x3e3ba5cb, 8501, 0x038e930e],
  ])("turns %s into Go's size and checksum and back", (_name, input, inputCrc, size, outputCrc) => {
    expect(crc32(input), 'the input is generated as it was for Go').toBe(inputCrc)
    const output = compressLzw(input)
    expect([output.length, crc32(output)]).toEqual([size, outputCrc])
    const back = uncompressLzw(output, input.length)
    expect([back.length, crc32(back)]).toEqual([input.length, inputCrc])
  })

  it('gives back whatever it was given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 6000 }), fc.constantFrom(255, 3, 1), (bytes, mask) => {
        const input = Uint8Array.from(bytes, (byte) => byte & mask)
        expect(uncompressLzw(compressLzw(input), input.length)).toEqual(input)
      }),
    )
  })

  it('gives up compressing exactly where the output passes its bound', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 500 }), (input) => {
        const output = compressLzw(input)
        expect(compressLzwWithin(input, output.length)).toEqual(output)
        expect(compressLzwWithin(input, output.length - 1)).toBeUndefined()
        expect(compressLzwWithin(input, 0)).toBeUndefined()
      }),
    )
  })

  it('gives up after a sample that has not become shorter, whatever comes behind it, and only then', () => {
    const SAMPLE = 64 * 1024
    const noise = lcg(2 * SAMPLE, 255)
    const zeros = new Uint8Array(40 * SAMPLE)
    const both = (first: Uint8Array, second: Uint8Array) => Uint8Array.from([...first, ...second])
    const whole = both(noise, zeros)
    expect(compressLzw(whole).length).toBeLessThan(whole.length / 4)
    expect(compressLzwWithin(whole, whole.length, SAMPLE)).toBeUndefined()
    const late = both(zeros, noise)
    expect(compressLzwWithin(late, late.length, SAMPLE)).toEqual(compressLzw(late))
    expect(compressLzwWithin(noise.subarray(0, SAMPLE / 2), SAMPLE, SAMPLE)).toEqual(
      compressLzw(noise.subarray(0, SAMPLE / 2)),
    )
  })

  it('expands to exactly its bound and not one byte further', () => {
    const bomb = compressLzw(new Uint8Array(100_000))
    expect(uncompressLzw(bomb, 100_000).length).toBe(100_000)
    expect(reasonOf(() => uncompressLzw(bomb, 99_999))).toBe('too-large')
    expect(reasonOf(() => uncompressLzw(bomb, 0))).toBe('too-large')
    expect(uncompressLzw(fromHex('000302'), 0).length).toBe(0)
  })

  it('ignores what follows the End code', () => {
    expect(uncompressLzw(fromHex('00830404ffff'), 10)).toEqual(utf8('A'))
  })

  it('reads streams with no Clear, two Clears and a Clear in the middle', () => {
    const [a, b] = [65, 66]
    const nine = (codes: number[]) => lzwStream(codes.map((code) => [code, 9] as const))
    expect(uncompressLzw(nine([a, b, END]), 10)).toEqual(utf8('AB'))
    expect(uncompressLzw(nine([CLEAR, CLEAR, a, 258, END]), 10)).toEqual(utf8('AAA'))
    expect(uncompressLzw(nine([CLEAR, a, b, CLEAR, a, END]), 10)).toEqual(utf8('ABA'))
  })

  it('reads a stream that never clears its full dictionary', () => {
    // One literal for each code: entries 258 … 4095 are defined, and then stay; entry 4095 is the last pair of literals.
    function* codes(): Generator<readonly [number, number]> {
      yield [CLEAR, 9]
      for (let k = 1; k <= 4200; k++) yield [k % 2, k <= 255 ? 9 : k <= 767 ? 10 : k <= 1791 ? 11 : 12]
      yield [4095, 12]
      yield [258, 12]
      yield [END, 12]
    }
    const output = uncompressLzw(lzwStream(codes()), 10_000)
    expect(output.length).toBe(4204)
    expect(output.subarray(0, 4200)).toEqual(Uint8Array.from({ length: 4200 }, (_, i) => (i + 1) % 2))
    // Entry 258 + n holds literals n + 1 and n + 2, counted from 1.
    expect([...output.subarray(4200)]).toEqual([3838 % 2, 3839 % 2, 1, 0])
  })

  it.each([
    ['nothing', '', 'truncated'],
    ['a lone zero byte', '00', 'truncated'],
    ['no End code', '008304', 'truncated'],
    [
      'a code that is not defined yet',
      toHex(
        lzwStream([
          [CLEAR, 9],
          [65, 9],
          [259, 9],
          [END, 9],
        ]),
      ),
      'malformed',
    ],
    [
      'an entry right after Clear',
      toHex(
        lzwStream([
          [CLEAR, 9],
          [258, 9],
          [END, 9],
        ]),
      ),
      'malformed',
    ],
  ])('refuses %s', (_name, hex, reason) => {
    expect(reasonOf(() => uncompressLzw(fromHex(hex), 100))).toBe(reason)
  })

  it('answers any bytes with output or a DecodeError, within its bound', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        reasonOf(() => expect(uncompressLzw(bytes, 1000).length).toBeLessThanOrEqual(1000))
      }),
      { numRuns: 500 },
    )
  })
})
