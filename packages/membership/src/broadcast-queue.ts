/**
 * What waits to be gossiped, for everybody (membership spec 4.3–4.5, kv spec 3.9–3.10). Fewest transmissions first, then
 * longest, then newest. An item leaves for exactly one reason, which its owner is told.
 */
import { Part } from '@hearsay/wire'
import type { Broadcast, BroadcastClass, BroadcastEnd } from './broadcast.ts'
import { MAX_QUEUED_BYTES, MAX_QUEUED_ITEMS } from './limits.ts'

/** Control items carry a membership message instead of a payload. */
export interface QueuedItem {
  readonly class: BroadcastClass
  readonly key: string
  readonly names: readonly string[]
  readonly version: number
  readonly part: Part
  readonly id: number
  readonly onFinished: ((end: BroadcastEnd) => void) | undefined
  transmits: number
}

/** Classes in order of priority. */
const classes = ['control', 'local', 'relayed', 'user'] as const

/** How often each class is transmitted. */
export type TransmitLimits = Readonly<Record<BroadcastClass, number>>

/** `multiplier × ⌈log10(n + 1)⌉` (membership spec 4.3). */
export const transmitLimit = (multiplier: number, n: number): number =>
  multiplier * (n <= 0 ? 0 : String(Math.floor(n)).length)

/** Items and bytes waiting in one class. */
export interface QueueDepth {
  readonly items: number
  readonly bytes: number
}

/** One queue with classes. */
export class BroadcastQueue {
  readonly #lanes: Record<BroadcastClass, QueuedItem[]> = { control: [], local: [], relayed: [], user: [] }
  readonly #bytes: Record<BroadcastClass, number> = { control: 0, local: 0, relayed: 0, user: 0 }
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
      for (const item of this.#lanes[lane]) {
        if (room <= overheadBytes || taken.size >= maxParts) return
        const cost = item.part.sizeBytes + overheadBytes
        if (cost > room || taken.has(item)) continue
        taken.add(item)
        room -= cost
        left -= cost
      }
    }
    const othersWait = classes.some((lane) => lane !== 'control' && this.#lanes[lane].length > 0)
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
      for (const item of this.#lanes[lane]) {
        if (item.part.sizeBytes <= budgetBytes || exclude.has(item.id)) continue
        this.#transmitted(item, limits)
        return item
      }
    }
    return undefined
  }

  /** Forgets the control item about a node that is no longer known. */
  dropControl(node: string): void {
    const item = this.#lanes.control.find((candidate) => candidate.key === node)
    if (item) this.#finish(item, 'pruned')
  }

  /** Ends every item. */
  stop(): void {
    for (const lane of classes) for (const item of [...this.#lanes[lane]]) this.#finish(item, 'stopped')
  }

  get isEmpty(): boolean {
    return classes.every((lane) => this.#lanes[lane].length === 0)
  }

  depths(): Readonly<Record<BroadcastClass, QueueDepth>> {
    const depth = (lane: BroadcastClass): QueueDepth => ({ items: this.#lanes[lane].length, bytes: this.#bytes[lane] })
    return { control: depth('control'), local: depth('local'), relayed: depth('relayed'), user: depth('user') }
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
    const superseded = this.#lanes[lane].filter((old) => supersedes(item, old))
    this.#insert(item)
    for (const old of superseded) this.#finish(old, 'superseded')
    this.#prune()
  }

  #transmitted(item: QueuedItem, limits: TransmitLimits): void {
    this.#remove(item)
    item.transmits++
    if (item.transmits >= limits[item.class]) item.onFinished?.('transmitted')
    else this.#insert(item)
  }

  #prune(): void {
    for (const lane of ['user', 'relayed', 'local'] as const) {
      const items = this.#lanes[lane]
      while (items.length > MAX_QUEUED_ITEMS || (this.#bytes[lane] > MAX_QUEUED_BYTES && items.length > 1))
        this.#finish(items[items.length - 1]!, 'pruned')
    }
  }

  #finish(item: QueuedItem, end: BroadcastEnd): void {
    if (this.#remove(item)) item.onFinished?.(end)
  }

  #insert(item: QueuedItem): void {
    const items = this.#lanes[item.class]
    let low = 0
    let high = items.length
    while (low < high) {
      const middle = (low + high) >>> 1
      if (before(items[middle]!, item)) low = middle + 1
      else high = middle
    }
    items.splice(low, 0, item)
    this.#bytes[item.class] += item.part.sizeBytes
  }

  #remove(item: QueuedItem): boolean {
    const items = this.#lanes[item.class]
    const index = items.indexOf(item)
    if (index < 0) return false
    items.splice(index, 1)
    this.#bytes[item.class] -= item.part.sizeBytes
    return true
  }
}

function before(a: QueuedItem, b: QueuedItem): boolean {
  if (a.transmits !== b.transmits) return a.transmits < b.transmits
  if (a.part.sizeBytes !== b.part.sizeBytes) return a.part.sizeBytes > b.part.sizeBytes
  return a.id > b.id
}

/** A newer item makes an older one useless when it is about the same key, not older, and carries at least its names. */
function supersedes(newer: QueuedItem, older: QueuedItem): boolean {
  if (newer.key !== older.key) return false
  if (newer.class === 'control') return true
  return newer.version >= older.version && older.names.every((name) => newer.names.includes(name))
}
