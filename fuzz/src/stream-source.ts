/** An endless supply of hostile streams. */
import {
  encodeStreamMessage,
  labelHeader,
  type StreamMessage,
  type StreamReaderOptions,
  type StreamRole,
} from '@hearsay/wire'
import { Damage } from './damage.ts'
import { bigEndian, bomb, concat, formed } from './forms.ts'
import { streamMessage } from './messages.ts'
import { receivers } from './packet-source.ts'
import { Pool } from './pool.ts'
import type { Random } from './random.ts'

const CORPUS_SIZE = 512
const LIFE = 50

/** One stream, and the pieces in which it comes. */
export interface HostileStream {
  readonly kind: StreamKind
  readonly bytes: Uint8Array
  /** Where one piece ends and the next begins, in order. */
  readonly cuts: readonly number[]
  readonly options: StreamReaderOptions
  readonly as: string
  /** The one message that may come; `undefined` when any may. */
  readonly sent: StreamMessage | undefined
  /** It must come. */
  readonly whole: boolean
}

const weights = {
  valid: 60,
  flip: 200,
  lie: 200,
  cut: 100,
  splice: 80,
  stretch: 60,
  noise: 60,
  formed: 60,
  promise: 40,
  followed: 30,
}
/** How a stream is made. */
export type StreamKind = keyof typeof weights | 'bomb' | 'flood' | 'long'
const lottery = (Object.keys(weights) as (keyof typeof weights)[]).flatMap((kind) => Array(weights[kind]).fill(kind))

interface Specimen {
  readonly message: StreamMessage
  readonly bytes: Uint8Array
  readonly options: StreamReaderOptions
  readonly as: string
}

/** Makes streams. What it returns may be overwritten by the next call. */
export class StreamSource {
  readonly #random: Random
  readonly #damage: Damage
  readonly #corpus: Pool<Specimen>
  readonly #formed: Pool<Uint8Array>
  #made = 0

  constructor(random: Random) {
    this.#random = random
    this.#damage = new Damage(random)
    this.#corpus = new Pool(random, CORPUS_SIZE, LIFE, () => this.#specimen())
    this.#formed = new Pool(random, CORPUS_SIZE, LIFE, () => formed(random))
  }

  next(): HostileStream {
    const random = this.#random
    this.#made++
    const specimen = this.#corpus.pick()
    if (this.#made % 5000 === 0)
      return this.#stream('bomb', bomb(random, 1 + random.below(random.oneIn(10) ? 50_000_000 : 500_000)), specimen)
    if (this.#made % 5000 === 2500) return this.#stream('flood', flood(random), specimen)
    if (this.#made % 500 === 124) {
      const stream = this.#stream('long', long(random), specimen)
      return { ...stream, cuts: [stream.bytes.length - 1] }
    }
    return this.#make(random.pick(lottery) as keyof typeof weights, specimen)
  }

  #make(kind: keyof typeof weights, specimen: Specimen): HostileStream {
    const { bytes, message } = specimen
    switch (kind) {
      case 'valid':
        return this.#stream(kind, bytes, specimen, message, true)
      case 'followed':
        return this.#stream(kind, this.#damage.join(bytes, this.#corpus.pick().bytes), specimen, message, true)
      case 'flip':
        return this.#stream(kind, this.#damage.flip(bytes), specimen)
      case 'lie':
        return this.#stream(kind, this.#damage.lie(bytes), specimen)
      case 'cut':
        return this.#stream(kind, this.#damage.cut(bytes), specimen, message)
      case 'splice':
        return this.#stream(kind, this.#damage.splice(bytes, this.#corpus.pick().bytes), specimen)
      case 'stretch':
        return this.#stream(kind, this.#damage.stretch(bytes), specimen)
      case 'noise':
        return this.#stream(kind, this.#damage.noise(), specimen)
      case 'promise':
        return this.#stream(kind, promise(this.#random), specimen)
      case 'formed':
        return this.#stream(kind, this.#formed.pick(), specimen)
    }
  }

  #stream(
    kind: StreamKind,
    bytes: Uint8Array,
    { options, as }: Specimen,
    sent: StreamMessage | undefined = undefined,
    whole = false,
  ): HostileStream {
    return { kind, bytes, cuts: this.#cuts(bytes.length), options, as, sent, whole }
  }

  /** In one piece, in a few, or one byte at a time at the beginning. */
  #cuts(length: number): readonly number[] {
    const random = this.#random
    if (random.oneIn(3) || length < 2) return []
    if (random.oneIn(3)) return Array.from({ length: Math.min(length - 1, 30) }, (_, index) => index + 1)
    return Array.from({ length: 1 + random.below(8) }, () => random.below(length)).sort((a, b) => a - b)
  }

