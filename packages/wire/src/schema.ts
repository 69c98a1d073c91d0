/**
 * A schema says which fields a message has, in the order Go emits them (ascending by name), and of which Go type each is.
 * Size, encoding and decoding follow from it.
 */
import type { ByteReader, ByteWriter } from '@hearsay/encoding'
import { encodedKey, type FieldKey, findKey } from './field-key.ts'
import type { Bytes, Versions } from './message.ts'
import { readBool, readBytes, readInt, readInteger, readKey, readMapHeader, readText, skipValue } from './msgpack.ts'
import {
  bytesSize,
  intSize,
  putBool,
  putBytes,
  putInt,
  putRawHeader,
  putText,
  putUint,
  SCALAR_ROOM_BYTES,
  textFieldRoom,
  textFieldSize,
  uintSize,
} from './msgpack-writing.ts'
import { decodeVersions, putVersions, VERSIONS_BYTES } from './versions.ts'

/** What a field of each Go type is when it is decoded. */
interface Decoded {
  readonly text: string
  readonly bytes: Bytes
  readonly uint8: number
  readonly uint16: number
  readonly uint32: number
  readonly int: number
  readonly bool: boolean
  readonly versions: Versions | null
}

/** Go types of fields. */
export type FieldType = keyof Decoded

/** One field of a schema. */
export interface Field<Body> {
  readonly key: FieldKey
  readonly type: FieldType
  /** The property of the decoded record. */
  readonly property: keyof Body & string
  /** Left out of the map when zero, empty or nil. */
  readonly omitEmpty?: boolean
}

/** Decoded values, one for each of the fields. */
type Values<Fields extends readonly { readonly type: FieldType }[]> = {
  readonly [Index in keyof Fields]: Decoded[Fields[Index]['type']]
}

/**
 * A schema: the fields in the order in which they are written, and what makes a record of their values, which come in
 * the same order. `make` is one object literal, since engines make records of one known form far faster than any others.
 */
export function bodyCodec<const Fields extends readonly Field<Record<string, unknown>>[], Body extends object>(
  fields: Fields,
  make: (...values: Values<Fields>) => Body & Readonly<Record<Fields[number]['property'], unknown>>,
): BodyCodec<Body> {
  // The codec itself deals with any fields: what ties names and types together ends here.
  return new BodyCodec(fields as readonly Field<unknown>[] as readonly Field<Body>[], make as unknown as Make<Body>)
}

type Make<Body> = (...values: unknown[]) => Body

interface CompiledField<Body> extends Required<Field<Body>> {
  readonly keyBytes: Uint8Array
  /** What it is where it does not occur. */
  readonly absent: unknown
}

const absent: Decoded = { text: '', bytes: null, uint8: 0, uint16: 0, uint32: 0, int: 0, bool: false, versions: null }

// Values of the body that is being read, until its record is made. Reading calls nothing that could read another.
const values: unknown[] = [null, null, null, null, null, null, null, null]

/** How far a map was read that is not all there yet. Of use for one map only. */
export class Place {
  /** What was read of the fields; `undefined` as long as nothing needs to be kept. */
  values: readonly unknown[] | undefined
  /** Fields that are still to come, the one at hand included. */
  left = 0
  /** Where to go on. */
  offset = 0
  /** What is open of an unknown value in which to go on; else a field begins there. */
  open: number[] | undefined

  keep(values: readonly unknown[], left: number, fieldStart: number, valueOffset: number): void {
    this.values = values
    this.left = left
    this.offset = this.open ? valueOffset : fieldStart
  }
}

/** Reads and writes the bodies of one kind of message. */
export class BodyCodec<Body extends object> {
  readonly #fields: readonly CompiledField<Body>[]
  readonly #make: Make<Body>

