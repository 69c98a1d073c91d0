/** MessagePack of any kind, read as generously as Go's decoder does: to see what an input says, not to judge it. */

/** Any value. Raw, str and bin are bytes. */
export type Value =
  | { readonly kind: 'nil' }
  | { readonly kind: 'bool'; readonly value: boolean }
  | { readonly kind: 'int'; readonly value: bigint }
  | { readonly kind: 'bytes'; readonly value: Uint8Array }
  | { readonly kind: 'array'; readonly items: readonly Value[] }
  | { readonly kind: 'map'; readonly entries: readonly (readonly [Value, Value])[] }
  | { readonly kind: 'other' }

/** Containers within each other that are looked into. */
const MAX_DEPTH = 64

/** Reads values one behind the other; throws a `RangeError` at the end of the bytes. */
export class ValueReader {
  offset: number
  readonly #view: DataView
  readonly #bytes: Uint8Array

  constructor(bytes: Uint8Array, offset = 0) {
    this.#bytes = bytes
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
    this.offset = offset
  }

  value(depth = 0): Value {
    if (depth > MAX_DEPTH) throw new RangeError('too deep to look into')
    const tag = this.#uint(1)
    if (tag < 0x80) return { kind: 'int', value: BigInt(tag) }
    if (tag < 0x90) return this.#map(tag & 0x0f, depth)
    if (tag < 0xa0) return this.#array(tag & 0x0f, depth)
    if (tag < 0xc0) return this.#take(tag & 0x1f)
    if (tag >= 0xe0) return { kind: 'int', value: BigInt(tag - 0x100) }
    return this.#tagged(tag, depth)
  }

  /** The header of a map or an array, or `undefined`, with nothing read, before anything else. */
  container(): { readonly kind: 'map' | 'array'; readonly count: number } | undefined {
    const start = this.offset
    const tag = this.#uint(1)
    if (tag >= 0x80 && tag < 0x90) return { kind: 'map', count: tag & 0x0f }
    if (tag >= 0x90 && tag < 0xa0) return { kind: 'array', count: tag & 0x0f }
    if (tag === 0xde || tag === 0xdf) return { kind: 'map', count: this.#uint(tag === 0xde ? 2 : 4) }
    if (tag === 0xdc || tag === 0xdd) return { kind: 'array', count: this.#uint(tag === 0xdc ? 2 : 4) }
    this.offset = start
    return undefined
  }

  /** Whether a map comes next. */
  get isAtMap(): boolean {
    const tag = this.#view.getUint8(this.offset)
    return (tag >= 0x80 && tag < 0x90) || tag === 0xde || tag === 0xdf
  }

  #tagged(tag: number, depth: number): Value {
    switch (tag) {
      case 0xc0:
        return { kind: 'nil' }
      case 0xc2:
      case 0xc3:
        return { kind: 'bool', value: tag === 0xc3 }
      case 0xc4:
      case 0xd9:
        return this.#take(this.#uint(1))
      case 0xc5:
      case 0xda:
        return this.#take(this.#uint(2))
      case 0xc6:
      case 0xdb:
        return this.#take(this.#uint(4))
      case 0xcc:
      case 0xcd:
      case 0xce:
      case 0xcf:
        return this.#int(8 << (tag - 0xcc), false)
      case 0xd0:
      case 0xd1:
      case 0xd2:
      case 0xd3:
        return this.#int(8 << (tag - 0xd0), true)
      case 0xdc:
        return this.#array(this.#uint(2), depth)
      case 0xdd:
        return this.#array(this.#uint(4), depth)
      case 0xde:
        return this.#map(this.#uint(2), depth)
      case 0xdf:
        return this.#map(this.#uint(4), depth)
      default:
        return this.#skipped(tag)
    }
  }

  /** Floats, extensions, and the reserved byte. */
  #skipped(tag: number): Value {
    const fixed: Readonly<Record<number, number>> = { 202: 4, 203: 8, 212: 2, 213: 3, 214: 5, 215: 9, 216: 17 }
    const size = fixed[tag] ?? (tag >= 0xc7 && tag <= 0xc9 ? this.#uint(1 << (tag - 0xc7)) + 1 : 0)
    this.#take(size)
    return { kind: 'other' }
  }

  #array(count: number, depth: number): Value {
    const items: Value[] = []
    for (let index = 0; index < count; index++) items.push(this.value(depth + 1))
    return { kind: 'array', items }
  }

  #map(count: number, depth: number): Value {
    const entries: (readonly [Value, Value])[] = []
    for (let index = 0; index < count; index++) entries.push([this.value(depth + 1), this.value(depth + 1)])
    return { kind: 'map', entries }
  }

  #take(length: number): Value {
    if (this.offset + length > this.#bytes.length) throw new RangeError('cut short')
    this.offset += length
    return { kind: 'bytes', value: this.#bytes.subarray(this.offset - length, this.offset) }
  }

  #uint(size: number): number {
    const at = this.offset
    this.offset += size
    return size === 1 ? this.#view.getUint8(at) : size === 2 ? this.#view.getUint16(at) : this.#view.getUint32(at)
  }

  #int(bits: number, signed: boolean): Value {
    const bytes = (this.#take(bits / 8) as Extract<Value, { kind: 'bytes' }>).value
    const value = bytes.reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
    return { kind: 'int', value: signed ? BigInt.asIntN(bits, value) : value }
  }
}
