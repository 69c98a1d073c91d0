/** Values for fields: right ones in every form that a peer must read, and wrong ones of every kind (wire spec 1.3). */
import {
  array,
  bin8,
  byteArray,
  cat,
  type Encoded,
  hex,
  int,
  map,
  nil,
  no,
  raw,
  str8,
  u16,
  u32,
  uint,
  yes,
} from './bytes.ts'
import type { Chance } from './chance.ts'

/** A number in any form that holds it. */
export function anyInt(value: number, chance: Chance): Encoded {
  const forms: Encoded[] = [uint(value)]
  if (value < 0x100) forms.push(Uint8Array.of(0xcc, value))
  if (value < 0x80) forms.push(Uint8Array.of(0xd0, value))
  if (value < 0x10000) forms.push(cat([0xcd], u16(value)))
  if (value < 0x8000) forms.push(cat([0xd1], u16(value)))
  forms.push(cat([0xce], u32(value)), cat([0xcf], u32(0), u32(value)), cat([0xd3], u32(0), u32(value)))
  if (value < 0x8000_0000) forms.push(int(value), cat([0xd2], u32(value)))
  return chance.pick(forms)
}

/** Bytes in any form that holds them. */
export function anyRaw(bytes: Uint8Array, chance: Chance): Encoded {
  const forms: Encoded[] = [raw(bytes), cat([0xda], u16(bytes.length), bytes), cat([0xdb], u32(bytes.length), bytes)]
  if (bytes.length < 256) forms.push(str8(bytes), bin8(bytes))
  forms.push(cat([0xc5], u16(bytes.length), bytes), cat([0xc6], u32(bytes.length), bytes))
  if (bytes.length < 16) forms.push(byteArray(bytes))
  if (bytes.length === 0) forms.push(nil)
  return chance.pick(forms)
}

const scalars: readonly Encoded[] = [
  nil,
  yes,
  no,
  uint(0),
  uint(1),
  uint(127),
  uint(128),
  uint(255),
  uint(256),
  uint(65_535),
  uint(65_536),
  uint(0xffff_ffff),
  hex('ff'),
  hex('e0'),
  hex('d0ff'),
  hex('d1ffff'),
  hex('d2ffffffff'),
  hex('d3ffffffffffffffff'),
  hex('cf0000000100000000'),
  hex('cfffffffffffffffff'),
  hex('d37fffffffffffffff'),
  hex('ca3f800000'),
  hex('cb3ff0000000000000'),
  hex('cb0000000000000000'),
  hex('c1'),
  hex('d60100000000'),
  hex('d6ff00000000'),
  hex('d4ff00'),
  hex('c70000'),
  hex('c703ff000000'),
  hex('c8000101aa'),
  raw(''),
  raw('x'),
  raw('target'),
  hex('d900'),
  hex('c400'),
  hex('da0000'),
  hex('bf61'),
  hex('daffff'),
  hex('dbffffffff'),
  hex('c6ffffffff'),
  hex('ddffffffff'),
  hex('dfffffffff'),
  hex('9f'),
  hex('8f'),
]

/** Any value at all, whole or not. */
export function anyValue(chance: Chance, depth = 0): Encoded {
  if (depth < 3 && chance.often(0.15))
    return array(...Array.from({ length: chance.below(4) }, () => anyValue(chance, depth + 1)))
  if (depth < 3 && chance.often(0.1)) return map([[raw('a'), anyValue(chance, depth + 1)]])
  if (chance.often(0.15)) return raw(chance.bytes(chance.below(40)))
  return chance.pick(scalars)
}
