/** Inputs without end, from a seed: valid, odd and broken (wire spec 7, 1.3). The same seed makes the same bytes. */
import { type Anatomy, dissectPacket, dissectStream } from './anatomy.ts'
import { array, cat, type Encoded, loopback, mapped, raw, text, u16, u32, usualVersions } from './bytes.ts'
import { Chance } from './chance.ts'
import { unfit } from './explain.ts'
import { type Group, groups, NAME, properPacket, properStream } from './group.ts'
import { mutated } from './mutate.ts'
import { anyInt, anyRaw, anyValue } from './oddities.ts'
import type { Manner } from './probe.ts'
import { checked, compound, compressed, frame, labelled, sealed } from './wrappers.ts'

/** One input of a corpus. */
export interface CorpusInput {
  readonly via: 'packet' | 'stream'
  readonly bytes: Uint8Array
  readonly manner: Manner['manner']
  readonly anatomy: Anatomy
}

/** How much of it. */
export interface CorpusSize {
  readonly seed: number
  readonly packets: number
  readonly streams: number
}

const HOUR_MS = 3_600_000
/** Relays wait for an hour: what they would say later would be taken for an answer to something else. */
const patient = (group: Group): Group => ({ ...group, probeTimeoutMs: HOUR_MS })

/** Configurations that a corpus is sent under, and the share of each. */
export const corpusGroups: readonly { readonly group: Group; readonly share: number }[] = [
  { group: patient(groups.plain), share: 0.6 },
  { group: patient(groups.label), share: 0.08 },
  { group: patient(groups.keys), share: 0.16 },
  { group: patient(groups.lenient), share: 0.08 },
  { group: patient(groups.labelKeys), share: 0.08 },
]

/** The inputs of one group, packets and streams mixed. Those that must not be sent to Go are left out. */
export function* corpus(group: Group, { seed, packets, streams }: CorpusSize): Generator<CorpusInput> {
  const maker = new Maker(new Chance(seed ^ hashOf(group.id)), group)
  for (let made = 0; made < packets + streams; ) {
    const input = maker.chance.often(streams / (packets + streams)) ? maker.stream() : maker.packet()
    if (unfit(input.anatomy) !== undefined) continue
    made++
    yield input
  }
}

const hashOf = (value: string): number =>
  [...value].reduce((hash, letter) => Math.imul(hash, 31) + letter.charCodeAt(0), 7)

const NAMES = [NAME, 'm0', 'm0', 'm1', 'm1', 'm2', 'm2', 'm3', 'nobody', 'ünïcode', 'n'.repeat(40)]
const ODD_NAMES = ['', 'n'.repeat(255), 'n'.repeat(256), 'a/b', 'm\0']
const INCARNATIONS = [
  0,
  40,
  127,
  128,
  256,
  65_536,
  2 ** 31,
  2 ** 32 - 65_537,
  2 ** 32 - 65_536,
  2 ** 32 - 2,
  2 ** 32 - 1,
]
const NUMBERS = [4096, 5000, 65_535, 65_536, 0x10_0000, 0x5fff_ffff]
const ODD_ADDRESSES = [Uint8Array.of(127, 0, 0, 2), mapped(loopback), Uint8Array.of(127, 0, 0), new Uint8Array(0)]
/** A share of fields is in a form that peers must read, a smaller one is anything. */
const ODD_FORM = 0.12
const ANY_VALUE = 0.02
/** A share of values is right in form, and odd in meaning. */
const ODD_MEANING = 0.04

class Maker {
  readonly chance: Chance
  readonly #group: Group
  #last = text('what a splice begins with')

  constructor(chance: Chance, group: Group) {
    this.chance = chance
    this.#group = group
  }

