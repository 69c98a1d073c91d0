import { decodeText } from './text.ts'

/** The longest text that is remembered, in bytes. */
export const MAX_CACHED_TEXT_BYTES = 31

/** Texts that one cache remembers. A newer one takes the place of an older one, so strangers cannot make it grow. */
const CACHED_TEXTS = 2048
const SLOT_BITS = 11
const WORDS_PER_SLOT = 8

/**
 * Decodes texts that come again and again, such as the names of members, which stand in nearly every message: finding a
 * text that is there already takes a third of the time of making it anew, and makes no garbage.
 */
export class TextCache {
  readonly #texts: string[] = Array.from({ length: CACHED_TEXTS }, () => '')
  /** Lengths in bytes; an empty slot holds the empty text. */
  readonly #lengths = new Uint8Array(CACHED_TEXTS)
  /** The bytes behind the texts, four in a word. */
  readonly #words = new Int32Array(CACHED_TEXTS * WORDS_PER_SLOT)
  /** Those of the text that is looked for. */
  readonly #wanted = new Int32Array(WORDS_PER_SLOT)

  /** The same as `decodeText(bytes, start, end)`. */
  decode(bytes: Uint8Array, start: number, end: number): string {
    const length = end - start
    if (length > MAX_CACHED_TEXT_BYTES) return decodeText(bytes, start, end)
    const slot = this.#gather(bytes, start, end)
    const count = (length + 3) >> 2
    if (this.#lengths[slot] === length && this.#holds(slot, count)) return this.#texts[slot]!
    const text = decodeText(bytes, start, end)
    this.#texts[slot] = text
    this.#lengths[slot] = length
    for (let index = 0; index < count; index++) this.#words[slot * WORDS_PER_SLOT + index] = this.#wanted[index]!
    return text
  }

  /** Puts the bytes into words; returns the slot that is theirs. */
  #gather(bytes: Uint8Array, start: number, end: number): number {
    const wanted = this.#wanted
    let hash = end - start
    let count = 0
    let at = start
    for (; at + 4 <= end; at += 4) {
      const word = bytes[at]! | (bytes[at + 1]! << 8) | (bytes[at + 2]! << 16) | (bytes[at + 3]! << 24)
      wanted[count++] = word
      hash = mixed(hash ^ word)
    }
    if (at < end) {
      let word = 0
      for (; at < end; at++) word = (word << 8) | bytes[at]!
      wanted[count] = word
      hash = mixed(hash ^ word)
    }
    return hash >>> (32 - SLOT_BITS)
  }

  #holds(slot: number, count: number): boolean {
    const base = slot * WORDS_PER_SLOT
    for (let index = 0; index < count; index++) if (this.#words[base + index] !== this.#wanted[index]) return false
    return true
  }
}

function mixed(hash: number): number {
  const product = Math.imul(hash, 0x9e3779b1)
  return product ^ (product >>> 15)
}
