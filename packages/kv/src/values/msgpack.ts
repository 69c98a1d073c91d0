/// <reference path="./msgpackr-no-eval.d.ts" />
import { Packr, Unpackr } from 'msgpackr/index-no-eval'
import { KvError } from '../errors.ts'
import { MAX_VALUE_DEPTH, scanMsgpack } from './msgpack-scan.ts'

/**
 * Plain data: what {@link encodeValue} takes and {@link decodeValue} gives. Numbers are numbers up to 2^53; beyond,
 * whole numbers are `bigint` (64 bits). Properties that are `undefined` are left out.
 */
export type PlainValue =
  | null
  | boolean
  | number
  | bigint
  | string
  | Uint8Array
  | Date
  | readonly PlainValue[]
  | { readonly [name: string]: PlainValue | undefined }

// `useToJSON: false`: a property called toJSON is data like any other.
const packr = new Packr({ useRecords: false, variableMapSize: true, useToJSON: false })
const unpackr = new Unpackr({
  useRecords: false,
  mapsAsObjects: true,
  copyBuffers: true,
  int64AsType: 'auto' as 'number',
})

/**
 * Encodes plain data as standard MessagePack: no extension but the timestamp, whole numbers beyond 32 bits as 64-bit
 * integers (not as floats, which other languages refuse). Throws {@link KvError} VALUE_INVALID, with the path, for
 * what is not plain data: functions, symbols, class instances, `undefined` outside of a property, lone surrogates,
 * integers beyond 64 bits, nesting beyond 64.
 */
export function encodeValue(value: PlainValue): Uint8Array {
  return encodeValueAt(value, '$')
}

/** {@link encodeValue} of a part of something larger: errors name the path from `path` on. */
export function encodeValueAt(value: PlainValue, path: string): Uint8Array {
  // A copy, since the encoder hands out a piece of a large buffer it goes on using.
  return new Uint8Array(packr.pack(prepare(value, path, 0)))
}

/**
 * Decodes one MessagePack value into plain data; the twin of {@link encodeValue}. Whole numbers come back as
 * numbers up to 2^53 in size and as `bigint` beyond. Nothing of the result refers to `bytes`. Throws {@link KvError}
 * VALUE_INVALID on anything but exactly one plain value: safe to call with bytes from anybody.
 */
export function decodeValue(bytes: Uint8Array): PlainValue {
  scanMsgpack(bytes)
  // A view of our own: the decoder leaves a property on the array it is given, and returns Buffers for Buffers.
  return unpackr.unpack(new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength)) as PlainValue
}

/** Checks that a value is plain, and gives it the forms that travel well. Returns the same object when nothing differs. */
function prepare(value: unknown, path: string, depth: number): unknown {
  switch (typeof value) {
    case 'boolean':
      return value
    case 'number':
      return needs64Bits(value) ? BigInt(value) : value
    case 'bigint':
      if (BigInt.asIntN(64, value) !== value && BigInt.asUintN(64, value) !== value)
        throw unfit(path, 'an integer beyond 64 bits')
      return value
    case 'string':
      if (/\p{Surrogate}/u.test(value)) throw unfit(path, 'text with half a surrogate pair')
      return value
    case 'object':
      break
    default:
      throw unfit(path, typeof value)
  }
  if (value === null) return null
  if (value instanceof Uint8Array) return value
  if (value instanceof Date) {
    if (Number.isNaN(value.getTime())) throw unfit(path, 'an invalid Date')
    return value
  }
  if (depth >= MAX_VALUE_DEPTH) throw unfit(path, `nested deeper than ${MAX_VALUE_DEPTH}`)
  if (Array.isArray(value)) return prepareArray(value, path, depth)
  const prototype = Object.getPrototypeOf(value)
  if (prototype !== Object.prototype && prototype !== null) throw unfit(path, 'an instance of a class')
  return prepareObject(value as Record<string, unknown>, path, depth)
}

function prepareArray(array: readonly unknown[], path: string, depth: number): readonly unknown[] {
  const prepared = Array.from(array, (item, i) => prepare(item, `${path}[${i}]`, depth + 1))
  return prepared.some((item, i) => item !== array[i]) ? prepared : array
}

function prepareObject(object: Record<string, unknown>, path: string, depth: number): Record<string, unknown> {
  const prepared: Record<string, unknown> = {}
  let differs = false
  for (const name of Object.keys(object)) {
    const item = object[name]
    if (name === '__proto__') throw unfit(path, 'a property called __proto__')
    if (/\p{Surrogate}/u.test(name)) throw unfit(path, 'a property name with half a surrogate pair')
    if (item !== undefined) prepared[name] = prepare(item, `${path}.${name}`, depth + 1)
    if (item === undefined || prepared[name] !== item) differs = true
  }
  return differs ? prepared : object
}

/** Whole, safe, and beyond the 32 bits in which the encoder writes integers. */
const needs64Bits = (value: number): boolean =>
  Number.isSafeInteger(value) && (value > 0xffff_ffff || value < -0x8000_0000)

const unfit = (path: string, what: string): KvError =>
  new KvError('VALUE_INVALID', `${path} cannot be encoded: ${what} is not plain data`)
