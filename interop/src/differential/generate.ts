/** Random sequences: few names, few incarnations, every guard within reach. The same seed is the same sequence. */
import { Chance } from '../../hostile/chance.ts'
import type { MemberSettings } from './observation.ts'
import type { Answer, Claim, Entry, Message, Sequence, Source, State, Step } from './steps.ts'

/** The port of everybody, and so what a port of 0 stands for. */
const PORT = 7946
/** What a packet may have, as in every preset. */
export const PACKET_BYTES = 1400
const SELF = 'me'
/** What a Go member of protocol 2 says. */
export const USUAL_VERSIONS = '010502000000'

/** All of them fit together. */
const goodVersions = [...Array.from({ length: 12 }, () => USUAL_VERSIONS), '010503000000', '010504000000']

/** Chances by which a sequence differs from others. */
interface Flavour {
  readonly peers: number
  readonly incarnations: number
  /** Incarnations close to the last one. */
  readonly isExtreme: boolean
  /** Versions that do not fit, or are not there. */
  readonly oddVersions: number
  /** Another address for a known name. */
  readonly oddAddresses: number
  readonly hasHooks: boolean
  /** So many members, and so much to say, that packets are full; nothing but claims and rounds of gossip. */
  readonly isCrowd: boolean
}

/** `10.0.0.N`. */
const ip = (host: number): string => Buffer.from([10, 0, 0, host]).toString('hex')
const mapped = (address: string): string => `${'00'.repeat(10)}ffff${address}`
const endpoint = (host: number): string => `10.0.0.${host}:${PORT}`

/** The sequence of a seed: about `length` steps. */
export function generate(seed: number, length = 40): Sequence {
  const chance = new Chance(seed * 0x9e3779b1)
  const isCrowd = chance.often(0.1)
  const flavour: Flavour = {
    isCrowd,
    peers: isCrowd ? 12 + chance.below(20) : 2 + chance.below(3),
    incarnations: chance.pick([2, 4, 8]),
    isExtreme: chance.often(0.1),
    oddVersions: isCrowd ? 0 : chance.pick([0, 0, 0.04, 0.2]),
    oddAddresses: isCrowd ? 0 : chance.pick([0, 0.1, 0.3]),
    hasHooks: !isCrowd && chance.often(0.25),
  }
  const generator = new Generator(chance, flavour)
  return {
    settings: generator.settings(),
    steps: Array.from({ length: isCrowd ? 3 * length : length }, () => generator.step()),
  }
}

class Generator {
  readonly #chance: Chance
  readonly #flavour: Flavour
  readonly #names: readonly string[]
  #hasLeft = false

  constructor(chance: Chance, flavour: Flavour) {
    this.#chance = chance
    this.#flavour = flavour
    this.#names = Array.from({ length: flavour.peers }, (_, index) => `n${index + 1}`)
  }

  settings(): MemberSettings {
    const chance = this.#chance
    const { hasHooks } = this.#flavour
    return {
      name: SELF,
      address: chance.often(0.15) ? mapped(ip(9)) : ip(9),
      port: PORT,
      meta: this.#meta() ?? '',
      localState: chance.often(0.3) ? 'abcd' : '',
      ackPayload: hasHooks && chance.often(0.5) ? 'beef' : '',
      hasHooks,
      refuseAlive: hasHooks ? chance.pick(['', 'n1', 'n2']) : '',
      refuseMerge: hasHooks ? chance.pick(['', 'n1', 'n2']) : '',
      deadNodeReclaimMs: chance.pick([0, 300]),
      packetBytes: PACKET_BYTES,
      runsLoops: false,
      withoutLoops: [],
    }
  }

