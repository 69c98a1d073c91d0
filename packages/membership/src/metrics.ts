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
  readonly ignored = new Tally()
  readonly events = new Tally()
}
