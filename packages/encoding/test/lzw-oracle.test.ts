/**
 * Goal: the encoder's tables change nothing. Method: beside it a plain one, by the description of the format (wire spec
 * 2.6) with a map for a dictionary; on random input, and on input that ends near every change of width and every Clear.
 */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compressLzw, toHex, uncompressLzw } from '../src/index.ts'
import { payloads } from './property-samples.ts'
import { lcg, lzwStream } from './samples.ts'

function plainLzw(input: Uint8Array): Uint8Array {
  const codes: [code: number, width: number][] = []
  let width = 9
  let last = 257
  let entries = new Map<string, number>()
  const clear = (atWidth: number) => {
    codes.push([256, atWidth])
    width = 9
    last = 257
    entries = new Map()
  }
  const put = (code: number, entry: string) => {
    codes.push([code, width])
    last++
    entries.set(entry, last)
    if (last === 1 << width) width++
    if (last === 4095) clear(12)
  }
  clear(9)
  let text = ''
  const codeOf = (entry: string): number => (entry.length === 1 ? entry.charCodeAt(0) : entries.get(entry)!)
  for (const byte of input) {
    const longer = text + String.fromCharCode(byte)
    if (text !== '' && !entries.has(longer)) {
      put(codeOf(text), longer)
      text = String.fromCharCode(byte)
    } else text = longer
  }
  if (text !== '') put(codeOf(text), 'what follows the end')
  codes.push([257, width])
  return lzwStream(codes)
}

/** Bytes of which no two neighbours occur twice, by odd steps, each of which reaches all bytes: each is a code of its own. */
function withoutRepetition(length: number): Uint8Array {
  let byte = 0
  return Uint8Array.from({ length }, (_, index) => {
    byte = (byte + 1 + 2 * (index >> 8)) & 0xff
    return byte
  })
}

const same = (input: Uint8Array): void => {
  const output = compressLzw(input)
  expect(toHex(output) === toHex(plainLzw(input)), `${input.length} bytes`).toBe(true)
  expect(Buffer.compare(uncompressLzw(output, input.length), input)).toBe(0)
}

describe('LZW', () => {
  it('is what a plain encoder makes of any input', () => {
    fc.assert(fc.property(payloads, same), { numRuns: 300 })
  })

  it.each([255, 767, 1791, 3838, 3838 + 255, 3838 + 767, 3838 + 1791, 2 * 3838, 3 * 3838])(
    'that ends near code %i does not differ',
    (codes) => {
      for (let length = codes - 3; length <= codes + 3; length++) same(withoutRepetition(length))
    },
  )

  it.each([0x01, 0x0f, 0xff])('of much input, masked with %i, does not differ', (mask) => {
    for (const length of [20_000, 70_000]) same(lcg(length, mask))
  })
})
