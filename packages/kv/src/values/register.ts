import type { UnixMs, ValueType } from '../contract.ts'
import { KvError } from '../errors.ts'
import { decodeValue, encodeValue } from './msgpack.ts'
import {
  bury,
  compareWritten,
  decodeWritten,
  edit,
  encodeWritten,
  sameValue,
  stamp,
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

  /** This register with another value, plain data only; itself when that is the value already. Throws VALUE_INVALID. */
  set(value: T): Register<T> {
    const next = edit(value)
    return sameValue(this.written, next) ? this : new Register(next)
  }

  /** This register without a value. */
  clear(): Register<T> {
    return this.written === undefined ? this : new Register<T>()
  }
}

/** The JSON form of a register: empty, or one written value. */
export type RegisterJson = WrittenJson | Record<string, never>

/** Options of a last-writer-wins type. */
export interface LastWriterOptions {
  /** Name of this writer, which decides between equal values of the same millisecond and tells people whose it was. Default: none. */
  readonly writer?: string
}

/**
 * The value type of one value of which the last writer wins: by the writers' wall clocks in milliseconds; among equals
 * a removal, then the greater bytes, then the greater writer. Codec id `hearsay.register`. `T` is plain data (see `encodeValue`).
 */
export function register<T>(options: LastWriterOptions = {}): ValueType<Register<T>, RegisterJson> {
  const writer = options.writer ?? ''
  const empty = new Register<T>()
  const merge = (state: Register<T>, incoming: Register<T>, wallNow: UnixMs) => {
    if (incoming.written === undefined) return { state, change: undefined }
    const next = stamp(incoming.written, state.written, writer, wallNow)
    if (state.written !== undefined && compareWritten(next, state.written) <= 0) return { state, change: undefined }
    const change = next === incoming.written ? incoming : new Register(next)
    return { state: change, change }
  }
  return {
    codecId: 'hearsay.register',
    empty: () => empty,
    encode: (state) => encodeValue(state.written === undefined ? [] : encodeWritten(state.written)),
    decode: (bytes) => {
      const fields = decodeValue(bytes)
      if (!Array.isArray(fields)) throw new KvError('VALUE_INVALID', 'not a register')
      return fields.length === 0 ? empty : new Register(decodeWritten<T>(fields))
    },
    merge,
    replace: (state, next, wallNow) => {
      if (next.written !== undefined) return merge(state, next, wallNow)
      if (state.written === undefined || state.written.isTombstone) return { state, change: undefined }
      const buried = new Register(bury(state.written, writer, wallNow))
      return { state: buried, change: buried }
    },
    names: (state) => (state.written === undefined ? [] : [NAME]),
    dropTombstones: (state, olderThan) => {
      const written = state.written
      if (!written?.isTombstone) return { state, removedCount: 0, remainingCount: 0 }
      const isOld = olderThan === undefined || written.timestampMs < olderThan
      return isOld
        ? { state: empty, removedCount: 1, remainingCount: 0 }
        : { state, removedCount: 0, remainingCount: 1 }
    },
    toJson: (state) => (state.written === undefined ? {} : writtenToJson(state.written)),
    fromJson: (json) => {
      const isEmpty = typeof json === 'object' && json !== null && Object.keys(json).length === 0
      return isEmpty ? empty : new Register(writtenFromJson<T>(json, '$'))
    },
  }
}
