// Goal: one packet costs a bounded amount, whatever it says. Method: packets that fuzzing found to cost more than they
// weigh, by how much they make us do: messages, refusals, bytes of output.

import { compressLzw } from '@hearsay/encoding'
import { afterEach, describe, expect, it, vi } from 'vitest'
import * as compression from '../src/compression.ts'
import { decodePacket, MAX_DECOMPRESSED_BYTES, MAX_PACKET_MESSAGES } from '../src/index.ts'
import { compound, compressWrapper } from './samples.ts'

/** A compressed message around these bytes, whatever they are. */
const wrap = (data: Uint8Array): Uint8Array => compressWrapper(0, data)
const repeat = (count: number, part: Uint8Array): Uint8Array =>
  Buffer.concat([
    Uint8Array.of(7, count),
    ...Array.from({ length: count }, () => Uint8Array.of(part.length >>> 8, part.length & 0xff)),
    ...Array.from({ length: count }, () => part),
  ])

afterEach(() => vi.restoreAllMocks())

describe('a packet', () => {
  it('full of the smallest messages is delivered: that much a datagram can hold', () => {
    const { messages, drops } = decodePacket(repeat(85, repeat(255, Uint8Array.of(8))))
    expect([messages.length, drops]).toEqual([85 * 255, []])
  })

  it('that expands to millions of messages delivers those within the bound, and says so once', () => {
    const bomb = repeat(40, wrap(compressLzw(repeat(100, repeat(255, Uint8Array.of(8))))))
    expect(bomb.length).toBeLessThan(65_536)
    const { messages, drops } = decodePacket(bomb)
    expect(messages).toHaveLength(MAX_PACKET_MESSAGES - 1)
    expect(drops.map(({ reason }) => reason)).toEqual(['too-many-messages'])
  })

  it('of nothing but refusals is refused once for the rest', () => {
    const { messages, drops } = decodePacket(repeat(200, repeat(255, new Uint8Array(0))))
    expect(messages).toEqual([])
    expect(drops).toHaveLength(MAX_PACKET_MESSAGES)
    expect(drops.at(-1)?.reason).toBe('too-many-messages')
  })

  it('with many compressed parts that fail late does not expand each of them to the bound', () => {
    const whole = compressLzw(new Uint8Array(MAX_DECOMPRESSED_BYTES))
    const cut = wrap(whole.subarray(0, whole.length - 3))
    const allowed: number[] = []
    const expand = compression.expandMessage
    vi.spyOn(compression, 'expandMessage').mockImplementation((body, maxBytes) => {
      allowed.push(maxBytes)
      return expand(body, maxBytes)
    })
    const { drops } = decodePacket(repeat(4, cut))
    expect(drops).toHaveLength(4)
    expect(allowed).toEqual([MAX_DECOMPRESSED_BYTES, 0, 0, 0])
  })

  it('with one small compressed part that fails still reads the others', () => {
    const bad = wrap(Uint8Array.of(0, 0x83, 4))
    const good = wrap(compressLzw(Uint8Array.of(8, 1, 2, 3)))
    const { messages, drops } = decodePacket(compound(bad, good, bad, good))
    expect([messages.length, drops.length]).toEqual([2, 2])
  })
})
