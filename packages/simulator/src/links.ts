/** How each directed pair of members is connected. */
import type { DelayModel } from './delay.ts'
import type { SimNode } from './node.ts'

/** What happens by chance on the way from one member to another. */
export interface LinkOptions {
  /** One way, for packets and pieces of streams. */
  readonly delay?: DelayModel
  /** Probability that a packet is lost. */
  readonly loss?: number
  /** Probability that a packet that is not lost arrives twice. */
  readonly duplicate?: number
  /** Probability that a packet is held back, so that later ones overtake it. */
  readonly reorder?: number
  /** How long it is held back at most, in milliseconds; anything up to that. */
  readonly reorderByMs?: number
}

/** A link with everything said. */
export type Link = Required<LinkOptions>

/** One member, some, or all that there are. */
export type Ends = SimNode | readonly SimNode[] | 'all'

/** What a directed pair suffers beside chance. */
export const Blockade = { cut: 1, refuse: 2, stall: 4 } as const

const PAIR_FACTOR = 2 ** 24

/** Rules of pairs, of senders, of receivers, of all; and what is blocked. */
export class Links {
  #default: Link
  readonly #from = new Map<number, LinkOptions>()
  readonly #to = new Map<number, LinkOptions>()
  readonly #pairs = new Map<number, LinkOptions>()
  /** Rules put together, thrown away when one changes. */
  readonly #found = new Map<number, Link>()
  #isUniform = true
  /** Nothing is cut or blocked anywhere. */
  isOpen = true
  /** Bits of {@link Blockade} by pair. */
  readonly #blocked = new Map<number, number>()
  /** By member: members of different groups do not reach each other. */
  #groups: Map<number, number> | undefined

  constructor(byDefault: Link) {
    this.#default = byDefault
  }

  /** What holds from one to another: the rule of the pair before the sender's, the receiver's, and everybody's. */
  between(from: SimNode, to: SimNode | undefined): Link {
    return this.#isUniform ? this.#default : this.#find(from.index, (to ?? from).index)
  }

  #find(from: number, to: number): Link {
    const key = from * PAIR_FACTOR + to
    let link = this.#found.get(key)
    if (link === undefined) {
      link = { ...this.#default, ...this.#to.get(to), ...this.#from.get(from), ...this.#pairs.get(key) }
      this.#found.set(key, link)
    }
    return link
  }

  /** Adds to the rules of some pairs; what is not named stays as it was. */
  set(from: Ends, to: Ends, options: LinkOptions): void {
    this.#found.clear()
    if (from === 'all' && to === 'all') {
      this.#default = { ...this.#default, ...options }
      return
    }
    this.#isUniform = false
    if (from === 'all') for (const node of listed(to as Exclude<Ends, 'all'>)) merge(this.#to, node.index, options)
    else if (to === 'all') for (const node of listed(from)) merge(this.#from, node.index, options)
    else
      for (const sender of listed(from))
        for (const receiver of listed(to)) merge(this.#pairs, sender.index * PAIR_FACTOR + receiver.index, options)
  }

  /** Whether nothing gets from one to another. */
  isCut(from: number, to: number): boolean {
    if (this.#groups !== undefined && this.#groups.get(from) !== this.#groups.get(to)) return from !== to
    return this.isBlocked(from, to, Blockade.cut)
  }

  isBlocked(from: number, to: number, bit: number): boolean {
    return this.#blocked.size > 0 && ((this.#blocked.get(from * PAIR_FACTOR + to) ?? 0) & bit) !== 0
  }

  /** Blocks pairs, or lets them go again. */
  block(from: readonly SimNode[], to: readonly SimNode[], bit: number, on: boolean): void {
    for (const sender of from)
      for (const receiver of to) {
        if (sender === receiver) continue
        const key = sender.index * PAIR_FACTOR + receiver.index
        const before = this.#blocked.get(key) ?? 0
        const after = on ? before | bit : before & ~bit
        if (after === 0) this.#blocked.delete(key)
        else this.#blocked.set(key, after)
      }
    this.#note()
  }

  /** Whoever is in no group is in one with all others of that kind. */
  partition(groups: readonly (readonly SimNode[])[]): void {
    this.#groups = new Map()
    for (const [group, nodes] of groups.entries()) for (const node of nodes) this.#groups.set(node.index, group)
    this.#note()
  }

  /** Ends the partition and every cut. */
  heal(): void {
    this.#groups = undefined
    for (const [key, bits] of this.#blocked) {
      if ((bits & ~Blockade.cut) === 0) this.#blocked.delete(key)
      else this.#blocked.set(key, bits & ~Blockade.cut)
    }
    this.#note()
  }

  #note(): void {
    this.isOpen = this.#groups === undefined && this.#blocked.size === 0
  }
}

/** The members meant, when not all are. */
export const listed = (ends: SimNode | readonly SimNode[]): readonly SimNode[] => ('index' in ends ? [ends] : ends)

function merge(rules: Map<number, LinkOptions>, key: number, options: LinkOptions): void {
  rules.set(key, { ...rules.get(key), ...options })
}
