// Goal: compression, checksums, compounds and labels as the Go library makes and reads them. Method: what five of its
// versions recorded (wire spec 8 B–E), made again from what went in, and taken apart again from what came out.

import {
  ByteReader,
  compressLzw,
  compressSnappy,
  DecodeError,
  fromHex,
  toHex,
  uncompressLzw,
  uncompressSnappy,
} from '@hearsay/encoding'
import { describe, expect, it } from 'vitest'
import { withChecksum } from '../../src/checksum.ts'
import { compressMessage, expandMessage } from '../../src/compression.ts'
import { decodePacket, encodePacket, MAX_COMPOUND_PARTS, MAX_DECOMPRESSED_BYTES, Part } from '../../src/index.ts'
import { labelHeader, readLabel } from '../../src/label.ts'
import { compressed } from '../../src/messages/stream-bodies.ts'
import { differing } from './differences.ts'
import {
  type BytesForm,
  bytesOf,
  formOf,
  type Library,
  libraries,
  textOf,
  vectorsOf,
  vectorsOfType,
} from './vectors.ts'

const plain = { compression: 'none', checksum: false } as const
const of = (library: Library, type: string) => vectorsOfType(library, 'layers', type)
const isFork = ({ module }: Library) => module.includes('grafana')
const forks = libraries.filter(isFork)

/** A user message, of which the type byte is part of the given bytes. */
const part = (bytes: Uint8Array) => new Part({ type: 'user', payload: bytes.subarray(1) })
/** What happens to bytes that are refused: null. */
const unlessRefused = <T>(act: () => T): T | null => {
  try {
    return act()
  } catch (error) {
    if (error instanceof DecodeError) return null
    throw error
  }
}

/** Work that is the same for all versions is done once: some inputs are long. */
const results = new Map<string, unknown>()
function once<T>(what: string, form: BytesForm, act: (input: Uint8Array) => T): T {
  const key = `${what} ${JSON.stringify(form)}`
  if (!results.has(key)) results.set(key, act(bytesOf(form)!))
  return results.get(key) as T
}

describe.each(libraries)('$vectors: compression', (library) => {
  it('LZW', { timeout: 60_000 }, () => {
    for (const { in: fields, out } of of(library, 'lzw')) {
      const ours = once('lzw', fields.input, (input) => {
        const compact = compressLzw(input)
        return { compact: formOf(compact), input: formOf(input), back: formOf(uncompressLzw(compact, input.length)) }
      })
      expect(ours.compact, JSON.stringify(fields)).toEqual(out)
      expect(ours.back).toEqual(ours.input)
    }
  })

  it('LZW that Go does not write: the same bytes come out, or it is refused alike', () => {
    for (const { id, in: fields, out } of of(library, 'lzw-expand'))
      expect(
        unlessRefused(() => formOf(uncompressLzw(fromHex(fields.bytes), 1 << 20))),
        id,
      ).toEqual(out)
  })

  it('messages in their wrapper, and whether packets use it', () => {
    for (const { in: fields, settings, out } of of(library, 'compress')) {
      const message = bytesOf(fields.message)!
      const wrapped = compressMessage(message, settings.compression ?? 'lzw')
      expect(formOf(wrapped)).toEqual(out)
      expect(formOf(expandMessage(compressed.read(new ByteReader(wrapped, 1)), message.length))).toEqual(
        formOf(message),
      )
      if (settings.packetsUseIt === undefined) continue
      const packet = encodePacket(
        decodePacket(message).messages.map((each) => new Part(each)),
        {
          compression: 'lzw',
          checksum: false,
        },
      )
      expect(toHex(packet)).toBe(settings.packetsUseIt ? out : fields.message)
    }
  })

  it('the bound of what comes out', { timeout: 120_000 }, () => {
    const lines = of(library, 'limit')
    const disagreeing = lines.filter(({ in: fields, out }) => {
      const ours = once('limit', fields.input, (input) => {
        const data = compressLzw(input)
        const expanded = unlessRefused(() => expandMessage({ algorithm: 0, data }, MAX_DECOMPRESSED_BYTES))
        return { compressed: formOf(data), accepted: expanded?.length === input.length }
      })
      expect(ours.compressed).toEqual(out.compressed)
      return ours.accepted !== out.accepted
    })
    expect(disagreeing.map(({ id }) => id)).toEqual(differing(library, lines))
  })
})

describe.each(forks)('$vectors: Snappy', (library) => {
  it('blocks', () => {
    for (const { in: fields, settings, out } of of(library, 'snappy')) {
      const input = bytesOf(fields.input)!
      expect(settings.algorithm).toBe(1)
      const compact = compressSnappy(input)
      expect(formOf(compact), JSON.stringify(fields)).toEqual(out)
      expect(formOf(uncompressSnappy(compact, input.length))).toEqual(formOf(input))
    }
  })

  it('damaged blocks are refused alike', () => {
    for (const { in: fields, out } of of(library, 'snappy-expand'))
      expect(
        unlessRefused(() => formOf(uncompressSnappy(fromHex(fields.bytes), 22_020_096))),
        fields.bytes,
      ).toEqual(out)
  })
})

