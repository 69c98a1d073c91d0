/**
 * The numbers of the protocol, grouped by mechanism, with the presets of memberlist and dskit (membership spec 8,
 * kv spec 4.2).
 */

/** Every number the machine obeys. Times are monotonic milliseconds. */
export interface Tuning {
  /** Failure detector (membership spec 2). */
  readonly probe: {
    /** Period of the probe loop; 0 turns probing off. */
    readonly intervalMs: number
    /** How long a direct answer may take, and a relay's own ping; below `intervalMs`. */
    readonly timeoutMs: number
    /** Relays asked when a direct ping was not answered. */
    readonly indirectChecks: number
    /** Fall back to a ping over a stream when packets get no answer. */
    readonly streamFallback: boolean
    /** The health score stays below this. At least 1. */
    readonly awarenessMaxMultiplier: number
  }
  /** Suspicion (membership spec 3). */
  readonly suspicion: {
    readonly multiplier: number
    readonly maxTimeoutMultiplier: number
  }
  /** Dissemination (membership spec 4). */
  readonly gossip: {
    /** Period of dedicated gossip; 0 leaves only what rides on probes. */
    readonly intervalMs: number
    /** Members told in each round. */
    readonly nodes: number
    /** How long a dead member is still told, and a dead or left record is kept. */
    readonly toTheDeadMs: number
    readonly retransmitMultiplier: number
    /** Share of each packet kept for what is not membership when both wait. 0 to 1. */
    readonly userShare: number
  }
  /** Anti-entropy (membership spec 5). */
  readonly pushPull: {
    /** Period before scaling by cluster size; 0 turns the schedule off (joins still exchange states). */
    readonly intervalMs: number
    /** Members synced in each round, one after the other. */
    readonly nodes: number
  }
  /** Finding one another again after a separation (DIV-36). memberlist has none of it: an interval of 0. */
  readonly rejoin: {
    /** Period at which one of the dead, or a seed when nobody is left, is contacted; 0 turns it off. */
    readonly intervalMs: number
    /** How long the dead are remembered as contacts. */
    readonly forgetAfterMs: number
  }
  /** Streams: dial, and each phase of reading and writing. */
  readonly streamTimeoutMs: number
  /** A dead name may come back from another address after this long; 0: only once it is reaped. */
  readonly deadNodeReclaimMs: number
}

const rejoin: Tuning['rejoin'] = { intervalMs: 30_000, forgetAfterMs: 24 * 60 * 60 * 1000 }

/** memberlist's preset for a local network. */
export const lan: Tuning = {
  probe: { intervalMs: 1000, timeoutMs: 500, indirectChecks: 3, streamFallback: true, awarenessMaxMultiplier: 8 },
  suspicion: { multiplier: 4, maxTimeoutMultiplier: 6 },
  gossip: { intervalMs: 200, nodes: 3, toTheDeadMs: 30_000, retransmitMultiplier: 4, userShare: 0.2 },
  pushPull: { intervalMs: 30_000, nodes: 1 },
  rejoin,
  streamTimeoutMs: 10_000,
  deadNodeReclaimMs: 0,
}

/** memberlist's preset for wide area networks. */
export const wan: Tuning = {
  probe: { intervalMs: 5000, timeoutMs: 3000, indirectChecks: 3, streamFallback: true, awarenessMaxMultiplier: 8 },
  suspicion: { multiplier: 6, maxTimeoutMultiplier: 6 },
  gossip: { intervalMs: 500, nodes: 4, toTheDeadMs: 60_000, retransmitMultiplier: 4, userShare: 0.2 },
  pushPull: { intervalMs: 60_000, nodes: 1 },
  rejoin,
  streamTimeoutMs: 30_000,
  deadNodeReclaimMs: 0,
}

/** memberlist's preset for one machine. */
export const local: Tuning = {
  probe: { intervalMs: 1000, timeoutMs: 200, indirectChecks: 1, streamFallback: true, awarenessMaxMultiplier: 8 },
  suspicion: { multiplier: 3, maxTimeoutMultiplier: 6 },
  gossip: { intervalMs: 100, nodes: 3, toTheDeadMs: 15_000, retransmitMultiplier: 2, userShare: 0.2 },
  pushPull: { intervalMs: 15_000, nodes: 1 },
  rejoin,
  streamTimeoutMs: 1000,
  deadNodeReclaimMs: 0,
}

/** What dskit makes of it for Mimir, Loki and Tempo (kv spec 4.2): packets over TCP, slower probes. */
export const mimir: Tuning = {
  probe: { intervalMs: 5000, timeoutMs: 2000, indirectChecks: 3, streamFallback: false, awarenessMaxMultiplier: 8 },
  suspicion: { multiplier: 4, maxTimeoutMultiplier: 6 },
  gossip: { intervalMs: 200, nodes: 3, toTheDeadMs: 30_000, retransmitMultiplier: 4, userShare: 0.2 },
  pushPull: { intervalMs: 30_000, nodes: 1 },
  rejoin,
  streamTimeoutMs: 2000,
  deadNodeReclaimMs: 0,
}
