/** The innermost layer of a stream: one message without wrappers (wire spec 1.6.10–1.6.12, 3.5–3.8). */
import { ByteReader, DecodeError } from '@hearsay/encoding'
import {
  MAX_NODE_STATE_BYTES,
  MAX_NODE_STATES,
  MAX_SMALL_MESSAGE_BYTES,
  MAX_STREAM_USER_BYTES,
  MAX_USER_STATE_BYTES,
} from '../limits.ts'
import { MessageType } from '../message.ts'
import { nodeState, pushPullHeader, userHeader } from '../messages/stream-bodies.ts'
import type { StreamRole } from '../stream-body.ts'
import { dumpBody } from './fields.ts'
import { streamMessages, typeText } from './messages.ts'
import type { Pen } from './sheet.ts'
import { bytesText, preview } from './text.ts'

/** Dumps the message and what follows it, which nobody reads. Total. */
export function dumpStreamBody(pen: Pen, start: number, end: number, role: StreamRole): void {
  const unit = { start, maxBytes: MAX_SMALL_MESSAGE_BYTES }
  try {
    const reader = new ByteReader(pen.bytes, start + 1, end)
    const type = pen.bytes[start]!
    if (type === MessageType.pushPull) dumpPushPull(pen, reader, unit)
    else if (type === MessageType.user && role === 'acceptor') dumpUser(pen, reader)
    else {
      const message = streamMessages[role].get(type)
      if (message === undefined) {
        const detail = `messages of type ${typeText(type)} do not stand here`
        pen.rest(start, end, 'unreadable', detail)
        return pen.problem('unknown-type', start, detail)
      }
      dumpBody(pen, reader, message.codec, { start, name: message.name })
    }
    pen.rest(reader.offset, end, 'behind it', `${bytesText(reader.remaining)}, not read`)
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    // A peer that sends on and on inside one small thing is not waited for.
    if (error.reason === 'truncated' && end - unit.start > unit.maxBytes)
      pen.problem('too-large', unit.start, `a message that is not complete after ${unit.maxBytes} bytes`)
    else pen.problem(error.reason, error.offset, error.message)
  }
}

/** What is being read, and how much of it is waited for. */
interface Unit {
  start: number
  maxBytes: number
}

function dumpUser(pen: Pen, reader: ByteReader): void {
  const start = reader.offset - 1
  const { body, title } = dumpBody(pen, reader, userHeader, { start, name: 'user' })
  const { payloadBytes } = body
  const inner = pen.deeper()
  const at = reader.offset
  if (payloadBytes < 0 || payloadBytes > MAX_STREAM_USER_BYTES) {
    const detail = `a user message of ${payloadBytes} bytes; at most ${MAX_STREAM_USER_BYTES} are allowed`
    inner.rest(at, reader.end, 'unreadable', detail)
    reader.offset = reader.end
    return pen.problem('too-large', start, detail)
  }
  if (!dumpOpaque(inner, reader, payloadBytes, 'payload'))
    pen.problem('truncated', reader.end, `a user message of ${payloadBytes} bytes, ${reader.end - at} are there`)
  title.sizeBytes = reader.offset - start
}

function dumpPushPull(pen: Pen, reader: ByteReader, unit: Unit): void {
  const { start } = unit
  const { body, title } = dumpBody(pen, reader, pushPullHeader, { start, name: 'push/pull' })
  const { nodeCount, userStateBytes } = body
  const inner = pen.deeper()
  const refuse = (offset: number, detail: string) => {
    inner.rest(reader.offset, reader.end, 'unreadable', detail)
    reader.offset = reader.end
    pen.problem('too-large', offset, detail)
  }
  title.sizeBytes = reader.end - start
  if (nodeCount < 0 || nodeCount > MAX_NODE_STATES)
    return refuse(start, `${nodeCount} entries; at most ${MAX_NODE_STATES} are allowed`)
  for (let index = 1; index <= nodeCount; index++) {
    unit.start = reader.offset
    unit.maxBytes = MAX_NODE_STATE_BYTES
    const value = `${index} of ${nodeCount}`
    dumpBody(inner, reader, nodeState, { start: reader.offset, name: 'node', value })
  }
  const at = reader.offset
  if (userStateBytes < 0 || userStateBytes > MAX_USER_STATE_BYTES)
    return refuse(at, `a user state of ${userStateBytes} bytes; at most ${MAX_USER_STATE_BYTES} are allowed`)
  if (!dumpOpaque(inner, reader, userStateBytes, 'user state'))
    pen.problem('truncated', reader.end, `a user state of ${userStateBytes} bytes, ${reader.end - at} are there`)
  title.sizeBytes = reader.offset - start
}

/** Bytes of the application, or what is there of them. False when some are missing. */
function dumpOpaque(pen: Pen, reader: ByteReader, sizeBytes: number, name: string): boolean {
  const start = reader.offset
  const isWhole = sizeBytes <= reader.remaining
  reader.offset = isWhole ? start + sizeBytes : reader.end
  const bytes = pen.bytes.subarray(start, reader.offset)
  pen.rest(start, reader.offset, name, isWhole ? preview(bytes) : `cut short after ${preview(bytes)}`)
  return isWhole
}
