/** Counters, derived at the rim from what comes in and goes out. */

/** A snapshot of the counters since the start, and of a few gauges. */
export interface MemberlistMetrics {
  /** Packets and bytes through the transport, sealed. */
  readonly packetsIn: number
  readonly packetsOut: number
  readonly packetBytesIn: number
  readonly packetBytesOut: number
  /** Messages by type, inside packets and streams. */
  readonly messagesIn: Readonly<Record<string, number>>
  readonly messagesOut: Readonly<Record<string, number>>
  /** Bytes from outside that were refused, by reason. */
  readonly drops: Readonly<Record<string, number>>
  /** The same by the peer's host, and reason; only for the hosts of which something was refused last. */
  readonly dropsByPeer: Readonly<Record<string, Readonly<Record<string, number>>>>
  /** Messages that were understood and ignored, by guard. */
  readonly ignored: Readonly<Record<string, number>>
  /** Exchanges of full states that we began, served, and that failed. */
  readonly pushPullsInitiated: number
  readonly pushPullsServed: number
  readonly pushPullsFailed: number
  /** Membership events by type. */
  readonly events: Readonly<Record<string, number>>
  /** Delegate hooks that threw. */
  readonly delegateErrors: number
  /** Faults inside membership: bugs of ours, after which everything else went on. */
  readonly faults?: number
  readonly members: number
  readonly healthScore: number
  readonly queued: Readonly<Record<string, { readonly items: number; readonly bytes: number }>>
}

/** Counts by name. Names come from our own code: their number is bounded. */
export class Tally {
  readonly #counts: Record<string, number> = {}

  add(name: string, count = 1): void {
    this.#counts[name] = (this.#counts[name] ?? 0) + count
  }

  snapshot(): Readonly<Record<string, number>> {
    return { ...this.#counts }
  }
}

/** Hosts of which refusals are counted one by one; the one that is longest quiet is forgotten first. */
export const MAX_COUNTED_PEERS = 256

/** Counts by peer and name. Addresses come from outside, so only the latest {@link MAX_COUNTED_PEERS} are kept. */
export class PeerTally {
  readonly #tallies = new Map<string, Tally>()

  add(peer: string, name: string): void {
    const tally = this.#tallies.get(peer) ?? new Tally()
    this.#tallies.delete(peer)
    if (this.#tallies.size >= MAX_COUNTED_PEERS) this.#tallies.delete(this.#tallies.keys().next().value as string)
    this.#tallies.set(peer, tally)
    tally.add(name)
  }

  snapshot(): Readonly<Record<string, Readonly<Record<string, number>>>> {
    return Object.fromEntries([...this.#tallies].map(([peer, tally]) => [peer, tally.snapshot()]))
  }
}

/** The mutable side of {@link MemberlistMetrics}. */
export class Counters {
  packetsIn = 0
  packetsOut = 0
  packetBytesIn = 0
  packetBytesOut = 0
  pushPullsInitiated = 0
  pushPullsServed = 0
  pushPullsFailed = 0
  delegateErrors = 0
  faults = 0
  readonly messagesIn = new Tally()
  readonly messagesOut = new Tally()
  readonly drops = new Tally()
  readonly dropsByPeer = new PeerTally()
  readonly ignored = new Tally()
  readonly events = new Tally()
}
