/** Forgetting (membership spec 6.5, DIV-41): dead and left records are dropped some time after. */
import type { Context } from './context.ts'
import { DeadlineHeap, type Due } from './deadline-heap.ts'
import { isLive, type PeerIndex } from './peer-table.ts'
import type { Tombstones } from './tombstones.ts'

/** A record is kept for longer than the time, not just as long. */
const LONGER_MS = 1
/** How much longer a tombstone is kept than the record was. */
const TOMBSTONE_FACTOR = 10

/** Drops old records on a timer of its own, which runs only while somebody is gone. */
export class Reaper {
  readonly #context: Context
  readonly #tombstones: Tombstones
  /** The latest of each name: whoever comes and goes all the time takes one place. */
  readonly #departures = new Map<string, Due<string>>()
  readonly #due = new DeadlineHeap<string>()
  /** Too soon to be looked at again. */
  #notBefore = Number.NEGATIVE_INFINITY

  constructor(context: Context, tombstones: Tombstones) {
    this.#context = context
    this.#tombstones = tombstones
  }

  /** A record became dead or left. */
  note(peer: PeerIndex, now: number): void {
    const name = this.#context.table.name(peer)
    const at = now + this.#context.tuning.gossip.toTheDeadMs + LONGER_MS
    const earlier = this.#departures.get(name)
    if (earlier) this.#due.move(earlier, at)
    else this.#departures.set(name, this.#due.add(at, name))
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
      const name = this.#due.shift()!
      this.#departures.delete(name)
      this.#forget(name, now)
    }
    this.#notBefore = now + Math.max(1000, toTheDeadMs / 4)
  }

  #forget(name: string, now: number): void {
    const { table, out, queue, tuning, policy } = this.#context
    const peer = table.find(name)
    // It came back since.
    if (peer < 0 || peer === table.selfIndex || isLive(table, peer)) return
    out.event('reap', peer, { source: 'self' })
    if (policy.evidenceMemory)
      this.#tombstones.put(
        name,
        {
          endpoint: table.endpoint(peer),
          evidence: table.evidence(peer),
          hasLeft: table.status(peer) === 'left',
          untilMs: now + TOMBSTONE_FACTOR * tuning.gossip.toTheDeadMs,
        },
        now,
      )
    table.remove(peer)
    queue.dropControl(name)
  }
}
