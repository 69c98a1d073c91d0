/** An endless supply of hostile datagrams, each with the receiver it is meant for and, where that is known, what it may say. */
import { type Encryption, encodePacket, Keyring, labelHeader, type OpenOptions, Part, sealPacket } from '@hearsay/wire'
import { Damage } from './damage.ts'
import { bomb, formed, nested } from './forms.ts'
import { packetMessage } from './messages.ts'
import { Pool } from './pool.ts'
import type { Random } from './random.ts'

/** Packets of which others are made. */
const CORPUS_SIZE = 2048
/** What takes longer to make: forms put together by hand, wrappers in wrappers, encrypted packets. */
const SPECIAL_SIZE = 512
const LIFE = 1000

/** Somebody who receives. */
export type Receiver = OpenOptions & { readonly name: string }

const keys = [16, 24, 32].map((length) => new Uint8Array(length).fill(length))
const encryption: Encryption = { keyring: new Keyring(keys) }
const lenient: Encryption = { keyring: new Keyring(keys), verifyIncoming: false }

/** Every kind of receiver. */
export const receivers = {
  plain: { name: 'plain', label: '', labelMode: 'strict' },
  labelled: { name: 'labelled', label: 'prod', labelMode: 'strict' },
  moving: { name: 'moving', label: 'prod', labelMode: 'ignore' },
  stripped: { name: 'stripped', label: 'prod', labelMode: 'stripped-by-proxy' },
  sealed: { name: 'sealed', label: 'prod', labelMode: 'strict', encryption },
  lenient: { name: 'lenient', label: '', labelMode: 'strict', encryption: lenient },
} as const satisfies Record<string, Receiver>
const receiverList = Object.values(receivers)

/** One datagram. */
export interface HostilePacket {
  readonly kind: PacketKind
  readonly bytes: Uint8Array
  readonly receiver: Receiver
  /** The messages that were put in, encoded: what is read must be a beginning of them. `undefined` when anything may come. */
  readonly sent: readonly Uint8Array[] | undefined
  /** Nothing was lost: all of `sent` must come. */
  readonly whole: boolean
}

/** How a packet is made, and how often. */
const weights = {
  valid: 60,
  flip: 240,
  lie: 200,
  cut: 100,
  splice: 100,
  stretch: 70,
  noise: 70,
  formed: 30,
  nested: 6,
  label: 50,
  'wrong-receiver': 20,
  sealed: 8,
  'sealed-noise': 4,
} as const
/** See {@link weights}; `bomb` is made once in so many packets, see {@link PacketSource}. */
export type PacketKind = keyof typeof weights | 'bomb'
const lottery = (Object.keys(weights) as (keyof typeof weights)[]).flatMap((kind) => Array(weights[kind]).fill(kind))

interface Specimen {
  readonly parts: readonly Uint8Array[]
  readonly bytes: Uint8Array
  /** A user message that stands alone ends where its packet ends: cut, it is another message. */
  readonly isBareUser: boolean
}

/** Makes packets. What it returns may be overwritten by the next call. */
export class PacketSource {
  readonly #random: Random
  readonly #damage: Damage
  readonly #corpus: Pool<Specimen>
  readonly #formed: Pool<Uint8Array>
  readonly #nested: Pool<Uint8Array>
  readonly #sealed: Pool<HostilePacket>
  readonly #bombEvery: number
  #made = 0

  /** A packet that expands far is made once in `bombEvery` packets. */
  constructor(random: Random, bombEvery = 50_000) {
    this.#random = random
    this.#damage = new Damage(random)
    this.#bombEvery = bombEvery
    this.#corpus = new Pool(random, CORPUS_SIZE, LIFE, () => this.#specimen())
    this.#formed = new Pool(random, SPECIAL_SIZE, LIFE, () => formed(random))
    this.#nested = new Pool(random, SPECIAL_SIZE, LIFE, () =>
      nested(random, random.oneIn(4) ? this.#corpus.pick().bytes : new Uint8Array(random.below(3)).fill(8)),
    )
    this.#sealed = new Pool(random, SPECIAL_SIZE, LIFE, () => this.#seal(this.#corpus.pick()))
  }

  next(): HostilePacket {
    const random = this.#random
    if (++this.#made % this.#bombEvery === 0)
      return this.#anything('bomb', bomb(random, 1 + random.below(this.#bombBytes())))
    return this.#make(random.pick(lottery) as keyof typeof weights)
  }

  /** Mostly small ones: the largest take as long as a hundred thousand packets. */
  #bombBytes(): number {
    return this.#random.oneIn(20) ? 50_000_000 : 500_000
  }

