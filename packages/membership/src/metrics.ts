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
  /** Claims about this member that it contradicted. */
  readonly refutations: number
  /** Pings on behalf of others that are under way; those refused are in `ignored`. */
  readonly relays: number
  /** Contacts made in order to find lost members again, and those of them that were answered. */
  readonly rejoins: { readonly attempts: number; readonly successes: number }
  /** Membership events by type; among them `conflict`, and `reap` for records that were forgotten. */
  readonly events: Readonly<Record<string, number>>
  /** Hooks and listeners of the application that threw or rejected. */
  readonly delegateErrors: number
  /** Merges of a join that a delegate refused, and those of them on which it did not decide in time. */
  readonly mergeVetoes: number
  readonly mergeTimeouts: number
  /** Events that a reader of `events()` lost because it did not read. */
  readonly eventsLost: number
  /** Notifications that were delivered early because too many waited. */
  readonly noticesHurried: number
  /** Delays of this process's timers and of reading, where they were long enough to be told to the detector, in milliseconds. */
  readonly lag: { readonly count: number; readonly totalMs: number; readonly maxMs: number }
  /** Names of seeds looked up again in order to rejoin, and how many of those brought no address at all. */
  readonly seedLookups: number
  readonly seedLookupFailures: number
  /** Times that the incarnation could not be saved. */
  readonly incarnationSaveErrors: number
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

/** How often something took long, and how long. */
export class Spans {
  #count = 0
  #totalMs = 0
  #maxMs = 0

  add(durationMs: number): void {
    this.#count++
    this.#totalMs += durationMs
    this.#maxMs = Math.max(this.#maxMs, durationMs)
  }

  snapshot(): { readonly count: number; readonly totalMs: number; readonly maxMs: number } {
    return { count: this.#count, totalMs: this.#totalMs, maxMs: this.#maxMs }
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

/** What a machine tells of itself at any time. */
export interface Gauges {
  memberCount(): number
  readonly healthScore: number
  queueDepths(): MemberlistMetrics['queued']
  counts(): Pick<MemberlistMetrics, 'refutations' | 'relays' | 'rejoins'>
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
  mergeVetoes = 0
  mergeTimeouts = 0
  eventsLost = 0
  noticesHurried = 0
  seedLookups = 0
  seedLookupFailures = 0
  incarnationSaveErrors = 0
  faults = 0
  readonly lag = new Spans()
  readonly messagesIn = new Tally()
  readonly messagesOut = new Tally()
  readonly drops = new Tally()
  readonly dropsByPeer = new PeerTally()
  readonly ignored = new Tally()
  readonly events = new Tally()

  /** Everything as it is now. There is no machine before the start. */
  snapshot(machine: Gauges | undefined): MemberlistMetrics {
    const { messagesIn, messagesOut, drops, dropsByPeer, ignored, events, lag, ...numbers } = this
    return {
      ...numbers,
      messagesIn: messagesIn.snapshot(),
      messagesOut: messagesOut.snapshot(),
      drops: drops.snapshot(),
      dropsByPeer: dropsByPeer.snapshot(),
      ignored: ignored.snapshot(),
      events: events.snapshot(),
      lag: lag.snapshot(),
      refutations: 0,
      relays: 0,
      rejoins: { attempts: 0, successes: 0 },
      ...machine?.counts(),
      members: machine?.memberCount() ?? 0,
      healthScore: machine?.healthScore ?? 0,
      queued: machine?.queueDepths() ?? {},
    }
  }
}
