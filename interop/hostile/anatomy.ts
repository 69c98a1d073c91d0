/** What an input says, wrappers taken off: to keep some inputs from Go, and to explain differences. */
import { uncompressLzw, uncompressSnappy } from '@hearsay/encoding'
import { text } from './bytes.ts'
import type { Group } from './group.ts'
import { type Value, ValueReader } from './msgpack-value.ts'
import { unsealed } from './wrappers.ts'

/** One message, or one entry of a push/pull, by its fields. */
export interface Leaf {
  /** The type byte; entries of a push/pull have `entry`. */
  readonly type: number | 'entry' | 'header'
  /** By Go's names. */
  readonly fields: ReadonlyMap<string, Value>
  /** In a form that peers never write: an array for a struct, a map for bytes, an array for a key. */
  readonly isOddForm: boolean
}

/** An input, taken apart as far as it can be. */
export interface Anatomy {
  readonly leaves: readonly Leaf[]
  /** Wrappers within each other at most. */
  readonly depth: number
  /** Compressed data of the fork's algorithm is in it. */
  readonly hasSnappy: boolean
  /** Authenticated, and of a kind that crashes Go (wire spec, Appendix D). */
  readonly crashesGo: boolean
}

/** Fields in the order of their declaration, for the array form (wire spec 1.6). */
const declared: Readonly<Record<string | number, readonly string[]>> = {
  0: ['SeqNo', 'Node', 'SourceAddr', 'SourcePort', 'SourceNode'],
  1: ['SeqNo', 'Target', 'Port', 'Node', 'Nack', 'SourceAddr', 'SourcePort', 'SourceNode'],
  2: ['SeqNo', 'Payload'],
  3: ['Incarnation', 'Node', 'From'],
  4: ['Incarnation', 'Node', 'Addr', 'Port', 'Meta', 'Vsn'],
  5: ['Incarnation', 'Node', 'From'],
  8: ['UserMsgLen'],
  9: ['Algo', 'Buf'],
  11: ['SeqNo'],
  entry: ['Name', 'Addr', 'Port', 'Meta', 'Incarnation', 'State', 'Vsn'],
  header: ['Nodes', 'UserStateLen', 'Join'],
}

/** What compressed data may expand to before it is no longer looked into. */
const MAX_EXPANDED = 64 << 20
/** Entries of a push/pull that are looked at. */
const MAX_ENTRIES = 1000

/** A datagram. */
export function dissectPacket(bytes: Uint8Array, group: Group): Anatomy {
  const dissection = new Dissection(group)
  const plaintext = dissection.open(bytes, (body) => ({ body, aad: text(group.label) }))
  dissection.packet(plaintext[0] === 0x0c && plaintext.length >= 5 ? plaintext.subarray(5) : plaintext, 0)
  return dissection
}

/** What is written on a connection. */
export function dissectStream(bytes: Uint8Array, group: Group): Anatomy {
  const dissection = new Dissection(group)
  const plaintext = dissection.open(bytes, (body) =>
    body[0] === 0x0a
      ? { body: frameBody(body), aad: Buffer.concat([body.subarray(0, 5), text(group.label)]) }
      : undefined,
  )
  dissection.stream(plaintext)
  return dissection
}

function frameBody(frame: Uint8Array): Uint8Array {
  if (frame.length < 5) return new Uint8Array(0)
  return frame.subarray(5, 5 + new DataView(frame.buffer, frame.byteOffset).getUint32(1))
}

type Sealed = { readonly body: Uint8Array; readonly aad: Uint8Array } | undefined

class Dissection implements Anatomy {
  readonly leaves: Leaf[] = []
  depth = 0
  hasSnappy = false
  crashesGo = false
  readonly #group: Group

  constructor(group: Group) {
    this.#group = group
  }

  /** Takes off label and encryption, whichever are there. */
  open(bytes: Uint8Array, sealedIn: (body: Uint8Array) => Sealed): Uint8Array {
    const body = bytes[0] === 0xf4 && bytes.length >= 2 ? bytes.subarray(2 + bytes[1]!) : bytes
    const sealed = sealedIn(body)
    for (const key of sealed ? this.#group.keys : []) {
      const plaintext = unsealed(sealed!.body, key, sealed!.aad)
      if (!plaintext) continue
      // Nothing left, or padding longer than everything: what exactly Go does then is not to be found out here.
      this.crashesGo ||= plaintext.length === 0
      return plaintext
    }
    return body
  }

