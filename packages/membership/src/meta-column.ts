/** Metadata of all records in one piece of memory: an object for each would weigh more than what it holds. */
import { grown, roomFor } from './column-growth.ts'

const nothing = new Uint8Array(0)
const INITIAL_BYTES = 1024

/** Byte strings of at most 65,535 bytes, by index. */
export class MetaColumn {
  #offsets: Uint32Array<ArrayBuffer> = new Uint32Array(0)
  #lengths: Uint16Array<ArrayBuffer> = new Uint16Array(0)
  #bytes: Uint8Array<ArrayBuffer> = new Uint8Array(INITIAL_BYTES)
  #end = 0
  #garbage = 0

  /** Room for indices below `capacity`; new ones are empty. */
  resize(capacity: number): void {
    this.#offsets = grown(this.#offsets, new Uint32Array(capacity))
    this.#lengths = grown(this.#lengths, new Uint16Array(capacity))
  }

  /** Lent until the next `set`. */
  get(index: number): Uint8Array {
    const length = this.#lengths[index]!
    if (length === 0) return nothing
    const offset = this.#offsets[index]!
    return this.#bytes.subarray(offset, offset + length)
  }

  has(index: number, value: Uint8Array): boolean {
    const length = this.#lengths[index]!
    if (length !== value.length) return false
    const offset = this.#offsets[index]!
    for (let at = 0; at < length; at++) if (this.#bytes[offset + at] !== value[at]) return false
    return true
  }

  set(index: number, value: Uint8Array): void {
    const length = this.#lengths[index]!
    if (value.length > length) {
      this.#garbage += length
      this.#lengths[index] = 0
      this.#reserve(value.length)
      this.#offsets[index] = this.#end
      this.#end += value.length
    } else this.#garbage += length - value.length
    this.#lengths[index] = value.length
    this.#bytes.set(value, this.#offsets[index]!)
  }

  #reserve(sizeBytes: number): void {
    if (this.#end + sizeBytes <= this.#bytes.length) return
    const target = new Uint8Array(roomFor(this.#end - this.#garbage + sizeBytes))
    if (this.#garbage > 0) this.#compact(target)
    else target.set(this.#bytes.subarray(0, this.#end))
    this.#bytes = target
  }

  /** Everything once more, without what was written over. */
  #compact(target: Uint8Array): void {
    let end = 0
    for (let index = 0; index < this.#lengths.length; index++) {
      const value = this.get(index)
      target.set(value, end)
      this.#offsets[index] = end
      end += value.length
    }
    this.#end = end
    this.#garbage = 0
  }
}