  #make(kind: keyof typeof weights): HostilePacket {
    const random = this.#random
    const specimen = this.#corpus.pick()
    const { bytes } = specimen
    switch (kind) {
      case 'valid':
        return { kind, bytes, receiver: receivers.plain, sent: specimen.parts, whole: true }
      case 'flip':
        return this.#anything(kind, this.#damage.flip(bytes))
      case 'lie':
        return this.#anything(kind, this.#damage.lie(bytes))
      case 'cut': {
        const sent = specimen.isBareUser ? undefined : specimen.parts
        return { kind, bytes: this.#damage.cut(bytes), receiver: receivers.plain, sent, whole: false }
      }
      case 'splice':
        return this.#anything(kind, this.#damage.splice(bytes, this.#corpus.pick().bytes))
      case 'stretch':
        return this.#anything(kind, this.#damage.stretch(bytes))
      case 'noise':
        return this.#anything(kind, this.#damage.noise())
      case 'formed':
        return this.#anything(kind, this.#maybeFlipped(this.#formed.pick()))
      case 'nested':
        return this.#anything(kind, this.#maybeFlipped(this.#nested.pick()))
      case 'label':
        return this.#labelled(specimen)
      case 'wrong-receiver':
        return {
          kind,
          bytes: this.#damage.lie(bytes),
          receiver: random.pick(receiverList),
          sent: undefined,
          whole: false,
        }
      case 'sealed':
        return this.#maybeDamaged(this.#sealed.pick())
      case 'sealed-noise': {
        const noise = this.#damage.noise()
        noise[0] = random.below(3)
        const receiver = random.oneIn(2) ? receivers.sealed : receivers.lenient
        const packet = receiver.label === '' ? noise : this.#damage.join(labelHeader(receiver.label), noise.slice())
        return { kind, bytes: packet, receiver, sent: undefined, whole: false }
      }
    }
  }

  #anything(kind: PacketKind, bytes: Uint8Array): HostilePacket {
    return { kind, bytes, receiver: receivers.plain, sent: undefined, whole: false }
  }

  #labelled({ bytes, parts, isBareUser }: Specimen): HostilePacket {
    const random = this.#random
    const receiver = random.oneIn(2) ? receivers.labelled : receivers.moving
    const packet = this.#damage.join(labelHeader('prod'), bytes)
    if (random.oneIn(3)) return { kind: 'label', bytes: packet, receiver, sent: parts, whole: true }
    // Cut, or with a header that lies.
    if (random.oneIn(2) && !isBareUser) {
      const cut = packet.subarray(0, random.below(packet.length))
      return { kind: 'label', bytes: cut, receiver, sent: parts, whole: false }
    }
    packet[random.below(7)] = random.edge()
    return { kind: 'label', bytes: packet, receiver, sent: undefined, whole: false }
  }

  #maybeFlipped(bytes: Uint8Array): Uint8Array {
    return this.#random.oneIn(2) ? bytes : this.#damage.flip(bytes)
  }

  /** Encrypted with the receiver's keys, or with one that it does not have. */
  #seal({ bytes, parts }: Specimen): HostilePacket {
    const random = this.#random
    const receiver = random.oneIn(2) ? receivers.sealed : receivers.lenient
    const isForeign = random.oneIn(4)
    const keyring = isForeign ? new Keyring([random.bytes(16)]) : receiver.encryption.keyring
    const packet = sealPacket(bytes, {
      label: receiver.label,
      encryption: { keyring, version: random.oneIn(2) ? 1 : 0 },
    })
    return { kind: 'sealed', bytes: packet, receiver, sent: isForeign ? undefined : parts, whole: !isForeign }
  }

  #maybeDamaged(packet: HostilePacket): HostilePacket {
    if (this.#random.oneIn(3)) return packet
    const bytes = this.#random.oneIn(2) ? this.#damage.flip(packet.bytes) : this.#damage.cut(packet.bytes)
    return { ...packet, bytes, sent: undefined, whole: false }
  }

  #specimen(): Specimen {
    const random = this.#random
    const count = random.oneIn(3) ? 1 + random.below(random.oneIn(30) ? 200 : 12) : 1
    const parts = Array.from({ length: count }, () => new Part(packetMessage(random)))
    const compression = random.pick(['none', 'none', 'none', 'lzw', 'snappy'] as const)
    const checksum = random.oneIn(6)
    const bytes = encodePacket(parts, { compression, checksum })
    const isBareUser = count === 1 && parts[0]!.message.type === 'user' && !checksum && bytes[0] === 8
    // Copies: the bytes of a part are a view of a block that many share, and would keep it.
    return { parts: parts.map((part) => part.bytes.slice()), bytes: bytes.slice(), isBareUser }
  }
}