  packet(): CorpusInput {
    const { chance } = this
    let plaintext = this.#wrapped()
    if (chance.often(0.12)) plaintext = this.#damaged(plaintext)
    const whole = chance.often(0.06) ? this.#mislaid(plaintext, sealed) : properPacket(this.#group, plaintext)
    const bytes = chance.often(0.08) ? this.#damaged(whole) : whole
    return { via: 'packet', bytes, manner: 'finish', anatomy: dissectPacket(bytes, this.#group) }
  }

  stream(): CorpusInput {
    const { chance } = this
    let plaintext = chance.pick([
      () => this.#ping(),
      () => this.#user(),
      () => this.#pushPull(),
      () => this.#pushPull(),
      () => this.#leaf(),
    ])()
    if (chance.often(0.2)) plaintext = this.#damaged(plaintext)
    if (chance.often(0.3)) plaintext = this.#compressed(plaintext)
    const whole = chance.often(0.06)
      ? this.#mislaid(plaintext, (body, options) => frame(body, { ...options, label: this.#group.label }))
      : properStream(this.#group, plaintext)
    const bytes = chance.often(0.12) ? this.#damaged(whole) : whole
    const manner = chance.often(0.06) ? 'linger' : 'finish'
    return { via: 'stream', bytes, manner, anatomy: dissectStream(bytes, this.#group) }
  }

  /** Wrapped otherwise than configured. */
  #mislaid(
    plaintext: Uint8Array,
    seal: (body: Uint8Array, options: { key: Uint8Array; version: number }) => Uint8Array,
  ): Uint8Array {
    const { chance } = this
    const key = chance.often(0.7) ? this.#group.keys.at(-1) : undefined
    const body = key && plaintext.length > 0 ? seal(plaintext, { key, version: chance.below(3) }) : plaintext
    return chance.often(0.5) ? labelled(chance.pick(['prod', 'test', 'x']), body) : body
  }

  #damaged(bytes: Uint8Array): Uint8Array {
    const damaged = mutated(bytes, this.chance, this.#last)
    if (bytes.length > 0) this.#last = bytes
    return damaged
  }

  #wrapped(depth = 0): Uint8Array {
    const { chance } = this
    const kind = chance.next()
    if (depth < 3 && kind < 0.12) return this.#compressed(this.#wrapped(depth + 1))
    if (depth < 3 && kind < 0.28) return this.#compound(depth)
    if (kind < 0.36) return this.#checked(this.#wrapped(Math.max(depth, 2)))
    if (depth === 0 && kind < 0.37) return this.#deep()
    const leaf = this.#leaf()
    return chance.often(0.12) ? this.#damaged(leaf) : leaf
  }

  #compound(depth: number): Uint8Array {
    const { chance } = this
    const parts = Array.from({ length: chance.below(5) }, () => this.#wrapped(depth + 1))
    if (!chance.often(0.15)) return cat(compound(parts), chance.often(0.1) ? chance.bytes(3) : [])
    const lengths = parts.map(({ length }) => (chance.often(0.4) ? chance.below(2 * length + 2) : length))
    return compound(parts, { lengths, count: chance.often(0.3) ? chance.below(256) : parts.length })
  }

  #compressed(bytes: Uint8Array): Uint8Array {
    const { chance } = this
    return compressed(bytes, chance.often(0.08) ? anyValue(chance) : anyInt(0, chance))
  }

  #checked(bytes: Uint8Array): Uint8Array {
    return this.chance.often(0.15) ? checked(bytes, this.chance.below(2 ** 32)) : checked(bytes)
  }

  #deep(): Uint8Array {
    let bytes = this.#leaf()
    for (let left = 4 + this.chance.below(8); left > 0; left--) bytes = compound([bytes])
    return bytes
  }