  #specimen(): Specimen {
    const random = this.#random
    const message = streamMessage(random)
    const role: StreamRole =
      message.type === 'ack' || message.type === 'error' || (message.type === 'push-pull' && random.oneIn(3))
        ? 'initiator'
        : 'acceptor'
    const around = random.oneIn(8)
      ? receivers.sealed
      : random.pick([receivers.plain, receivers.plain, receivers.labelled])
    const { name, ...surroundings } = around
    const compression = random.pick(['none', 'lzw', 'snappy'] as const)
    const body = encodeStreamMessage(message, { compression, when: 'always', ...surroundings })
    const bytes = role === 'acceptor' ? concat(labelHeader(around.label), body) : body
    return { message, bytes, options: { role, ...surroundings }, as: `${role} ${name}` }
  }
}

/** A name around 64 KiB, in a ping or in an entry: bounds must not depend on the pieces in which it comes. */
function long(random: Random): Uint8Array {
  const name = new Uint8Array(65_400 + random.below(300)).fill(0x61)
  const text = concat(Uint8Array.of(0xdb), bigEndian(name.length, 4), name)
  if (random.oneIn(2)) return concat(Uint8Array.of(0x00, 0x81, 0xa4, ...letters('Node')), text)
  const header = Uint8Array.of(0x06, 0x82, 0xa5, ...letters('Nodes'), 1, 0xac, ...letters('UserStateLen'), 0)
  return concat(header, Uint8Array.of(0x81, 0xa4, ...letters('Name')), text)
}

/** A length of any form that is hardly kept: of a user message, a user state, or an encrypted body. */
function promise(random: Random): Uint8Array {
  const [tag, width] = random.pick([
    [0xcd, 2],
    [0xce, 4],
    [0xd1, 2],
    [0xd2, 4],
    [0xd3, 8],
  ] as const)
  const length = concat(Uint8Array.of(tag), bigEndian(random.oneIn(2) ? random.edge() : random.below(2 ** 27), width))
  const begin = random.pick([
    concat(Uint8Array.of(0x08, 0x81, 0xaa, ...letters('UserMsgLen')), length),
    concat(Uint8Array.of(0x06, 0x81, 0xac, ...letters('UserStateLen')), length),
    concat(Uint8Array.of(0x06, 0x81, 0xa5, ...letters('Nodes')), length),
    concat(Uint8Array.of(0x0a), length.subarray(1)),
    concat(Uint8Array.of(0x09, 0x81, 0xa3, ...letters('Buf'), 0xdb), length.subarray(1)),
  ])
  return concat(begin, random.bytes(random.below(100)))
}

/** A push/pull of very many entries of one byte each, announced or beyond what was announced. */
function flood(random: Random): Uint8Array {
  const header = [0x06, 0x83, 0xa4, ...letters('Join'), 0xc3, 0xa5, ...letters('Nodes'), 0xce]
  const count = random.pick([1000, 20_000, 1_048_576, 2 ** 32 - 1])
  const announced = [count >>> 24, (count >>> 16) & 0xff, (count >>> 8) & 0xff, count & 0xff]
  const rest = [0xac, ...letters('UserStateLen'), 0]
  const entries = new Uint8Array(random.below(60_000)).fill(random.pick([0xc0, 0x80]))
  return concat(Uint8Array.of(...header, ...announced, ...rest), entries)
}

const letters = (text: string): readonly number[] => [...text].map((letter) => letter.charCodeAt(0))
