/** Ways to spoil bytes. All of them write into a scratch buffer, so that millions of packets make no garbage of their own. */
import type { Random } from './random.ts'

/** As large as a datagram gets. */
export const SCRATCH_BYTES = 65_536
/** Bytes that mean something to some layer: types, headers of forms, edges of lengths. */
const telling = Uint8Array.of(
  ...Array.from({ length: 16 }, (_, type) => type),
  ...[0x7f, 0x80, 0x8f, 0x90, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xc4, 0xc6, 0xc7, 0xc9, 0xca, 0xcc, 0xce, 0xcf],
  ...[0xd0, 0xd3, 0xd4, 0xd8, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xf4, 0xfe, 0xff],
)

/** Spoils copies of bytes; what it returns is overwritten by the next call. */
export class Damage {
  readonly #random: Random
  readonly #scratch = new Uint8Array(SCRATCH_BYTES)

  constructor(random: Random) {
    this.#random = random
  }

  /** Changes up to four bytes, by a bit or wholly. */
  flip(bytes: Uint8Array): Uint8Array {
    const random = this.#random
    const copy = this.#copy(bytes, bytes.length)
    if (copy.length === 0) return copy
    for (let count = 1 + random.below(4); count > 0; count--) {
      const at = random.below(copy.length)
      copy[at]! ^= random.oneIn(2) ? 1 << random.below(8) : 1 + random.below(255)
    }
    return copy
  }

  /** Puts telling bytes over others: other types, lengths that lie. */
  lie(bytes: Uint8Array): Uint8Array {
    const random = this.#random
    const copy = this.#copy(bytes, bytes.length)
    if (copy.length === 0) return copy
    for (let count = 1 + random.below(3); count > 0; count--) {
      // The beginning is where the headers are.
      const at = random.below(random.oneIn(2) ? Math.min(copy.length, 24) : copy.length)
      for (let run = 1 + random.below(4), to = at; run > 0 && to < copy.length; run--, to++)
        copy[to] = random.pick(telling)
    }
    return copy
  }

  cut(bytes: Uint8Array): Uint8Array {
    return this.#copy(bytes, this.#random.below(bytes.length))
  }

  /** The head of one, the tail of the other. */
  splice(head: Uint8Array, tail: Uint8Array): Uint8Array {
    const random = this.#random
    const from = random.below(tail.length + 1)
    return this.join(head.subarray(0, random.below(head.length + 1)), tail.subarray(from))
  }

  /** Takes a stretch out, or puts one in again. */
  stretch(bytes: Uint8Array): Uint8Array {
    const random = this.#random
    const [one, other] = [random.below(bytes.length + 1), random.below(bytes.length + 1)]
    return this.join(bytes.subarray(0, one), bytes.subarray(other))
  }

  /** Random bytes behind a type byte. */
  noise(): Uint8Array {
    const random = this.#random
    const length = 1 + random.below(random.oneIn(50) ? 2000 : 80)
    random.fill(this.#scratch, 0, length)
    if (!random.oneIn(3)) this.#scratch[0] = random.below(16)
    return this.#scratch.subarray(0, length)
  }

  /** Both, one behind the other, as far as there is room. */
  join(first: Uint8Array, second: Uint8Array): Uint8Array {
    const head = this.#copy(first, first.length)
    const rest = Math.min(second.length, SCRATCH_BYTES - head.length)
    this.#scratch.set(second.subarray(0, rest), head.length)
    return this.#scratch.subarray(0, head.length + rest)
  }

  #copy(bytes: Uint8Array, length: number): Uint8Array {
    const taken = Math.min(length, SCRATCH_BYTES)
    this.#scratch.set(bytes.subarray(0, taken))
    return this.#scratch.subarray(0, taken)
  }
}
