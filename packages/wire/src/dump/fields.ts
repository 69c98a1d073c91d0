/** MessagePack bodies, field by field, by the schemas that the codec itself uses. */
import { ByteReader, DecodeError } from '@hearsay/encoding'
import { type FieldKey, findKey } from '../field-key.ts'
import type { Bytes, Versions } from '../message.ts'
import { readBytes, readKey, readMapHeader, skipValue } from '../msgpack.ts'
import { type BodyCodec, type FieldType, readValue } from '../schema.ts'
import type { OpenEntry, Pen } from './sheet.ts'
import { bytesText, ipText, preview, quoted, quotedBytes, versionsText } from './text.ts'

const NIL = 0xc0
const stateNames = ['alive', 'suspect', 'dead', 'left']
const algorithmNames = ['LZW', 'snappy']
const addressKeys: ReadonlySet<FieldKey> = new Set(['Addr', 'SourceAddr', 'Target'])

/** What stands in front of a body, and what it is called. */
export interface Title {
  /** Where the entry begins: at the type byte, or at the map where there is none. */
  readonly start: number
  readonly name: string
  readonly value?: string
}

/**
 * Dumps a map from the reader's position: a title, then its fields one level deeper. Returns the record the codec reads
 * there, and leaves the reader behind it. Throws `DecodeError`, after what could be read was written down, and the rest
 * of the reader as unreadable.
 */
export function dumpBody<Body extends object>(
  pen: Pen,
  reader: ByteReader,
  codec: BodyCodec<Body>,
  { start, name, value = '' }: Title,
): { readonly body: Body; readonly title: OpenEntry } {
  const bodyStart = reader.offset
  let at = bodyStart
  let title: OpenEntry | undefined
  try {
    const count = readMapHeader(reader)
    title = pen.entry(start, reader.offset, name, value)
    const inner = pen.deeper()
    const seen = new Set<FieldKey>()
    for (let left = count; left > 0; left--) {
      at = reader.offset
      dumpField(inner, reader, codec, seen)
    }
    title.sizeBytes = reader.offset - start
    return { body: codec.read(new ByteReader(reader.bytes, bodyStart, reader.end)), title }
  } catch (error) {
    if (!(error instanceof DecodeError)) throw error
    title ??= pen.entry(start, bodyStart, name, value)
    title.sizeBytes = reader.end - start
    pen.deeper().rest(at, reader.end, 'unreadable', error.message)
    throw error
  }
}

function dumpField<Body extends object>(
  pen: Pen,
  reader: ByteReader,
  codec: BodyCodec<Body>,
  seen: Set<FieldKey>,
): void {
  const start = reader.offset
  const name = readKey(reader)
  const key = findKey(name)
  const field = key === undefined ? undefined : codec.fields.find((each) => each.key === key)
  const valueStart = reader.offset
  if (field === undefined) {
    skipValue(reader)
    if (pen.sheet.isFull) pen.entry(start, reader.offset, '')
    else
      pen.entry(
        start,
        reader.offset,
        quotedBytes(name),
        `unknown, ignored (${bytesText(reader.offset - valueStart)} of value)`,
      )
    return
  }
  const value = readValue(reader, field.type)
  const text = pen.sheet.isFull ? '' : valueText(field.key, field.type, value, reader, valueStart)
  pen.entry(start, reader.offset, field.key, seen.has(field.key) ? `${text} (again: this one counts)` : text)
  seen.add(field.key)
}

function valueText(key: FieldKey, type: FieldType, value: unknown, reader: ByteReader, start: number): string {
  const isNil = reader.bytes[start] === NIL
  switch (type) {
    case 'text':
      return isNil ? 'nil' : quoted(value as string)
    case 'bytes':
      return addressKeys.has(key)
        ? ipText(value as Bytes)
        : key === 'Buf'
          ? sizeText(value as Bytes)
          : preview(value as Bytes)
    case 'versions':
      return versionsText(value as Versions | null, readBytes(new ByteReader(reader.bytes, start, reader.end)))
    default:
      return `${numberText(key, value as number | boolean)}${isNil ? ' (nil)' : ''}`
  }
}

function numberText(key: FieldKey, value: number | boolean): string {
  const name =
    key === 'State'
      ? (stateNames[value as number] ?? 'unknown, ignored')
      : key === 'Algo'
        ? (algorithmNames[value as number] ?? 'unknown')
        : undefined
  return name === undefined ? String(value) : `${value} (${name})`
}

/** Compressed data shows nothing that could be read. */
const sizeText = (bytes: Bytes): string => (bytes === null ? 'nil' : bytesText(bytes.length))