  constructor(fields: readonly Field<Body>[], make: Make<Body>) {
    if (fields.length > values.length) throw new RangeError(`a body has at most ${values.length} fields`)
    this.#fields = fields.map(({ key, type, property, omitEmpty = false }) => {
      return { key, type, property, omitEmpty, keyBytes: encodedKey(key), absent: absent[type] }
    })
    this.#make = make
  }

  /** The fields, in the order in which they are written. */
  get fields(): readonly Field<Body>[] {
    return this.#fields
  }

  /** Exact size of {@link write}, in bytes. */
  size(body: Body): number {
    let size = 1
    for (const field of this.#fields) {
      const value = body[field.property]
      if (!(field.omitEmpty && isEmpty(value))) size += field.keyBytes.length + valueSize(field.type, value)
    }
    return size
  }

  write(writer: ByteWriter, body: Body): void {
    const fields = this.#fields
    const header = writer.reserve(1)
    let at = header + 1
    let target = writer.claim(0)
    let count = 0
    for (let index = 0; index < fields.length; index++) {
      const { keyBytes, type, property, omitEmpty } = fields[index]!
      const value = body[property]
      if (omitEmpty && isEmpty(value)) continue
      // An estimate, which costs less than the size; that is asked for only where the estimate does not fit.
      if (at + keyBytes.length + valueRoom(type, value) > target.length) {
        writer.seek(at)
        target = writer.claim(keyBytes.length + valueSize(type, value))
      }
      for (let letter = 0; letter < keyBytes.length; letter++) target[at + letter] = keyBytes[letter]!
      at = putValue(target, at + keyBytes.length, type, value)
      count++
    }
    target[header] = 0x80 | count
    writer.seek(at)
  }

  /**
   * Reads a map. Unknown fields are passed by, missing ones stay empty, the last of several wins. Byte fields are lent.
   * With a `place`, a map that is cut short is read on from there when more of it has come.
   */
  read(reader: ByteReader, place?: Place): Body {
    const fields = this.#fields
    if (place?.values) return this.#readOn(reader, place, place.values)
    let left = readMapHeader(reader)
    let index = 0
    // Peers write all fields in order: as long as they do, each is looked for as bytes.
    for (; left > 0 && index < fields.length; index++) {
      const { keyBytes, type } = fields[index]!
      if (!reader.accept(keyBytes)) break
      values[index] = readValue(reader, type)
      left--
    }
    for (; index < fields.length; index++) values[index] = fields[index]!.absent
    if (left > 0) this.#readRest(reader, left, place)
    return this.#made()
  }

  /** The record of the values. */
  #made(): Body {
    // All of them: a function of fewer takes no notice of the rest.
    return this.#make(values[0], values[1], values[2], values[3], values[4], values[5], values[6], values[7])
  }

  /** Fields in any order, known or not. However many they are, and however they dribble in, each is read once. */
  #readRest(reader: ByteReader, count: number, place: Place | undefined): void {
    let left = count
    let start = reader.offset
    try {
      for (; left > 0; left--) {
        start = reader.offset
        this.#readAny(reader, place)
      }
    } catch (error) {
      place?.keep(values.slice(0, this.#fields.length), left, start, reader.offset)
      throw error
    }
  }

  #readOn(reader: ByteReader, place: Place, kept: readonly unknown[]): Body {
    for (let index = 0; index < kept.length; index++) values[index] = kept[index]
    reader.offset = place.offset
    let { left } = place
    if (place.open) {
      try {
        skipValue(reader, place.open)
      } catch (error) {
        place.keep(kept, left, reader.offset, reader.offset)
        throw error
      }
      place.open = undefined
      left--
    }
    this.#readRest(reader, left, place)
    return this.#made()
  }

  /** Reads whatever field comes next. */
  #readAny(reader: ByteReader, place: Place | undefined): void {
    const key = findKey(readKey(reader))
    const index = key === undefined ? -1 : this.#fields.findIndex((field) => field.key === key)
    if (index < 0) skipUnknown(reader, place)
    else values[index] = readValue(reader, this.#fields[index]!.type)
  }
}

/** Passes a value by; where it is cut short, the place says how to go on inside it. */
function skipUnknown(reader: ByteReader, place: Place | undefined): void {
  const open = [1]
  if (place) place.open = open
  skipValue(reader, open)
  if (place) place.open = undefined
}

const isEmpty = (value: unknown): boolean =>
  value === null || value === 0 || value === '' || (value instanceof Uint8Array && value.length === 0)

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

/** Bytes of a value, or more. */
function valueRoom(type: FieldType, value: unknown): number {
  if (type === 'text') return textFieldRoom(value as string)
  return SCALAR_ROOM_BYTES + (type === 'bytes' && value !== null ? (value as Uint8Array).length : 0)
}

function putValue(target: Uint8Array, at: number, type: FieldType, value: unknown): number {
  switch (type) {
    case 'text':
      return putText(target, at, value as string)
    case 'bytes':
      return putBytes(target, at, value as Bytes)
    case 'int':
      return putInt(target, at, value as number)
    case 'bool':
      return putBool(target, at, value as boolean)
    case 'versions':
      return putVersions(target, putRawHeader(target, at, VERSIONS_BYTES), value as Versions | null)
    default:
      return putUint(target, at, value as number)
  }
}

/** Versions are read where they stand, in the form in which everybody writes them: a raw string of six bytes. */
function readVersions(reader: ByteReader): Versions | null {
  if (reader.peek() !== (0xa0 | VERSIONS_BYTES)) return decodeVersions(readBytes(reader))
  reader.skip(1 + VERSIONS_BYTES)
  return decodeVersions(reader.bytes, reader.offset - VERSIONS_BYTES)
}

/** One value, as the field's type has it. Throws `DecodeError`. */
export function readValue(reader: ByteReader, type: FieldType): unknown {
  switch (type) {
    case 'text':
      return readText(reader)
    case 'bytes':
      return readBytes(reader)
    case 'uint32':
      return readInteger(reader, 0, 0xffff_ffff)
    case 'uint16':
      return readInteger(reader, 0, 0xffff)
    case 'uint8':
      return readInteger(reader, 0, 0xff)
    case 'int':
      return readInt(reader)
    case 'bool':
      return readBool(reader)
    case 'versions':
      return readVersions(reader)
  }
}