  packet(bytes: Uint8Array, depth: number): void {
    this.depth = Math.max(this.depth, depth)
    // A few more than ours takes; Go has no bound.
    if (depth > 32 || bytes.length === 0) return
    if (bytes[0] === 7) this.#compound(bytes, depth)
    else if (bytes[0] === 9) {
      const inner = this.#expanded(bytes)
      if (inner) this.packet(inner, depth + 1)
    } else if (bytes[0] !== 8) this.#leaf(bytes[0]!, new ValueReader(bytes, 1))
  }

  stream(bytes: Uint8Array): void {
    const inner = bytes[0] === 9 ? this.#expanded(bytes) : bytes
    if (!inner || inner.length === 0) return
    const reader = new ValueReader(inner, 1)
    if (inner[0] !== 6) return void this.#leaf(inner[0]!, reader)
    const header = this.#leaf('header', reader)
    const nodes = header?.get('Nodes')
    const count = nodes?.kind === 'int' ? Number(nodes.value) : 0
    for (let index = 0; index < Math.min(count, MAX_ENTRIES); index++) if (!this.#leaf('entry', reader)) return
  }

  #compound(bytes: Uint8Array, depth: number): void {
    const count = bytes[1] ?? 0
    let at = 2 + 2 * count
    if (at > bytes.length) return
    for (let index = 0; index < count; index++) {
      const length = (bytes[2 + 2 * index]! << 8) | bytes[3 + 2 * index]!
      if (at + length > bytes.length) return
      this.packet(bytes.subarray(at, at + length), depth + 1)
      at += length
    }
  }

  #expanded(bytes: Uint8Array): Uint8Array | undefined {
    const fields = this.#leaf(9, new ValueReader(bytes, 1))
    const algorithm = fields?.get('Algo')
    const data = fields?.get('Buf')
    const isSnappy = algorithm?.kind === 'int' && algorithm.value === 1n
    if (data?.kind !== 'bytes') return undefined
    try {
      const inner = isSnappy ? uncompressSnappy(data.value, MAX_EXPANDED) : uncompressLzw(data.value, MAX_EXPANDED)
      this.hasSnappy ||= isSnappy
      return inner
    } catch {
      return undefined
    }
  }

  /** The fields, or `undefined` when they cannot be read to their end. */
  #leaf(type: Leaf['type'], reader: ValueReader): ReadonlyMap<string, Value> | undefined {
    const struct = new StructReader(declared[type] ?? [], reader)
    const isWhole = struct.read()
    const { fields, isOddForm } = struct
    // What is cut short says nothing, but for forms that we refuse as soon as we see them.
    if (isWhole || isOddForm) this.leaves.push({ type, fields, isOddForm })
    return isWhole ? fields : undefined
  }
}

class StructReader {
  readonly fields = new Map<string, Value>()
  isOddForm = false
  readonly #declared: readonly string[]
  readonly #reader: ValueReader

  constructor(declared: readonly string[], reader: ValueReader) {
    this.#declared = declared
    this.#reader = reader
  }

  /** False when the bytes end too early. */
  read(): boolean {
    try {
      const head = this.#reader.container()
      if (!head) this.#reader.value()
      else if (head.kind === 'array') this.#array(head.count)
      else for (let left = head.count; left > 0; left--) this.#entry()
      return true
    } catch (error) {
      if (!(error instanceof RangeError)) throw error
      return false
    }
  }

  #array(count: number): void {
    this.isOddForm = true
    for (let index = 0; index < count; index++) {
      const value = this.#reader.value()
      const name = this.#declared[index]
      if (name !== undefined) this.fields.set(name, value)
    }
  }

  #entry(): void {
    const key = this.#reader.value()
    const name = textOf(key)
    this.isOddForm ||=
      key.kind === 'array' || key.kind === 'map' || (this.#reader.isAtMap && this.#declared.includes(name))
    this.fields.set(name, this.#reader.value())
  }
}

/** Bytes of a field: raw, or an array of small numbers; empty for anything else. */
export function bytesOf(value: Value | undefined): Uint8Array {
  if (value?.kind === 'bytes') return value.value
  if (value?.kind !== 'array') return new Uint8Array(0)
  return Uint8Array.from(value.items, (item) => (item.kind === 'int' ? Number(item.value) : 0))
}

/** Text of a field, as latin1. */
export const textOf = (value: Value | undefined): string => Buffer.from(bytesOf(value)).toString('latin1')
/** Number of a field; 0 for anything else. */
export const numberOf = (value: Value | undefined): number => (value?.kind === 'int' ? Number(value.value) : 0)
