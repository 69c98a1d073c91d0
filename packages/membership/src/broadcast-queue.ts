/**
 * What waits to be gossiped, for everybody (membership spec 4.3–4.5, kv spec 3.9–3.10). Fewest transmissions first, then
 * longest, then newest. An item leaves for exactly one reason, which its owner is told.
 */
import { Part } from '@hearsay/wire'
import type { Broadcast, BroadcastClass, BroadcastEnd } from './broadcast.ts'
import { BroadcastLane, type QueueDepth } from './broadcast-lane.ts'
import { MAX_QUEUED_BYTES, MAX_QUEUED_ITEMS } from './limits.ts'
import { PagedMap } from './paged-map.ts'
import { NOBODY, type PeerIndex } from './peer-table.ts'
import type { QueuedItem } from './queued-item.ts'
import { Supersession } from './supersession.ts'

export type { QueueDepth } from './broadcast-lane.ts'
export type { QueuedItem } from './queued-item.ts'

/**
 * Items queued in class control (DIV-28). There is at most one for each record, so that more never wait unless that
 * rule is broken; the bound holds then, too.
 */
export const MAX_QUEUED_CONTROL_ITEMS = 65_536
/** Bytes queued in class control (DIV-28): 2 KiB for each item, twice what one with the longest name and metadata takes. */
export const MAX_QUEUED_CONTROL_BYTES = 128 * 1024 * 1024

/** Classes in order of priority. */
const classes = ['control', 'local', 'relayed', 'user'] as const

