import type { Merged, Trimmed, UnixMs, ValueType } from '../contract.ts'
import { KvError } from '../errors.ts'
import { isPlausible } from '../plausibility.ts'
import { callable } from './callable.ts'
import { decodeValue, encodeValue, type PlainValue } from './msgpack.ts'
import {
  bury,
  compareWritten,
  decodeWritten,
  edit,
  encodeWritten,
  expired,
  sameValue,
  stamp,
  type WriteOptions,
  type Written,
  type WrittenJson,
  writtenFromJson,
  writtenToJson,
} from './written.ts'

/** The name of a register's only entry. */
const NAME = 'value'

/** One value of which the last writer wins. Immutable: `set` and `clear` return another. */
export class Register<T> {
  /** The value with its time and writer; a tombstone if it was cleared; `undefined` if it was never set. */
  readonly written: Written<T> | undefined

  /** Use {@link Register.empty} and {@link set}. */
  constructor(written?: Written<T>) {
    this.written = written
  }

  /** The value, frozen; `undefined` if there is none. */
  get value(): T | undefined {
    return this.written?.value
  }

  /** This register with another value, plain data only; itself when that is the value already and does not expire. Throws VALUE_INVALID. */
  set(value: T, options: WriteOptions = {}): Register<T> {
    const next = edit(value, options)
    return sameValue(this.written, next) ? this : new Register(next)
  }

  /** This register without a value. */
  clear(): Register<T> {
    return this.written === undefined ? this : new Register<T>()
  }
}

/** The JSON form of a register: empty, or one written value. */
export type RegisterJson = WrittenJson | Record<string, never>

/** The type of {@link register}. */
export type RegisterType<T> = ValueType<Register<T>, RegisterJson>

type Any = Register<PlainValue>

const empty: Any = new Register()

function merge(state: Any, incoming: Any, wallNow: UnixMs, writer = ''): Merged<Any> {
  if (incoming.written === undefined) return { state, change: undefined }
  const next = stamp(incoming.written, state.written, writer, wallNow)
  if (state.written !== undefined && compareWritten(next, state.written, wallNow) <= 0)
    return { state, change: undefined }
  const change = next === incoming.written ? incoming : new Register(next)
  return { state: change, change }
}

function replace(state: Any, next: Any, wallNow: UnixMs, writer = ''): Merged<Any> {
  if (next.written !== undefined) return merge(state, next, wallNow, writer)
  if (state.written === undefined || state.written.isTombstone) return { state, change: undefined }
  const buried = new Register(bury(state.written, writer, wallNow))
  return { state: buried, change: buried }
}

function dropTombstones(state: Any, olderThan: UnixMs | undefined): Trimmed<Any> {
  const { written } = state
  if (!written?.isTombstone) return { state, removedCount: 0, remainingCount: 0 }
  const isOld = olderThan === undefined || written.buriedAtMs < olderThan
  return isOld ? { state: empty, removedCount: 1, remainingCount: 0 } : { state, removedCount: 0, remainingCount: 1 }
}

function expire(state: Any, wallNow: UnixMs): Merged<Any> {
  const left = state.written && expired(state.written, wallNow)
  if (left === undefined || left === state.written) return { state, change: undefined }
  const buried = new Register(left)
  return { state: buried, change: buried }
}

function decode(bytes: Uint8Array): Any {
  const fields = decodeValue(bytes)
  if (!Array.isArray(fields)) throw new KvError('VALUE_INVALID', 'not a register')
  return fields.length === 0 ? empty : new Register(decodeWritten<PlainValue>(fields))
}

const type: RegisterType<PlainValue> = {
  codecId: 'hearsay.register',
  empty: () => empty,
  encode: ({ written }) => encodeValue(written === undefined ? [] : encodeWritten(written)),
  decode,
  merge,
  replace,
  names: ({ written }) => (written === undefined ? [] : [NAME]),
  dropTombstones,
  nextExpiry: ({ written }) => (written?.isTombstone ? undefined : written?.expiresAtMs),
  expire,
  implausible: ({ written }, wallNow) =>
    written === undefined || isPlausible(written.timestampMs, wallNow)
      ? []
      : [{ name: NAME, writer: written.writer, timestampMs: written.timestampMs }],
  toJson: ({ written }) => (written === undefined ? {} : writtenToJson(written)),
  fromJson: (json) => {
    const isEmpty = typeof json === 'object' && json !== null && Object.keys(json).length === 0
    return isEmpty ? empty : new Register(writtenFromJson<PlainValue>(json, '$'))
  },
}

/**
 * The value type of one value of which the last writer wins: by the writers' wall clocks in milliseconds; among equals
 * a removal, then the greater bytes, then the greater writer. Codec id `hearsay.register`. As it stands, or called for
 * a `T` of one's own, which is plain data (see `encodeValue`).
 */
export const register = callable<RegisterType<PlainValue>, <T>() => RegisterType<T>>(type)
