/** Plans by chance: each run has a few kinds of faults, and how often; another has others. */
import type { Fault, FaultKind, FaultPlan, Members } from './plan.ts'

/** What a plan is drawn for. */
export interface PlanOptions {
  /** Members at the beginning. */
  readonly nodes: number
  /** The first fault comes no sooner. */
  readonly fromMs: number
  /** The last fault is over no later. */
  readonly untilMs: number
  /** Which may be drawn at all. Default: a random part of {@link stormKinds}. */
  readonly kinds?: readonly FaultKind[]
}

/** Everything that can go wrong. */
export const stormKinds: readonly FaultKind[] = [
  'loss',
  'duplicate',
  'reorder',
  'delay',
  'cut',
  'partition',
  'stream-refusal',
  'stream-stall',
  'clock',
  'stall',
  'crash',
  'meta',
  'leave',
  'broadcast',
  'newcomer',
  'slander',
  'ping',
  'send',
]

/** What members do of themselves while nothing is wrong with the network. */
export const fairKinds: readonly FaultKind[] = [
  'duplicate',
  'crash',
  'meta',
  'leave',
  'broadcast',
  'newcomer',
  'ping',
  'send',
]

/** Of one kind, in one plan. */
const MOST_OF_A_KIND = 6
/** Share of all kinds that is in one plan. */
const KIND_SHARE = 0.45

/** Draws a plan. */
export function randomPlan(random: () => number, options: PlanOptions): FaultPlan {
  const kinds = options.kinds ?? stormKinds.filter(() => random() < KIND_SHARE)
  const faults: Fault[] = []
  for (const kind of kinds) {
    const count = 1 + Math.floor(random() * MOST_OF_A_KIND)
    for (let each = 0; each < count; each++) faults.push(new Draw(random, options).fault(kind))
  }
  return faults.sort((a, b) => a.atMs - b.atMs)
}

/** Draws one fault. */
class Draw {
  readonly #random: () => number
  readonly #options: PlanOptions
  readonly #spanMs: number

  constructor(random: () => number, options: PlanOptions) {
    this.#random = random
    this.#options = options
    this.#spanMs = options.untilMs - options.fromMs
  }

  fault(kind: FaultKind): Fault {
    const at = { atMs: this.#options.fromMs + this.#whole(this.#spanMs * 0.9) }
    switch (kind) {
      case 'loss':
        return { kind, ...this.#between(), share: this.#one([0.05, 0.1, 0.3, 0.5]), ...this.#spell(at) }
      case 'duplicate':
      case 'reorder':
        return { kind, ...this.#between(), share: this.#one([0.05, 0.3, 1]), ...this.#spell(at) }
      case 'delay':
        return { kind, ...this.#between(), delayMs: this.#one([5, 50, 150, 400, 900]), ...this.#spell(at) }
      case 'cut':
      case 'stream-refusal':
      case 'stream-stall':
        return { kind, ...this.#between(), ...this.#spell(at) }
      case 'partition':
        return { kind, groups: this.#groups(), ...this.#spell(at) }
      case 'clock':
        return { kind, node: this.#node(), rate: this.#one([0.5, 0.9, 0.99, 1.01, 1.1, 2]), ...this.#spell(at) }
      default:
        return this.#blow(kind, at)
    }
  }

  #blow(kind: FaultKind, at: { readonly atMs: number }): Fault {
    const [node, other] = [this.#node(), this.#node()]
    switch (kind) {
      case 'stall':
        return { kind, node, forMs: this.#bounded(at.atMs, this.#one([50, 300, 700, 2000, 8000, 30_000])), ...at }
      case 'crash':
        return { kind, node, ...this.#return(at.atMs), ...at }
      case 'leave': {
        const backMs = this.#bounded(at.atMs, this.#one([500, 6000, 40_000]))
        return { kind, node, next: this.#one(['stay', 'stop', 'rejoin'] as const), backMs, ...at }
      }
      case 'broadcast': {
        const sizeBytes = this.#one([0, 20, 300, 1300, 1390, 3000])
        const count = this.#one([1, 2, 30])
        return { kind, node, count, sizeBytes, class: this.#one(['local', 'relayed', 'user'] as const), ...at }
      }
      case 'newcomer':
        return { kind, via: node, ...at }
      case 'slander': {
        const claim = this.#one(['suspect', 'suspect', 'dead', 'alive'] as const)
        return { kind, to: node, about: other, claim, above: this.#one([0, 0, 1, 5]), ...at }
      }
      case 'ping':
        return { kind, node, to: other, ...at }
      case 'send':
        return { kind, node, to: other, reliable: this.#random() < 0.5, ...at }
      default:
        return { kind: 'meta', node, ...at }
    }
  }

  #return(atMs: number): Omit<Extract<Fault, { kind: 'crash' }>, 'kind' | 'node' | 'atMs'> {
    const downMs = this.#random() < 0.3 ? undefined : this.#bounded(atMs, this.#one([200, 3000, 20_000, 60_000]))
    return {
      downMs,
      incarnation: this.#one(['lower', 'same', 'higher'] as const),
      address: this.#random() < 0.3 ? 'new' : 'same',
    }
  }

  #spell({ atMs }: { readonly atMs: number }): { readonly atMs: number; readonly forMs: number } {
    return { atMs, forMs: this.#bounded(atMs, this.#one([500, 3000, 10_000, 40_000, 120_000])) }
  }

  /** About so long, and over in time. */
  #bounded(atMs: number, aboutMs: number): number {
    const wantedMs = Math.ceil(aboutMs * (0.5 + this.#random()))
    return Math.max(1, Math.min(wantedMs, this.#options.untilMs - atMs))
  }

  /** All to all, some to all, all to some, or one to one. */
  #between(): { readonly from: Members; readonly to: Members } {
    const some = (): number[] => Array.from({ length: 1 + this.#whole(2) }, () => this.#node())
    switch (this.#whole(4)) {
      case 0:
        return { from: 'all', to: 'all' }
      case 1:
        return { from: some(), to: 'all' }
      case 2:
        return { from: 'all', to: some() }
      default:
        return { from: some(), to: some() }
    }
  }

  #groups(): number[][] {
    const groups: number[][] = [[], []]
    const share = this.#one([0.1, 0.3, 0.5])
    for (let node = 0; node < this.#options.nodes; node++) groups[this.#random() < share ? 0 : 1]!.push(node)
    return groups
  }

  #node(): number {
    return this.#whole(this.#options.nodes)
  }

  #whole(below: number): number {
    return Math.floor(this.#random() * below)
  }

  #one<T>(choices: readonly T[]): T {
    return choices[this.#whole(choices.length)]!
  }
}
