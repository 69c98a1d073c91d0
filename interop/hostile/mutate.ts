/** Small damage: what a broken peer, a bad cable or a fuzzer does to bytes. */
import { cat } from './bytes.ts'
import type { Chance } from './chance.ts'

type Mutation = (bytes: Uint8Array, chance: Chance, other: Uint8Array) => Uint8Array

const changed = (bytes: Uint8Array, at: number, byte: number): Uint8Array => {
  const copy = bytes.slice()
  copy[at] = byte
  return copy
}

/** Type bytes, assigned and not. */
const TYPES = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 100, 243, 244, 245, 255]
/** Bytes that mean something to MessagePack. */
const TAGS = [
  0x00, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xc3, 0xc4, 0xc7, 0xca, 0xcc, 0xcd, 0xce, 0xcf,
  0xd0, 0xd3, 0xd4, 0xd9, 0xda, 0xdb, 0xdc, 0xdd, 0xde, 0xdf, 0xe0, 0xff,
]

const bitFlips: Mutation = (bytes, chance) => {
  let damaged = bytes
  for (let left = 1 + chance.below(3); left > 0; left--) {
    const at = chance.below(bytes.length)
    damaged = changed(damaged, at, damaged[at]! ^ (1 << chance.below(8)))
  }
  return damaged
}
const truncation: Mutation = (bytes, chance) => bytes.subarray(0, chance.below(bytes.length))
const insertion: Mutation = (bytes, chance) => {
  const at = chance.below(bytes.length + 1)
  return cat(bytes.subarray(0, at), chance.bytes(1 + chance.below(4)), bytes.subarray(at))
}
const deletion: Mutation = (bytes, chance) => {
  const at = chance.below(bytes.length)
  return cat(bytes.subarray(0, at), bytes.subarray(at + 1 + chance.below(4)))
}
const splice: Mutation = (bytes, chance, other) =>
  cat(bytes.subarray(0, chance.below(bytes.length + 1)), other.subarray(chance.below(other.length + 1)))
const otherType: Mutation = (bytes, chance) => changed(bytes, 0, chance.pick(TYPES))
const otherTag: Mutation = (bytes, chance) => changed(bytes, chance.below(bytes.length), chance.pick(TAGS))
/** A length, or a count, that is off by a little or by much. */
const lyingLength: Mutation = (bytes, chance) => {
  const headers = [...bytes.keys()].filter((at) => bytes[at]! >> 5 === 5 || bytes[at]! >> 4 === 8 || bytes[at]! >= 0xc4)
  if (headers.length === 0) return bitFlips(bytes, chance, bytes)
  const at = chance.pick(headers)
  return changed(bytes, at, (bytes[at]! + chance.pick([1, -1, 2, 7, -7, 16])) & 0xff)
}

const mutations: readonly Mutation[] = [
  bitFlips,
  bitFlips,
  truncation,
  insertion,
  deletion,
  splice,
  otherType,
  otherTag,
  otherTag,
  lyingLength,
  lyingLength,
]

/** One of them, done to `bytes`; `other` lends a piece where two are joined. */
export const mutated = (bytes: Uint8Array, chance: Chance, other: Uint8Array): Uint8Array =>
  bytes.length === 0 ? bytes : chance.pick(mutations)(bytes, chance, other)