const noNames: readonly string[] = []

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
  /** Membership messages by the record that they are about. */
  readonly #byPeer = new PagedMap<QueuedItem>()
  /** All others. */
  readonly #payloads: Readonly<Record<BroadcastClass, Supersession>> = {
    control: new Supersession(),
    local: new Supersession(),
    relayed: new Supersession(),
    user: new Supersession(),
  }
  // Never reset: a tie-break that restarts lets one item overwrite another (DIV-27).
  #nextId = 1
  /** What control has taken of the others' share, at most one packet's worth. */
  #owedBytes = 0
  #own: QueuedItem | undefined

  /** Queues a membership message about the member of a record; replaces the one that is queued about it. */
  control(peer: PeerIndex, part: Part, onFinished?: (end: BroadcastEnd) => void): void {
    this.#control(peer, part, onFinished)
  }

  /** Queues what the local member says of itself: it leads every packet until it was sent often enough. */
  own(self: PeerIndex, part: Part, onFinished?: (end: BroadcastEnd) => void): void {
    this.#own = this.#control(self, part, onFinished)
  }

  /** Queues a payload of an application. */
  payload(broadcast: Broadcast): void {
    const { key, names, version, onFinished } = broadcast
    const part = new Part({ type: 'user', payload: broadcast.payload })
    const item = this.#item(broadcast.class, NOBODY, key, names, version, part, onFinished)
    const others = this.#payloads[broadcast.class]
    const superseded = others.supersededBy(item)
    this.#lanes[item.class].put(item)
    others.add(item)
    for (const old of superseded) this.#finish(old, 'superseded')
    this.#prune(item.class)
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
    const taken: QueuedItem[] = []
    // Kept apart: those who are told of the end of an item may queue another part in the place of one that was taken.
    const parts: Part[] = []
    let left = budgetBytes
    const take = (name: BroadcastClass, allowance: number): void => {
      const lane = this.#lanes[name]
      let room = Math.min(allowance, left)
      // Taken ones are out of the lane until the packet is full: nothing is sent twice in it.
      for (let transmits = 0, tiers = lane.tierCount; transmits < tiers; transmits++)
        while (taken.length < maxParts && room > overheadBytes) {
          const item = lane.takeFitting(transmits, room - overheadBytes)
          if (!item) break
          taken.push(item)
          parts.push(item.part)
          room -= item.sizeBytes + overheadBytes
          left -= item.sizeBytes + overheadBytes
        }
    }
    const { control, local, relayed, user } = this.#lanes
    const othersWait = local.size + relayed.size + user.size > 0
    this.#owedBytes = othersWait ? Math.min(budgetBytes, this.#owedBytes + Math.ceil(budgetBytes * userShare)) : 0
    // Else a storm of claims about others would keep us from contradicting one about ourselves.
    if (this.#own && this.#own.sizeBytes + overheadBytes <= left) {
      if (control.take(this.#own)) {
        taken.push(this.#own)
        parts.push(this.#own.part)
        left -= this.#own.sizeBytes + overheadBytes
      } else this.#own = undefined
    }
    if (control.size > 0) take('control', budgetBytes - this.#owedBytes)
    if (othersWait) {
      const beforeOthers = left
      for (const lane of classes) if (lane !== 'control') take(lane, left)
      this.#owedBytes = Math.max(0, this.#owedBytes - (beforeOthers - left))
      if (control.size > 0) take('control', left)
    }
    this.#transmitted(taken, limits)
    return parts
  }

  /** Takes one item that no packet of `budgetBytes` can hold, to be sent on a stream. */
  takeOversize(budgetBytes: number, limits: TransmitLimits, exclude: ReadonlySet<number>): QueuedItem | undefined {
    for (const lane of classes) {
      const item = this.#lanes[lane].longer(budgetBytes, exclude)
      if (!item) continue
      this.#lanes[lane].take(item)
      this.#transmitted([item], limits)
      return item
    }
    return undefined
  }

  /** The membership message that is queued about the member of a record. */
  about(peer: PeerIndex): Part | undefined {
    return this.#byPeer.get(peer)?.part
  }

  /** Forgets the control item about a record that is about to be removed: its index will be another's. */
  dropControl(peer: PeerIndex): void {
    const item = this.#byPeer.get(peer)
    if (item) this.#finish(item, 'pruned')
  }

  /** Ends every item. */
  stop(): void {
    for (const lane of classes) for (const item of this.#lanes[lane].all()) this.#finish(item, 'stopped')
  }

  get isEmpty(): boolean {
    const { control, local, relayed, user } = this.#lanes
    return control.size + local.size + relayed.size + user.size === 0
  }

  depths(): Readonly<Record<BroadcastClass, QueueDepth>> {
    const { control, local, relayed, user } = this.#lanes
    return { control: control.depth, local: local.depth, relayed: relayed.depth, user: user.depth }
  }

  #control(peer: PeerIndex, part: Part, onFinished: QueuedItem['onFinished']): QueuedItem {
    const lane = this.#lanes.control
    const there = this.#byPeer.get(peer)
    if (there === undefined) {
      const item = this.#item('control', peer, '', noNames, 0, part, onFinished)
      lane.put(item)
      this.#byPeer.set(peer, item)
      this.#prune('control')
      return item
    }
    // The same object in the place of another: a map from which much is deleted becomes slow.
    if (there === this.#own) this.#own = undefined
    const finished = there.onFinished
    lane.take(there)
    there.part = part
    there.id = this.#nextId++
    there.sizeBytes = part.sizeBytes
    there.onFinished = onFinished
    there.transmits = 0
    lane.put(there)
    finished?.('superseded')
    this.#prune('control')
    return there
  }

  #item(
    ofClass: BroadcastClass,
    peer: PeerIndex,
    key: string,
    names: readonly string[],
    version: number,
    part: Part,
    onFinished: QueuedItem['onFinished'],
  ): QueuedItem {
    // What neighbours in a list look at comes first, so that it is on one line of a cache.
    return {
      newer: undefined,
      older: undefined,
      id: this.#nextId++,
      sizeBytes: part.sizeBytes,
      transmits: 0,
      tier: undefined,
      part,
      onFinished,
      class: ofClass,
      peer,
      key,
      names,
      version,
    }
  }

  /** Puts back what is to be sent again; then those are told that it is done whose item was sent for the last time. */
  #transmitted(items: readonly QueuedItem[], limits: TransmitLimits): void {
    for (const item of items) {
      item.transmits++
      if (item.transmits < limits[item.class]) this.#lanes[item.class].put(item)
      else this.#forget(item)
    }
    for (const item of items) if (item.transmits >= limits[item.class]) item.onFinished?.('transmitted')
  }

  #prune(name: BroadcastClass): void {
    const lane = this.#lanes[name]
    const maxItems = name === 'control' ? MAX_QUEUED_CONTROL_ITEMS : MAX_QUEUED_ITEMS
    const maxBytes = name === 'control' ? MAX_QUEUED_CONTROL_BYTES : MAX_QUEUED_BYTES
    while (lane.size > maxItems || (lane.sizeBytes > maxBytes && lane.size > 1)) {
      const last = lane.last!
      if (last === this.#own) return
      this.#finish(last, 'pruned')
    }
  }

  #finish(item: QueuedItem, end: BroadcastEnd): void {
    if (!this.#lanes[item.class].take(item)) return
    this.#forget(item)
    item.onFinished?.(end)
  }

  #forget(item: QueuedItem): void {
    if (item.peer !== NOBODY) this.#byPeer.take(item.peer)
    else this.#payloads[item.class].forget(item)
  }
}
