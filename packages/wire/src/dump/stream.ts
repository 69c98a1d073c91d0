/** Streams, from the first byte of a connection to the fields of its message (wire spec 3). */
import { ByteReader, concatBytes, DecodeError, decodeText } from '@hearsay/encoding'
import { FRAME_HEADER_BYTES, frameBodyBytes } from '../encryption/frame.ts'
import { Keyring } from '../encryption/keyring.ts'
import { judgeLabel, type LabelMode, labelBytes } from '../label.ts'
import {
  MAX_COMPRESSED_BYTES,
  MAX_DECOMPRESSED_BYTES,
  MAX_FRAME_BYTES,
  MAX_SMALL_MESSAGE_BYTES,
  MAX_STREAM_BYTES,
} from '../limits.ts'
import { MessageType } from '../message.ts'
import type { StreamRole } from '../stream-body.ts'
import type { Dump, DumpOptions } from './dump.ts'
import { dumpCompressed, expand } from './expanded.ts'
import { dumpStreamFrame } from './framing.ts'
import { dumpLabel } from './label.ts'
import { dumpSealed, openWith } from './sealed.ts'
import { type Pen, Sheet } from './sheet.ts'
import { dumpStreamBody } from './stream-body.ts'
import { bytesText, quotedBytes } from './text.ts'

/** How a stream is looked at. */
export interface StreamDumpOptions extends DumpOptions {
  /** Who reads: the acceptor requests (the default), which may have a label; the initiator replies, which have none. */
  readonly role?: StreamRole
  /** What is thought of labels of others. Default `ignore`: any is shown. */
  readonly labelMode?: LabelMode
}

/**
 * Explains one direction of a connection, from its first byte to its end. Total, as `dumpPacket`; its problems are those
 * for which `StreamReader` fails with the same settings. A label that differs ends nothing: what follows is shown. Throws
 * `KeyringError` for keys that are none, and a `RangeError` for a label above 255 bytes.
 */
export function dumpStream(bytes: Uint8Array, options: StreamDumpOptions = {}): Dump {
  const { role = 'acceptor', framing = 'none' } = options
  const keyring = new Keyring(options.keys)
  const sheet = new Sheet('stream', bytes)
  const pen = sheet.pen()
  // dskit's first byte is the initiator's alone, as the label is.
  const isFramed = framing === 'dskit' && role === 'acceptor'
  if (isFramed && !dumpStreamFrame(pen)) return sheet.finish()
  new StreamWalk(role, options, keyring.keys()).connection(pen, isFramed ? 1 : 0)
  return sheet.finish()
}

class StreamWalk {
  readonly #role: StreamRole
  readonly #options: StreamDumpOptions
  readonly #keys: readonly Uint8Array[]
  /** Authenticated with what is encrypted. */
  #label: Uint8Array

  constructor(role: StreamRole, options: StreamDumpOptions, keys: readonly Uint8Array[]) {
    this.#role = role
    this.#options = options
    this.#keys = keys
    this.#label = labelBytes(options.label ?? '')
  }

  connection(pen: Pen, start: number): void {
    const end = pen.bytes.length
    if (end > MAX_STREAM_BYTES)
      return refuse(pen, start, end, 'too-large', `more than ${MAX_STREAM_BYTES} bytes on one stream`)
    if (start === end) return pen.problem('empty', start, 'the stream ended before anything came')
    const messageStart = this.#role === 'acceptor' ? this.#labelled(pen, start, end) : start
    if (messageStart === undefined) return
    if (messageStart === end) return pen.problem('truncated', end, 'the stream ended inside a message')
    if (pen.bytes[messageStart] === MessageType.encrypt) return this.#frame(pen, messageStart, end)
    if (this.#keys.length > 0 && this.#options.verifyIncoming !== false)
      pen.problem('not-encrypted', messageStart, 'the message is not encrypted, which is insisted on here')
    this.#message(pen, messageStart, end)
  }

  /** Where the message begins; `undefined` when the header cannot be read. */
  #labelled(pen: Pen, start: number, end: number): number | undefined {
    const header = dumpLabel(pen, start, end)
    if (!header) {
      // An empty label has no length that could be right; of any other the end is missing.
      const isEmpty = pen.bytes[start + 1] === 0
      const detail = isEmpty ? 'a label header with an empty label' : 'the stream ended inside the label header'
      pen.rest(start, end, 'unreadable', detail)
      pen.problem('label-malformed', isEmpty ? start + 1 : end, detail)
      return undefined
    }
    const { label, labelMode = 'ignore' } = this.#options
    const drop = judgeLabel(header.label, label ?? decodeText(header.label), labelMode)
    if (drop) pen.problem(drop.reason, start + drop.offset, drop.detail)
    // Others would read on: with the label that came.
    if (drop || label === undefined) this.#label = header.label
    return header.end
  }