  #leaf(): Uint8Array {
    const { chance } = this
    const name = this.#name()
    switch (chance.below(10)) {
      case 0:
      case 1:
        return this.#ping()
      case 2:
        return this.#message(1, {
          Nack: this.#bool(),
          Node: this.#text(this.#name()),
          Port: this.#int(9),
          SeqNo: this.#number(),
          Target: this.#bytes(this.#address()),
          ...this.#source(),
        })
      case 3:
        return this.#message(2, { Payload: this.#bytes(chance.bytes(chance.below(5))), SeqNo: this.#number() })
      case 4:
        return this.#message(11, { SeqNo: this.#number() })
      case 5:
        return this.#message(chance.pick([3, 5]), {
          From: this.#text(chance.often(0.3) ? name : this.#name()),
          Incarnation: this.#incarnation(),
          Node: this.#text(name),
        })
      case 6:
        return cat([8], chance.bytes(chance.below(20)))
      default:
        return this.#message(4, { ...this.#record(), Node: this.#text(name) })
    }
  }

  #ping(): Uint8Array {
    const node = this.chance.often(0.6) ? NAME : this.#name()
    return this.#message(0, { Node: this.#text(node), SeqNo: this.#number(), ...this.#source() })
  }

  #user(): Uint8Array {
    const payload = this.chance.bytes(this.chance.below(300))
    const length = this.chance.often(0.2) ? this.chance.below(600) : payload.length
    return cat(this.#message(8, { UserMsgLen: this.#int(length) }), payload)
  }

  #pushPull(): Uint8Array {
    const { chance } = this
    const entries = Array.from({ length: chance.below(4) }, () =>
      this.#struct('entry', {
        ...this.#record(),
        Name: this.#text(this.#name()),
        State: this.#int(chance.pick([0, 0, 0, 1, 2, 3, 4])),
      }),
    )
    const state = chance.often(0.3) ? chance.bytes(chance.below(30)) : new Uint8Array(0)
    const count = chance.often(0.1) ? chance.below(6) : entries.length
    const length = chance.often(0.1) ? chance.below(60) : state.length
    return cat(
      this.#message(6, { Join: this.#bool(), Nodes: this.#int(count), UserStateLen: this.#int(length) }),
      ...entries,
      state,
    )
  }

  #record(): Record<string, Encoded> {
    const { chance } = this
    const versions = !chance.often(ODD_MEANING)
      ? usualVersions
      : chance.often(0.5)
        ? usualVersions.subarray(0, chance.below(6))
        : chance.bytes(6).map((byte) => byte % 8)
    return {
      Addr: this.#bytes(this.#address()),
      Incarnation: this.#incarnation(),
      Meta: this.#bytes(chance.bytes(chance.often(0.01) ? 513 + chance.below(600) : chance.below(4))),
      Port: this.#int(!chance.often(ODD_MEANING) ? 9 : chance.pick([0, 10, 65_535])),
      Vsn: this.#bytes(versions),
    }
  }

  #source(): Record<string, Encoded> {
    const { chance } = this
    return {
      ...(chance.often(0.3) ? { SourceAddr: this.#bytes(this.#address()) } : {}),
      ...(chance.often(0.3) ? { SourcePort: this.#int(9) } : {}),
      ...(chance.often(0.3) ? { SourceNode: this.#text('source') } : {}),
    }
  }

  #name = (): string => this.chance.pick(this.chance.often(ODD_MEANING) ? ODD_NAMES : NAMES)
  #address = (): Uint8Array => (this.chance.often(ODD_MEANING) ? this.chance.pick(ODD_ADDRESSES) : loopback)
  #number = (): Encoded => this.#int(this.chance.pick(NUMBERS))
  #incarnation = (): Encoded =>
    this.#int(this.chance.often(ODD_MEANING) ? this.chance.pick(INCARNATIONS) : 1 + this.chance.below(9))
  #bool = (): Encoded =>
    this.#field(
      () => Uint8Array.of(this.chance.pick([0xc2, 0xc3])),
      () => Uint8Array.of(this.chance.pick([0, 1, 0xc0, 0xc2, 0xc3])),
    )
  #text = (value: string): Encoded => this.#bytes(text(value))
  #int = (value: number): Encoded =>
    this.#field(
      () => anyInt(value, this.chance),
      () => anyInt(value, this.chance),
    )
  #bytes = (value: Uint8Array): Encoded =>
    this.#field(
      () => raw(value),
      () => anyRaw(value, this.chance),
    )

  #field(usual: () => Encoded, odd: () => Encoded): Encoded {
    const kind = this.chance.next()
    return kind < ANY_VALUE ? anyValue(this.chance) : kind < ANY_VALUE + ODD_FORM ? odd() : usual()
  }

  #message(type: number, fields: Record<string, Encoded>): Uint8Array {
    return cat(
      [type],
      this.#struct(type, fields),
      this.chance.often(0.05) && type !== 6 && type !== 8 ? this.chance.bytes(3) : [],
    )
  }

  #struct(type: number | 'entry', fields: Record<string, Encoded>): Uint8Array {
    const { chance } = this
    const entries = Object.entries(fields).sort(([a], [b]) => (a < b ? -1 : 1))
    if (type !== 6 && chance.often(0.01)) return array(...entries.map(([, value]) => value))
    if (chance.often(0.08))
      entries.splice(chance.below(entries.length + 1), 0, [
        chance.pick(['Other', 'node', 'x'.repeat(40)]),
        anyValue(chance),
      ])
    if (chance.often(0.04)) entries.push(chance.pick(entries))
    if (chance.often(0.06)) entries.splice(chance.below(entries.length), 1)
    if (chance.often(0.1)) entries.sort(() => chance.next() - 0.5)
    const header = chance.often(0.06)
      ? chance.pick([cat([0xde], u16(entries.length)), cat([0xdf], u32(entries.length))])
      : Uint8Array.of(0x80 | entries.length)
    return cat(
      header,
      ...entries.flatMap(([key, value]) => [chance.often(0.03) ? anyRaw(text(key), chance) : raw(key), value]),
    )
  }
}
