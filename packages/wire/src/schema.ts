/**
 * A schema says which fields a message has, in the order Go emits them (ascending by name), and of which Go type each is.
 * Size, encoding and decoding follow from it.
 */
import type { ByteReader, ByteWriter } from '@hearsay/encoding'
import { encodedKey, type FieldKey, findKey } from './field-key.ts'
import type { Versions } from './message.ts'
import {
  bytesSize,
  intSize,
  readBool,
  readBytes,
  readInteger,
  readKey,
  readMapHeader,
  readText,
  skipValue,
  textFieldSize,
  uintSize,
  writeBool,
  writeBytes,
  writeInt,
  writeRawHeader,
  writeTextField,
  writeUint,
} from './msgpack.ts'
import { decodeVersions, VERSIONS_BYTES, writeVersions } from './versions.ts'

/** Go types of fields. */
export type FieldType = 'text' | 'bytes' | 'uint8' | 'uint16' | 'uint32' | 'int' | 'bool' | 'versions'

/** One field of a schema. */
export interface Field<Body> {
  readonly key: FieldKey
  readonly type: FieldType
  /** The property of the decoded record. */
  readonly property: keyof Body & string
  /** Left out of the map when zero, empty or nil. */
  readonly omitEmpty?: boolean
}

/** A message's fields, and the record of one that has none of them. */
export interface Schema<Body extends object> {
  readonly fields: readonly Field<Body>[]
  readonly empty: Body
}

interface CompiledField<Body> extends Field<Body> {
  readonly keyBytes: Uint8Array
  /** Its place among the fields. */
  readonly index: number
}

const maxima = { uint8: 0xff, uint16: 0xffff, uint32: 0xffff_ffff } as const

/** Reads and writes the bodies of one kind of message. */
export class BodyCodec<Body extends object> {
  readonly #fields: readonly CompiledField<Body>[]
  readonly #byKey = new Map<FieldKey, CompiledField<Body>>()
  /** Go omits none of these fields, whatever their value. */
  readonly #omitsNone: boolean
  readonly #empty: Body

  constructor({ fields, empty }: Schema<Body>) {
    this.#fields = fields.map((field, index) => ({ ...field, keyBytes: encodedKey(field.key), index }))
    for (const field of this.#fields) this.#byKey.set(field.key, field)
    this.#empty = empty
    this.#omitsNone = fields.every((field) => !field.omitEmpty)
  }

  /** Exact size of {@link write}, in bytes. */
  size(body: Body): number {
    let size = 1
    for (const field of this.#fields)
      if (!omitted(field, body)) size += field.keyBytes.length + valueSize(field.type, body[field.property])
    return size
  }

  write(writer: ByteWriter, body: Body): void {
    let count = this.#omitsNone ? this.#fields.length : 0
    if (!this.#omitsNone) for (const field of this.#fields) if (!omitted(field, body)) count++
    writer.u8(0x80 | count)
    for (const field of this.#fields) {
      if (omitted(field, body)) continue
      writer.bytes(field.keyBytes)
      writeValue(writer, field.type, body[field.property])
    }
  }

  /** Reads a map. Unknown fields are passed by, missing ones stay empty, the last of several wins. Byte fields are lent. */
  read(reader: ByteReader): Body {
    const body = { ...this.#empty }
    // Peers write all fields in order: the next one is looked for first, as bytes.
    let expected = 0
    for (let left = readMapHeader(reader); left > 0; left--) {
      const next = this.#fields[expected]
      const field = next !== undefined && reader.accept(next.keyBytes) ? next : this.#find(readKey(reader))
      if (field === undefined) skipValue(reader)
      else {
        body[field.property] = readValue(reader, field.type) as Body[keyof Body & string]
        expected = field.index + 1
      }
    }
    return body
  }

  #find(name: Uint8Array): CompiledField<Body> | undefined {
    const key = findKey(name)
    return key === undefined ? undefined : this.#byKey.get(key)
  }
}

function omitted<Body>(field: Field<Body>, body: Body): boolean {
  if (!field.omitEmpty) return false
  const value = body[field.property]
  return value === null || value === 0 || value === '' || (value instanceof Uint8Array && value.length === 0)
}

function valueSize(type: FieldType, value: unknown): number {
  switch (type) {
    case 'text':
      return textFieldSize(value as string)
    case 'bytes':
      return bytesSize(value as Uint8Array | null)
    case 'int':
      return intSize(value as number)
    case 'bool':
      return 1
    case 'versions':
      return 1 + VERSIONS_BYTES
    default:
      return uintSize(value as number)
  }
}

function writeValue(writer: ByteWriter, type: FieldType, value: unknown): void {
  switch (type) {
    case 'text':
      return writeTextField(writer, value as string)
    case 'bytes':
      return writeBytes(writer, value as Uint8Array | null)
    case 'int':
      return writeInt(writer, value as number)
    case 'bool':
      return writeBool(writer, value as boolean)
    case 'versions':
      writeRawHeader(writer, VERSIONS_BYTES)
      return writeVersions(writer, value as Versions | null)
    default:
      return writeUint(writer, value as number)
  }
}

function readValue(reader: ByteReader, type: FieldType): unknown {
  switch (type) {
    case 'text':
      return readText(reader)
    case 'bytes':
      return readBytes(reader)
    case 'int':
      return readInteger(reader, Number.MIN_SAFE_INTEGER, Number.MAX_SAFE_INTEGER)
    case 'bool':
      return readBool(reader)
    case 'versions':
      return decodeVersions(readBytes(reader))
    default:
      return readInteger(reader, 0, maxima[type])
  }
}
