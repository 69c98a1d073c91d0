/** Inputs and damage for the property tests of this package. */
import fc from 'fast-check'
import { utf8 } from './samples.ts'

/** Bytes between noise and monotony: single bytes, words, runs and random stretches, up to some thousand. */
export const payloads: fc.Arbitrary<Uint8Array> = fc
  .array(
    fc.oneof(
      fc.uint8Array({ maxLength: 40 }),
      fc.constantFrom('member-', '10.0.0.', 'zone-a', '\u00e9', '7').map(utf8),
      fc.tuple(fc.nat(255), fc.nat(700)).map(([byte, length]) => new Uint8Array(length).fill(byte)),
    ),
    { maxLength: 30, size: 'max' },
  )
  .map((pieces) => Uint8Array.from(pieces.flatMap((piece) => [...piece])))

/** One way to damage bytes: bits flipped, cut, a stretch repeated, or the tail of others behind the head. */
export const damage: fc.Arbitrary<(bytes: Uint8Array, others: Uint8Array) => Uint8Array> = fc.oneof(
  fc
    .array(fc.tuple(fc.nat(), fc.integer({ min: 1, max: 255 })), { minLength: 1, maxLength: 4 })
    .map((flips) => (bytes: Uint8Array) => {
      const damaged = bytes.slice()
      if (damaged.length > 0) for (const [at, mask] of flips) damaged[at % damaged.length]! ^= mask
      return damaged
    }),
  fc.nat().map((at) => (bytes: Uint8Array) => bytes.slice(0, at % (bytes.length + 1))),
  fc.tuple(fc.nat(), fc.nat(20)).map(([from, length]) => (bytes: Uint8Array) => {
    const at = from % (bytes.length + 1)
    return Uint8Array.of(...bytes.subarray(0, at + length), ...bytes.subarray(at))
  }),
  fc.tuple(fc.nat(), fc.nat()).map(([head, tail]) => (bytes: Uint8Array, others: Uint8Array) => {
    return Uint8Array.of(
      ...bytes.subarray(0, head % (bytes.length + 1)),
      ...others.subarray(tail % (others.length + 1)),
    )
  }),
)