  step(): Step {
    const chance = this.#chance
    const roll = chance.next()
    if (this.#flavour.isCrowd) {
      if (roll > 0.95) return { op: 'gossip' }
      return { op: 'packet', from: endpoint(1), messages: [this.#claim()] }
    }
    if (roll < 0.5) return this.#packet()
    if (roll < 0.6) return { op: 'state', state: this.#state(chance.often(0.3)) }
    // Who has left joins nobody here (DIV-40): seldom enough that there is more to compare after a departure.
    if (roll < 0.66 && !(this.#hasLeft && chance.often(0.85)))
      return { op: 'join', to: endpoint(chance.below(5) + 1), answer: this.#answer() }
    if (roll < 0.8) return { op: 'gossip' }
    if (roll < 0.86) return this.#message()
    if (roll < 0.9) return { op: 'update-meta', meta: this.#meta() ?? '' }
    if (roll < 0.92) return { op: 'stream-ping', seqNo: chance.below(100), node: this.#addressee() }
    if (roll < 0.93) return { op: 'stream-user', payload: chance.pick(['', '00', 'c0ffee']) }
    if (roll < 0.95) return { op: 'ping', node: this.#name(), to: endpoint(chance.below(5) + 1) }
    if (roll < 0.955) {
      this.#hasLeft = true
      return { op: 'leave' }
    }
    return { op: 'wait', ms: chance.pick([1, 100, 400]) }
  }

  /** One claim a packet: Go takes those of one packet in an order that is not always the same (DIV-31). */
  #packet(): Step {
    const chance = this.#chance
    const from = endpoint(chance.below(5) + 1)
    const claim = this.#claim()
    if (chance.often(0.15)) return { op: 'packet', from, messages: [this.#ping(), claim] }
    if (chance.often(0.2)) return { op: 'packet', from, messages: [this.#directed()] }
    return { op: 'packet', from, messages: [claim] }
  }

  #message(): Step {
    const chance = this.#chance
    const from = endpoint(chance.below(5) + 1)
    if (chance.often(0.5)) return { op: 'packet', from, messages: [this.#directed()] }
    return { op: 'send', node: this.#name(), payload: chance.pick(['01', 'c0ffee']), reliable: chance.often(0.5) }
  }

  #directed(): Message {
    const chance = this.#chance
    const roll = chance.next()
    if (roll < 0.3) return this.#ping()
    if (roll < 0.55) return this.#indirectPing()
    if (roll < 0.8) return { kind: 'ack', own: chance.below(6), payload: chance.pick(['', 'aa']) }
    if (roll < 0.9) return { kind: 'nack', own: chance.below(6) }
    return { kind: 'user', payload: chance.pick(['', '00', 'c0ffee']) }
  }

  #ping(): Message {
    return { kind: 'ping', seqNo: this.#chance.below(100), node: this.#addressee(), ...this.#source() }
  }

  #indirectPing(): Message {
    const chance = this.#chance
    const host = chance.below(5) + 1
    return {
      kind: 'indirect-ping',
      seqNo: chance.below(100),
      target: chance.often(0.1) ? mapped(ip(host)) : ip(host),
      port: chance.often(0.1) ? 0 : PORT,
      node: this.#name(),
      nack: chance.often(0.7),
      ...this.#source(),
    }
  }

  #source(): { readonly source?: Source } {
    const chance = this.#chance
    if (chance.often(0.3)) return {}
    const host = chance.below(5) + 1
    return {
      source: {
        address: chance.often(0.1) ? mapped(ip(host)) : ip(host),
        port: chance.often(0.1) ? 0 : PORT,
        node: `n${host}`,
      },
    }
  }

  #claim(): Message {
    const chance = this.#chance
    const roll = chance.next()
    // Go says refutations beside what they refute (DIV-13): in full packets, that moves others.
    const node = this.#name(this.#flavour.isCrowd ? 0 : 0.15)
    if (roll < 0.45) return { kind: 'alive', ...this.#aliveOf(node) }
    const incarnation = this.#incarnation()
    if (roll < 0.75) return { kind: 'suspect', node, incarnation, by: this.#accuser() }
    return { kind: 'dead', node, incarnation, by: chance.often(0.4) ? node : this.#accuser() }
  }

  #aliveOf(node: string): Claim {
    const { oddAddresses, oddVersions } = this.#flavour
    const chance = this.#chance
    const host = node === SELF ? 9 : Number(node.slice(1))
    const meta = this.#meta()
    const versions = chance.often(oddVersions) ? this.#oddVersions() : chance.pick(goodVersions)
    return {
      node,
      incarnation: this.#incarnation(),
      ...(chance.often(oddAddresses)
        ? chance.pick([
            { address: ip(host + 100), port: PORT },
            { address: ip(host), port: PORT + 1 },
            { address: mapped(ip(host)), port: PORT },
          ])
        : { address: ip(host), port: chance.often(0.1) ? 0 : PORT }),
      ...(meta === undefined ? {} : { meta }),
      ...(versions === undefined ? {} : { versions }),
    }
  }

  #oddVersions(): string | undefined {
    return this.#chance.pick([
      undefined,
      '',
      '01',
      '0105',
      '010502',
      '0105020000',
      '000502000000',
      '010002000000',
      '050102000000',
      '010507000000',
      '020503000000',
      '010302000000',
      '010502000100',
      '010502010101',
    ])
  }

  #state(join: boolean): State {
    const chance = this.#chance
    let name = this.#name(0.15)
    const entries = Array.from({ length: chance.below(4) }, (): Entry => {
      const state = chance.often(0.05) ? 7 : chance.pick([0, 0, 0, 1, 2, 3])
      // A name may occur twice.
      if (!chance.often(0.35)) name = this.#name(0.15)
      return { ...this.#aliveOf(name), state }
    })
    return { join, entries, userState: chance.often(0.3) ? 'f00d' : '' }
  }

  #answer(): Answer {
    const roll = this.#chance.next()
    if (roll < 0.1) return { kind: 'refused' }
    if (roll < 0.15) return { kind: 'closed' }
    if (roll < 0.2) return { kind: 'error' }
    return { kind: 'state', state: this.#state(true) }
  }

  #name(self = 0): string {
    return this.#chance.often(self) ? SELF : this.#chance.pick(this.#names)
  }

  #addressee(): string {
    return this.#chance.pick([SELF, SELF, SELF, '', 'n1'])
  }

  #accuser(): string {
    return this.#chance.pick([...this.#names, SELF, 'stranger'])
  }

  #incarnation(): number {
    const chance = this.#chance
    if (this.#flavour.isExtreme && chance.often(0.2))
      return chance.pick([2 ** 32 - 1, 2 ** 32 - 2, 2 ** 32 - 3, 2 ** 32 - 2 ** 16, 2 ** 32 - 2 ** 16 - 1])
    return chance.below(this.#flavour.incarnations)
  }

  #meta(): string | undefined {
    // Few sizes, so that age decides often enough.
    if (this.#flavour.isCrowd) return 'aa'.repeat(this.#chance.pick([0, 40, 90, 150, 200, 250, 330, 450]))
    return this.#chance.pick([undefined, '', '01', '0102', 'ff'.repeat(20)])
  }
}