  #frame(pen: Pen, start: number, end: number): void {
    const bodyStart = start + FRAME_HEADER_BYTES
    if (this.#keys.length === 0)
      pen.problem('encrypted', start, 'the message is encrypted, and no key is installed here')
    if (bodyStart > end)
      return refuse(pen, start, end, 'truncated', 'the stream ended inside the header of a frame', end)
    const sizeBytes = frameBodyBytes(pen.bytes.subarray(start))
    pen.entry(start, bodyStart, 'frame', `encrypted, ${bytesText(sizeBytes)}`).sizeBytes = Math.min(
      end - start,
      FRAME_HEADER_BYTES + sizeBytes,
    )
    const inner = pen.deeper()
    if (sizeBytes > MAX_FRAME_BYTES)
      return refuse(
        inner,
        bodyStart,
        end,
        'too-large',
        `an encrypted message of ${sizeBytes} bytes; at most ${MAX_FRAME_BYTES} are allowed`,
        start,
      )
    const bodyEnd = bodyStart + sizeBytes
    if (bodyEnd > end)
      return refuse(inner, bodyStart, end, 'truncated', `${sizeBytes} bytes wanted, ${end - bodyStart} are there`, end)
    const header = pen.bytes.subarray(start, bodyStart)
    const named = this.#label.length === 0 ? 'no label' : `the label ${quotedBytes(this.#label)}`
    inner.entry(bodyStart, bodyStart, 'authenticated beside it', `these ${FRAME_HEADER_BYTES} bytes and ${named}`)
    dumpSealed(inner, bodyStart, bodyEnd)
    pen.rest(bodyEnd, end, 'behind it', `${bytesText(end - bodyEnd)}, not read`)
    if (this.#keys.length > 0) this.#opened(inner, start, pen.bytes.subarray(bodyStart, bodyEnd), header)
  }

  #opened(pen: Pen, start: number, body: Uint8Array, header: Uint8Array): void {
    const opened = openWith(body, this.#keys, concatBytes([header, this.#label]))
    if (!opened)
      return pen.problem(
        'decrypt-failed',
        start,
        'no installed key opens the message: another key, another label, or damage on the way',
      )
    const inside = pen.layer('decrypted', opened.plaintext, opened.by)
    if (inside.bytes.length === 0) return pen.problem('empty', start, 'the encrypted message is empty')
    this.#message(inside, 0, inside.bytes.length)
  }

  #message(pen: Pen, start: number, end: number): void {
    if (pen.bytes[start] !== MessageType.compress) return dumpStreamBody(pen, start, end, this.#role)
    const reader = new ByteReader(pen.bytes, start + 1, end)
    try {
      const wrapper = dumpCompressed(pen, reader, { start })
      pen.rest(reader.offset, end, 'behind it', `${bytesText(end - reader.offset)}, not read`)
      this.#expand(pen.deeper(), start, wrapper)
    } catch (error) {
      if (!(error instanceof DecodeError)) throw error
      const isTooLarge = error.reason === 'truncated' && end - start > MAX_COMPRESSED_BYTES + MAX_SMALL_MESSAGE_BYTES
      pen.problem(isTooLarge ? 'too-large' : error.reason, error.offset, error.message)
    }
  }

  #expand(pen: Pen, start: number, wrapper: Parameters<typeof expand>[1]): void {
    if ((wrapper.data?.length ?? 0) > MAX_COMPRESSED_BYTES)
      return pen.problem('too-large', start, `compressed data above ${MAX_COMPRESSED_BYTES} bytes`)
    const expanded = expand(pen, wrapper, this.#options.maxDecompressedBytes ?? MAX_DECOMPRESSED_BYTES)
    if (!expanded.ok) return pen.problem(expanded.reason, start, expanded.detail)
    const { pen: inside } = expanded
    if (inside.bytes.length === 0) return pen.problem('empty', start, 'the compressed message is empty')
    dumpStreamBody(inside, 0, inside.bytes.length, this.#role)
  }
}

/** A problem about everything from here on. */
function refuse(
  pen: Pen,
  start: number,
  end: number,
  reason: Parameters<Pen['problem']>[0],
  detail: string,
  offset = start,
): void {
  pen.rest(start, end, 'unreadable', detail)
  pen.problem(reason, offset, detail)
}
