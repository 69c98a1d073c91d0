/**
 * What waits to be gossiped, for everybody (membership spec 4.3–4.5, kv spec 3.9–3.10). Fewest transmissions first, then
 * longest, then newest. An item leaves for exactly one reason, which its owner is told.
 */
import { Part } from '@hearsay/wire'
import type { Broadcast, BroadcastClass, BroadcastEnd } from './broadcast.ts'
import { BroadcastLane, type QueueDepth, type QueuedItem } from './broadcast-lane.ts'
import { MAX_QUEUED_BYTES, MAX_QUEUED_ITEMS } from './limits.ts'

export type { QueueDepth, QueuedItem } from './broadcast-lane.ts'

/**
 * Items queued in class control (DIV-28). There is at most one for each known name, so that more never wait unless that
 * rule is broken; the bound holds then, too.
 */
export const MAX_QUEUED_CONTROL_ITEMS = 65_536
/** Bytes queued in class control (DIV-28): 2 KiB for each item, twice what one with the longest name and metadata takes. */
export const MAX_QUEUED_CONTROL_BYTES = 128 * 1024 * 1024

/** Classes in order of priority. */
const classes = ['control', 'local', 'relayed', 'user'] as const

/** How often each class is transmitted. */
export type TransmitLimits = Readonly<Record<BroadcastClass, number>>

/** `multiplier × ⌈log10(n + 1)⌉` (membership spec 4.3). */
export const transmitLimit = (multiplier: number, n: number): number =>
  multiplier * (n <= 0 ? 0 : String(Math.floor(n)).length)

/** One queue with classes. */
export class BroadcastQueue {
  readonly #lanes: Readonly<Record<BroadcastClass, BroadcastLane>> = {
    control: new BroadcastLane(),
    local: new BroadcastLane(),
    relayed: new BroadcastLane(),
    user: new BroadcastLane(),
  }
  // Never reset: a tie-break that restarts lets one item overwrite another (DIV-27).
  #nextId = 1
  /** What control has taken of the others' share, at most one packet's worth. */
  #owedBytes = 0

  /** Queues a membership message about `node`; replaces the one that is queued about it. */
  control(node: string, part: Part, onFinished?: (end: BroadcastEnd) => void): void {
    this.#add('control', node, [], 0, part, onFinished)
  }

  /** Queues a payload of an application. */
  payload(item: Broadcast): void {
    const part = new Part({ type: 'user', payload: item.payload })
    this.#add(item.class, item.key, item.names, item.version, part, item.onFinished)
  }

  /**
   * Takes what fits into `budgetBytes`, each part costing `overheadBytes` more than its size. While both control and
   * other items wait, others are left a `userShare` of the budget (DIV-29); what they could not use of it, since no item
   * was small enough, they are owed in the next packets. At most `maxParts`.
   */
  fill(
    budgetBytes: number,
    overheadBytes: number,
    maxParts: number,
    userShare: number,
    limits: TransmitLimits,
  ): Part[] {
    const taken = new Set<QueuedItem>()
    let left = budgetBytes
    const take = (lane: BroadcastClass, allowance: number): void => {
      let room = Math.min(allowance, left)
      let item: QueuedItem | undefined
      while (taken.size < maxParts) {
        item = this.#lanes[lane].fitting(room - overheadBytes, item)
        if (!item) return
        if (taken.has(item)) continue
        const cost = item.part.sizeBytes + overheadBytes
        taken.add(item)
        room -= cost
        left -= cost
      }
    }
    const othersWait = classes.some((lane) => lane !== 'control' && this.#lanes[lane].size > 0)
    this.#owedBytes = othersWait ? Math.min(budgetBytes, this.#owedBytes + Math.ceil(budgetBytes * userShare)) : 0
    take('control', budgetBytes - this.#owedBytes)
    const beforeOthers = left
    for (const lane of classes) if (lane !== 'control') take(lane, left)
    this.#owedBytes = Math.max(0, this.#owedBytes - (beforeOthers - left))
    take('control', left)
    const parts = [...taken].map((item) => item.part)
    for (const item of taken) this.#transmitted(item, limits)
    return parts
  }

  /** Takes one item that no packet of `budgetBytes` can hold, to be sent on a stream. */
  takeOversize(budgetBytes: number, limits: TransmitLimits, exclude: ReadonlySet<number>): QueuedItem | undefined {
    for (const lane of classes) {
      const item = this.#lanes[lane].longer(budgetBytes, exclude)
      if (!item) continue
      this.#transmitted(item, limits)
      return item
    }
    return undefined
  }

  /** Forgets the control item about a node that is no longer known. */
  dropControl(node: string): void {
    for (const item of this.#lanes.control.supersededBy({ key: node, names: [], version: 0 }))
      this.#finish(item, 'pruned')
  }

  /** Ends every item. */
  stop(): void {
    for (const lane of classes) for (const item of this.#lanes[lane].all()) this.#finish(item, 'stopped')
  }

  get isEmpty(): boolean {
    return classes.every((lane) => this.#lanes[lane].size === 0)
  }

  depths(): Readonly<Record<BroadcastClass, QueueDepth>> {
    const { control, local, relayed, user } = this.#lanes
    return { control: control.depth, local: local.depth, relayed: relayed.depth, user: user.depth }
  }

  #add(
    lane: BroadcastClass,
    key: string,
    names: readonly string[],
    version: number,
    part: Part,
    onFinished: QueuedItem['onFinished'],
  ): void {
    const item: QueuedItem = { class: lane, key, names, version, part, id: this.#nextId++, onFinished, transmits: 0 }
    const superseded = this.#lanes[lane].supersededBy(item)
    this.#lanes[lane].insert(item)
    for (const old of superseded) this.#finish(old, 'superseded')
    this.#prune(lane)
  }

  #transmitted(item: QueuedItem, limits: TransmitLimits): void {
    // What ended meanwhile, in a callback of another item, must not end again.
    if (!this.#lanes[item.class].remove(item)) return
    item.transmits++
    if (item.transmits >= limits[item.class]) item.onFinished?.('transmitted')
    else this.#lanes[item.class].insert(item)
  }

  #prune(name: BroadcastClass): void {
    const lane = this.#lanes[name]
    const [maxItems, maxBytes] =
      name === 'control' ? [MAX_QUEUED_CONTROL_ITEMS, MAX_QUEUED_CONTROL_BYTES] : [MAX_QUEUED_ITEMS, MAX_QUEUED_BYTES]
    while (lane.size > maxItems || (lane.sizeBytes > maxBytes && lane.size > 1)) this.#finish(lane.last!, 'pruned')
  }

  #finish(item: QueuedItem, end: BroadcastEnd): void {
    if (this.#lanes[item.class].remove(item)) item.onFinished?.(end)
  }
}
