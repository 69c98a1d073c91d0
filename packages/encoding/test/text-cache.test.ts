/** Goal: a cached text is never another one than was asked for. Method: many texts, most of them met again. */
import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { decodeText, MAX_CACHED_TEXT_BYTES, TextCache } from '../src/index.ts'
import { utf8 } from './samples.ts'

const decode = (cache: TextCache, bytes: Uint8Array): string => cache.decode(bytes, 0, bytes.length)

describe('a text cache', () => {
  it('says what decodeText says, of new texts and of old ones', () => {
    const cache = new TextCache()
    // Few letters, so that texts repeat, are near to each other, and hold loose bytes, zeros and pieces of UTF-8.
    const letters = fc.constantFrom(0x00, 0x61, 0x62, 0x80, 0xc3, 0xff)
    const texts = fc.array(letters, { maxLength: MAX_CACHED_TEXT_BYTES + 3 }).map((all) => Uint8Array.from(all))
    fc.assert(
      fc.property(texts, (bytes) => {
        for (let time = 0; time < 2; time++) expect(decode(cache, bytes)).toBe(decodeText(bytes))
      }),
      { numRuns: 5000 },
    )
  })

  it('tells apart texts that differ in one byte only, at any place, and in length', () => {
    const cache = new TextCache()
    for (let length = 0; length <= MAX_CACHED_TEXT_BYTES; length++) {
      const bytes = new Uint8Array(length).fill(0x61)
      expect(decode(cache, bytes)).toBe('a'.repeat(length))
      for (let at = 0; at < length; at++) {
        const other = bytes.slice()
        other[at] = 0x62
        expect(decode(cache, other)).toBe(`${'a'.repeat(at)}b${'a'.repeat(length - at - 1)}`)
      }
    }
  })

  it('holds more texts than it has room for, one after the other', () => {
    const cache = new TextCache()
    for (let round = 0; round < 2; round++)
      for (let index = 0; index < 10_000; index++)
        expect(decode(cache, utf8(`member-${index}`))).toBe(`member-${index}`)
  })

  it('reads between its bounds', () => {
    expect(new TextCache().decode(utf8('xxabcdefyy'), 2, 8)).toBe('abcdef')
  })
})
