/** The plaintext of a packet (wire spec 2.5–2.7), walked as its decoder does. */
import { crc32 } from 'node:zlib'
import { ByteReader, DecodeError } from '@hearsay/encoding'
import { CHECKSUM_BYTES } from '../checksum.ts'
import { MAX_WRAPPER_DEPTH } from '../limits.ts'
import { type IndirectPing, MessageType } from '../message.ts'
import { dumpCompressed, expand } from './expanded.ts'
import { dumpBody } from './fields.ts'
import { packetMessages, typeText } from './messages.ts'
import type { Pen } from './sheet.ts'
import { bytesText, hex32, preview } from './text.ts'

/** Lengths of parts that are listed. */
const MAX_LISTED_LENGTHS = 16

/** Walks one payload, with one allowance for all that is compressed in it. */
export class PayloadWalk {
  #expandableBytes: number

  constructor(maxDecompressedBytes: number) {
    this.#expandableBytes = maxDecompressedBytes
  }

  /** All of a payload. A checksum that does not match hides nothing of what stands behind it. */
  payload(pen: Pen, start: number, end: number): void {
    const { bytes } = pen
    if (bytes[start] !== MessageType.hasCrc || end - start < CHECKSUM_BYTES) return this.#message(pen, start, end, 0)
    const stated = new DataView(bytes.buffer, bytes.byteOffset).getUint32(start + 1)
    const computed = crc32(bytes.subarray(start + CHECKSUM_BYTES, end))
    const verdict = stated === computed ? 'correct' : `computed ${hex32(computed)}`
    pen.entry(start, start + CHECKSUM_BYTES, 'checksum', `${hex32(stated)}, ${verdict}`)
    if (stated !== computed) pen.problem('checksum-mismatch', start, 'the checksum does not match')
    this.#message(pen, start + CHECKSUM_BYTES, end, 0)
  }

  /** One message. `nesting` counts the wrappers around it, `place` says where in one it stands. */
  #message(pen: Pen, start: number, end: number, nesting: number, place = ''): void {
    if (start === end) {
      pen.entry(start, end, 'nothing', place)
      return pen.problem('empty', start, 'a message without a type byte')
    }
    if (nesting > MAX_WRAPPER_DEPTH) {
      const detail = `wrappers nested more than ${MAX_WRAPPER_DEPTH} deep`
      pen.rest(start, end, 'unreadable', detail)
      return pen.problem('too-deep', start, detail)
    }
    try {
      this.#typed(pen, start, end, nesting, place)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      pen.problem(error.reason, error.offset, error.message)
    }
  }

  #typed(pen: Pen, start: number, end: number, nesting: number, place: string): void {
    const type = pen.bytes[start]!
    const reader = new ByteReader(pen.bytes, start + 1, end)
    if (type === MessageType.compound) return this.#compound(pen, reader, nesting, place)
    if (type === MessageType.compress) return this.#compressed(pen, reader, nesting, place)
    if (type === MessageType.user) {
      pen.entry(start, start + 1, 'user', place).sizeBytes = end - start
      return pen.deeper().rest(start + 1, end, 'payload', preview(pen.bytes.subarray(start + 1, end)))
    }
    const message = packetMessages.get(type)
    if (message === undefined) {
      const detail = `messages of type ${typeText(type)} do not stand in packets`
      pen.rest(start, end, 'unreadable', detail)
      return pen.problem('unknown-type', start, detail)
    }
    const { body } = dumpBody(pen, reader, message.codec, { start, name: message.name, value: place })
    pen.deeper().rest(reader.offset, end, 'behind it', `${bytesText(end - reader.offset)}, ignored`)
    if (type !== MessageType.indirectPing) return
    const { target } = body as IndirectPing
    if (target?.length !== 4 && target?.length !== 16)
      pen.problem('malformed', start, 'an indirect ping whose target is no IP address')
  }

  #compound(pen: Pen, reader: ByteReader, nesting: number, place: string): void {
    const start = reader.offset - 1
    const { end } = reader
    const inner = pen.deeper()
    let lengths: ByteReader
    let count: number
    try {
      count = reader.u8()
      pen.entry(
        start,
        reader.offset,
        'compound',
        joined(place, `${count} ${count === 1 ? 'part' : 'parts'}`),
      ).sizeBytes = end - start
      lengths = reader.window(2 * count)
    } catch (error) {
      if (reader.offset === start + 1) pen.entry(start, end, 'compound', place)
      else inner.rest(reader.offset, end, 'unreadable', (error as Error).message)
      throw error
    }
    if (count > 0) inner.entry(lengths.offset, lengths.end, 'lengths', lengthsText(lengths, count))
    for (let index = 1; index <= count; index++) {
      const length = lengths.u16()
      const at = reader.offset
      if (length > reader.remaining) {
        const detail = `part ${index} of ${count} wants ${length} bytes, ${reader.remaining} are left`
        inner.rest(at, end, 'unreadable', detail)
        return pen.problem('compound-truncated', at, detail)
      }
      reader.skip(length)
      this.#message(inner, at, reader.offset, nesting + 1, `part ${index} of ${count}`)
    }
    inner.rest(reader.offset, end, 'behind them', `${bytesText(reader.remaining)}, ignored`)
  }

  #compressed(pen: Pen, reader: ByteReader, nesting: number, place: string): void {
    const start = reader.offset - 1
    const wrapper = dumpCompressed(pen, reader, { start, value: place })
    pen.deeper().rest(reader.offset, reader.end, 'behind it', `${bytesText(reader.remaining)}, ignored`)
    const expanded = expand(pen.deeper(), wrapper, this.#expandableBytes)
    if (!expanded.ok) return pen.problem(expanded.reason, start, expanded.detail)
    const { pen: inside } = expanded
    this.#expandableBytes -= inside.bytes.length
    this.#message(inside, 0, inside.bytes.length, nesting + 1)
  }
}

const joined = (place: string, text: string): string => (place === '' ? text : `${place}: ${text}`)

function lengthsText(reader: ByteReader, count: number): string {
  const copy = new ByteReader(reader.bytes, reader.offset, reader.end)
  const shown = Array.from({ length: Math.min(count, MAX_LISTED_LENGTHS) }, () => copy.u16())
  return shown.join(', ') + (count > shown.length ? ', …' : '')
}
