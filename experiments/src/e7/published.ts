/** Dissemination by gossip ticks alone (evaluation spec 2.4): a simulation of queue and packets, and the models. */

/** Means in seconds; `undefined` where the table has no figure. */
export interface TableRow {
  readonly size: number
  readonly p50: number
  readonly p99: number
  readonly last: number
  readonly last10: number
  readonly last30: number
  /** Serf's simulator, 99.99 %. */
  readonly serf: number
}

/** f = 3, T_g = 0.2 s. */
export const published: readonly TableRow[] = [
  { size: 128, p50: 0.36, p99: 0.65, last: 0.71, last10: 0.8, last30: 1.01, serf: 1.88 },
  { size: 1000, p50: 0.51, p99: 0.82, last: 1.01, last10: 1.11, last30: 1.42, serf: 2.15 },
  { size: 10_000, p50: 0.7, p99: 1.0, last: 1.35, last10: 1.47, last30: 1.94, serf: 2.46 },
]

/** Copies a member sends in a second by gossip ticks: f/T_g. */
export const GOSSIP_RATE = 3 / 0.2
/** … and on its ping and its ack, once a second each. */
export const PROBE_RATE = 2

/** What probes make of the table: as many copies sooner. */
export const WITH_PROBES = GOSSIP_RATE / (GOSSIP_RATE + PROBE_RATE)

/** No schedule of f copies a tick at random phases is faster: (T_g/f)·ln n. */
export const limitSeconds = (size: number): number => Math.log(size) / GOSSIP_RATE

/** The last member, by the model: (T_g/(f(1 − p)))·(2 ln n + 1.2), with probes counted. */
export const modelLast = (size: number, loss: number): number =>
  (2 * Math.log(size) + 1.2) / ((GOSSIP_RATE + PROBE_RATE) * (1 - loss))
