/** Who members say they are, written down once for the whole world. */
import { canonicalIp, formatAddress, type NodeState, type Versions } from '@hearsay/wire'
import { Ports } from '../ports.ts'

/** One name with one address, one metadata and one set of versions. Never changes. */
export interface Card {
  readonly id: number
  /** Number of the name: the index of its record in every table. */
  readonly nameIndex: number
  readonly name: string
  /** As received. */
  readonly address: Uint8Array
  readonly port: number
  readonly endpoint: string
  readonly meta: Uint8Array
  readonly versions: Versions | null
  /** The entry of a push/pull that was last made of it: most say the same again. */
  lastState: NodeState | undefined
}

/** All names and cards of a world. */
export class Cards {
  /** By number. */
  readonly names: string[] = []
  /** By number. */
  readonly cards: Card[] = []
  readonly #nameIndex = new Map<string, number>()
  /** Cards of each name, the one asked for last in front. */
  readonly #ofName: Card[][] = []
  readonly #ports: Ports

  constructor(ports = new Ports()) {
    this.#ports = ports
  }

  /** The number of a name, -1 for one that nobody ever had. */
  find(name: string): number {
    return this.#nameIndex.get(name) ?? -1
  }

  /** The number of a name, a new one for a new name. */
  nameIndex(name: string): number {
    const known = this.#nameIndex.get(name)
    if (known !== undefined) return known
    const index = this.names.length
    this.names.push(name)
    this.#nameIndex.set(name, index)
    this.#ofName.push([])
    return index
  }

  /** Names that were ever at an endpoint, which may be written in any form. */
  namesAt(endpoint: string): readonly number[] {
    return this.#ports.find(endpoint)?.names ?? nobody
  }

  /** The card with exactly this on it. Keeps copies of the bytes. */
  card(nameIndex: number, address: Uint8Array, port: number, meta: Uint8Array, versions: Versions | null): Card {
    const cards = this.#ofName[nameIndex]!
    for (let at = 0; at < cards.length; at++) {
      const card = cards[at]!
      if (card.port !== port || !sameBytes(card.address, address) || !sameBytes(card.meta, meta)) continue
      if (!sameVersions(card.versions, versions)) continue
      if (at > 0) {
        cards[at] = cards[0]!
        cards[0] = card
      }
      return card
    }
    return this.#make(cards, nameIndex, address, port, meta, versions)
  }

  #make(
    cards: Card[],
    nameIndex: number,
    address: Uint8Array,
    port: number,
    meta: Uint8Array,
    versions: Versions | null,
  ): Card {
    const endpoint = formatAddress(address, port)
    const card: Card = {
      id: this.cards.length,
      nameIndex,
      name: this.names[nameIndex]!,
      address: address.slice(),
      port,
      endpoint,
      meta: meta.slice(),
      versions: versions && { ...versions },
      lastState: undefined,
    }
    this.cards.push(card)
    cards.unshift(card)
    const { names } = this.#ports.at(endpoint)
    if (!names.includes(nameIndex)) names.push(nameIndex)
    return card
  }
}

const nobody: readonly number[] = []

/** The same place, an IPv4 address in IPv6 being the IPv4 address. */
export const isAt = (card: Card, address: Uint8Array, port: number): boolean =>
  card.port === port && (sameBytes(card.address, address) || sameBytes(canonicalIp(card.address), canonicalIp(address)))

/** Byte for byte. */
export function sameBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a === b) return true
  if (a.length !== b.length) return false
  for (let at = 0; at < a.length; at++) if (a[at] !== b[at]) return false
  return true
}

function sameVersions(a: Versions | null, b: Versions | null): boolean {
  if (a === b) return true
  if (a === null || b === null) return false
  return (
    a.protocolMin === b.protocolMin &&
    a.protocolMax === b.protocolMax &&
    a.protocolCurrent === b.protocolCurrent &&
    a.delegateMin === b.delegateMin &&
    a.delegateMax === b.delegateMax &&
    a.delegateCurrent === b.delegateCurrent
  )
}
