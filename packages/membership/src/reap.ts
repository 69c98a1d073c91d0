/** Forgetting (membership spec 6.5, DIV-41): dead and left records are dropped some time after. */
import type { Context } from './context.ts'
import { type Timed, TimedHeap } from './deadline-heap.ts'
import { PagedMap } from './paged-map.ts'
import { isLive, type PeerIndex } from './peer-table.ts'
import type { Tombstones } from './tombstones.ts'

/** A record is kept for longer than the time, not just as long. */
const LONGER_MS = 1
/** How much longer a tombstone is kept than the record was. */
const TOMBSTONE_FACTOR = 10

/** A record that is dropped when it is due, unless its member is there again. */
interface Departure extends Timed {
  readonly peer: PeerIndex
}

/** Drops old records on a timer of its own, which runs only while somebody is gone. */
export class Reaper {
  readonly #context: Context
  readonly #tombstones: Tombstones
  readonly #unrecord: (peer: PeerIndex) => void
  /** The latest of each record: whoever comes and goes all the time takes one place. */
  readonly #departures = new PagedMap<Departure>()
  readonly #due = new TimedHeap<Departure>()
  /** Too soon to be looked at again. */
  #notBefore = Number.NEGATIVE_INFINITY

  /** `unrecord` is called before a record is removed. */
  constructor(context: Context, tombstones: Tombstones, unrecord: (peer: PeerIndex) => void) {
    this.#context = context
    this.#tombstones = tombstones
    this.#unrecord = unrecord
  }

  /** A record became dead or left. */
  note(peer: PeerIndex, now: number): void {
    const at = now + this.#context.tuning.gossip.toTheDeadMs + LONGER_MS
    const earlier = this.#departures.get(peer)
    if (earlier) return this.#due.move(earlier, at)
    const departure: Departure = { peer, at, order: 0, position: -1 }
    this.#departures.set(peer, departure)
    this.#due.add(departure)
  }

  stop(): void {
    this.#departures.clear()
    this.#due.clear()
  }

  get nextAt(): number {
    return Math.max(this.#notBefore, this.#due.nextAt)
  }

  /** Forgets whoever is gone for longer than `gossip.toTheDeadMs`; never the local member. */
  tick(now: number): void {
    const { toTheDeadMs } = this.#context.tuning.gossip
    while (this.#due.nextAt <= now) {
      const { peer } = this.#due.shift()!
      this.#departures.take(peer)
      this.#forget(peer, now)
    }
    this.#notBefore = now + Math.max(1000, toTheDeadMs / 4)
  }

  #forget(peer: PeerIndex, now: number): void {
    const { table, out, queue, tuning, policy } = this.#context
    // It came back since.
    if (!table.has(peer) || peer === table.selfIndex || isLive(table, peer)) return
    out.event('reap', peer, { source: 'self' })
    if (policy.evidenceMemory)
      this.#tombstones.put(
        table.name(peer),
        {
          endpoint: table.endpoint(peer),
          evidence: table.evidence(peer),
          hasLeft: table.status(peer) === 'left',
          untilMs: now + TOMBSTONE_FACTOR * tuning.gossip.toTheDeadMs,
        },
        now,
      )
    this.#unrecord(peer)
    queue.dropControl(peer)
    table.remove(peer)
  }
}
