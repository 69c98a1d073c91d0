/** Faults that last: several may hold at once, and each ends on its own without ending another. */
import type { DelayModel } from '../delay.ts'
import type { LinkOptions } from '../links.ts'
import type { Network } from '../network.ts'
import type { SimNode } from '../node.ts'
import type { Members, Spell } from './plan.ts'

/** What one directed pair suffers at the moment. */
interface Suffering {
  loss: number
  duplicate: number
  reorder: number
  extraMs: number
  cut: boolean
  refuse: boolean
  stall: boolean
}

const well: Suffering = { loss: 0, duplicate: 0, reorder: 0, extraMs: 0, cut: false, refuse: false, stall: false }

/** Spells that hold on one network. */
export class Spells {
  readonly #network: Network
  readonly #nodes: readonly SimNode[]
  readonly #delay: DelayModel
  readonly #active = new Set<Spell>()
  /** What pairs were last told to suffer, by `from → to`. */
  readonly #told = new Map<string, Suffering>()

  /** `delay`: what holds on every link when nothing is wrong. */
  constructor(network: Network, nodes: readonly SimNode[], delay: DelayModel) {
    this.#network = network
    this.#nodes = nodes
    this.#delay = delay
  }

  begin(spell: Spell): void {
    this.#active.add(spell)
    this.refresh()
  }

  end(spell: Spell): void {
    this.#active.delete(spell)
    this.refresh()
  }

  /** Tells the network what holds now; also to be called when members come. */
  refresh(): void {
    const spells = [...this.#active].filter((spell) => spell.kind !== 'clock')
    for (const from of this.#nodes) {
      for (const to of this.#nodes) {
        if (from === to) continue
        const key = `${from.index}>${to.index}`
        const before = this.#told.get(key) ?? well
        const now = spells.length === 0 ? well : sufferingOf(spells, from.index, to.index)
        if (now === before || same(now, before)) continue
        this.#told.set(key, now)
        this.#tell(from, to, before, now)
      }
    }
  }

  #tell(from: SimNode, to: SimNode, before: Suffering, now: Suffering): void {
    const network = this.#network
    const { loss, duplicate, reorder, extraMs } = now
    const delay: DelayModel = extraMs === 0 ? this.#delay : (random) => this.#delay(random) + extraMs * (0.5 + random())
    const options: LinkOptions = { loss, duplicate, reorder, delay }
    network.setLink(from, to, options)
    if (now.cut && !before.cut) network.cut(from, to)
    if (!now.cut && before.cut) network.mend(from, to)
    if ((before.refuse && !now.refuse) || (before.stall && !now.stall)) network.freeStreams(from, to)
    if (now.refuse) network.refuseStreams(from, to)
    if (now.stall) network.stallStreams(from, to)
  }
}

function sufferingOf(spells: readonly Spell[], from: number, to: number): Suffering {
  let now: Suffering | undefined
  for (const spell of spells) {
    if (!concerns(spell, from, to)) continue
    now ??= { ...well }
    switch (spell.kind) {
      case 'loss':
        now.loss = Math.max(now.loss, spell.share)
        break
      case 'duplicate':
        now.duplicate = Math.max(now.duplicate, spell.share)
        break
      case 'reorder':
        now.reorder = Math.max(now.reorder, spell.share)
        break
      case 'delay':
        now.extraMs = Math.max(now.extraMs, spell.delayMs)
        break
      case 'cut':
      case 'partition':
        now.cut = true
        break
      case 'stream-refusal':
        now.refuse = true
        break
      case 'stream-stall':
        now.stall = true
    }
  }
  return now ?? well
}

function concerns(spell: Spell, from: number, to: number): boolean {
  if (spell.kind === 'clock') return false
  if (spell.kind === 'partition') {
    const groupOf = (index: number): number => spell.groups.findIndex((group) => group.includes(index))
    const [a, b] = [groupOf(from), groupOf(to)]
    return a >= 0 && b >= 0 && a !== b
  }
  return includes(spell.from, from) && includes(spell.to, to)
}

const includes = (members: Members, index: number): boolean => members === 'all' || members.includes(index)

const same = (a: Suffering, b: Suffering): boolean =>
  a.loss === b.loss &&
  a.duplicate === b.duplicate &&
  a.reorder === b.reorder &&
  a.extraMs === b.extraMs &&
  a.cut === b.cut &&
  a.refuse === b.refuse &&
  a.stall === b.stall