describe.each(libraries)('$vectors: checksums', (library) => {
  it('around what a recipient of version 5 gets', () => {
    for (const { in: fields, settings, out } of of(library, 'message')) {
      const message = bytesOf(fields.message)!
      const { messages, drops } = decodePacket(message)
      const checksum = settings.recipientProtocolMax >= 5
      // Two of them are no messages at all: only the wrapper is compared.
      const packet =
        drops.length === 0
          ? encodePacket(
              messages.map((each) => new Part(each)),
              { compression: settings.compression ? 'lzw' : 'none', checksum },
            )
          : checksum
            ? withChecksum(message)
            : message
      expect(toHex(packet)).toBe(out)
      expect(decodePacket(fromHex(out)).messages).toEqual(messages)
    }
  })

  it('a ping with any bit flipped is not answered, a whole one is', () => {
    for (const { id, in: fields, out } of of(library, 'answer')) {
      const answers = decodePacket(fromHex(fields.bytes)).messages.flatMap((message) =>
        message.type === 'ping' ? toHex(new Part({ type: 'ack', seqNo: message.seqNo, payload: null }).bytes) : [],
      )
      expect(answers, `${id} ${fields.bytes}`).toEqual(out === null ? [] : [out])
    }
  })
})

describe.each(libraries)('$vectors: compounds', (library) => {
  it('put together', () => {
    for (const { in: fields, out } of of(library, 'compound')) {
      const parts = (fields.parts as []).map((form) => bytesOf(form)!)
      // A single message travels without a compound, and none of ours is empty.
      if (parts.length > 1 && parts.every(({ length }) => length > 0))
        expect(formOf(encodePacket(parts.map(part), plain))).toEqual(out)
      if (typeof out !== 'string') continue
      const { messages, drops } = decodePacket(fromHex(out))
      expect(messages).toEqual(parts.filter(({ length }) => length > 0).map((each) => part(each).message))
      expect(drops.map(({ reason }) => reason)).toEqual(parts.some(({ length }) => length === 0) ? ['empty'] : [])
    }
  })

  it('taken apart, also when they are cut short or their count is wrong', () => {
    for (const { in: fields, out } of of(library, 'split')) {
      const { messages, drops } = decodePacket(fromHex(fields.bytes))
      const each = ((out?.parts ?? []) as string[]).map((one) => decodePacket(fromHex(one)))
      expect(messages, fields.bytes).toEqual(each.flatMap((one) => one.messages))
      const reasons = each.flatMap((one) => one.drops.map(({ reason }) => reason))
      if (out === null) reasons.push('truncated')
      else if (out.truncated > 0) reasons.push('compound-truncated')
      expect(
        drops.map(({ reason }) => reason),
        fields.bytes,
      ).toEqual(reasons)
    }
  })

  const numbered = (index: number) => part(Uint8Array.of(8, index >> 8, index & 0xff))

  it('more parts than one holds, in gossip', () => {
    for (const { in: fields, out } of of(library, 'many'))
      compare(
        Array.from({ length: fields.count }, (_, index) => numbered(index)),
        out.packets,
      )
  })

  it('more parts than one holds, beside another message', () => {
    const ack = new Part({ type: 'ack', seqNo: 7, payload: null })
    for (const { in: fields, out } of of(library, 'piggyback')) {
      // Of equally long broadcasts the newest goes first.
      const parts = [ack, ...Array.from({ length: fields.count }, (_, index) => numbered(fields.count - 1 - index))]
      // HashiCorp's does not split here: its count wraps around. How that is read is compared above.
      if (isFork(library) || parts.length <= MAX_COMPOUND_PARTS) compare(parts, out.packets)
      else expect(() => encodePacket(parts, plain)).toThrow(RangeError)
    }
  })

  it('a part that is too long for one', () => {
    for (const { in: fields, out } of of(library, 'large')) {
      const parts = (fields.sizes as number[]).map((size) => part(new Uint8Array(size).fill(8)))
      expect(() => encodePacket(parts, plain)).toThrow(RangeError)
      if (!isFork(library)) continue
      const [first, large, last] = parts as [Part, Part, Part]
      expect(out.packets).toEqual([[large], [first, last]].map((each) => formOf(encodePacket(each, plain))))
    }
  })

  function compare(parts: readonly Part[], packets: readonly string[]) {
    const groups = packets.map((_, index) => parts.slice(index * MAX_COMPOUND_PARTS, (index + 1) * MAX_COMPOUND_PARTS))
    for (const [index, group] of groups.entries()) {
      expect(decodePacket(fromHex(packets[index]!)).messages).toEqual(group.map(({ message }) => message))
      // Go makes a compound of a single leftover, we send it bare.
      if (group.length > 1) expect(toHex(encodePacket(group, plain))).toBe(packets[index])
    }
    expect(groups.flat()).toHaveLength(parts.length)
  }
})

describe.each(libraries)('$vectors: labels', (library) => {
  it('before a message', () => {
    for (const { in: fields, out } of of(library, 'label')) {
      const label = textOf(fields.label)
      if (out === null) {
        expect(() => labelHeader(label)).toThrow(RangeError)
        continue
      }
      expect(toHex(labelHeader(label)) + fields.message).toBe(out)
      expect(readLabel(fromHex(out))).toMatchObject({ kind: 'label', sizeBytes: labelHeader(label).length })
    }
  })

  it('taken off', () => {
    for (const { in: fields, out } of of(library, 'unlabel')) {
      const packet = fromHex(fields.bytes)
      const result = readLabel(packet)
      const ours =
        result.kind === 'label' ? { label: toHex(result.label), rest: toHex(packet.subarray(result.sizeBytes)) } : null
      expect(ours, fields.bytes).toEqual(out)
    }
  })
})

it('every kind of line of these files is compared above', () => {
  const known =
    'lzw lzw-expand compress limit snappy snappy-expand message answer compound split many piggyback large label unlabel'
  for (const library of libraries)
    for (const { in: fields } of vectorsOf(library, 'layers')) expect(known.split(' ')).toContain(fields.type)
})
