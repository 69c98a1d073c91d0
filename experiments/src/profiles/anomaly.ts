/**
 * The anomaly of the Lifeguard paper: some members block right before each send and right after each receive, over UDP
 * and TCP alike, all in lock-step; then whatever is blocked goes on at once.
 *
 * How it is modelled. During an anomaly, what such a member sends leaves at its end, and what reaches it arrives at its
 * end. Its timers run until its probe loop sends something: there the loop of a Go process is stuck until the end, with
 * its deadlines running; from then on the whole member is stalled here. At the end it finds its probe overdue, exactly
 * as a Go process does that was blocked in a send, and suspicions that ran out meanwhile; then it reads what waits.
 */
import { type Cluster, type DelayModel, logNormal, type Observer, type SimNode } from '@hearsay/simulator'

/** When. */
export interface AnomalySchedule {
  readonly startMs: number
  /** D of the paper. */
  readonly durationMs: number
  /** I of the paper: normal running between two anomalies. Default: there is only one. */
  readonly pauseMs?: number
}

/** The one-way delay of all experiments (evaluation spec 3.0). */
const delay = logNormal({ medianMs: 0.25, p99Ms: 1 })

/** An anomaly that is going to happen. Made before it starts. */
export class Anomaly implements Observer {
  readonly members: ReadonlySet<SimNode>
  readonly #cluster: Cluster
  readonly #schedule: Required<AnomalySchedule>

  constructor(cluster: Cluster, members: readonly SimNode[], schedule: AnomalySchedule) {
    this.members = new Set(members)
    this.#cluster = cluster
    this.#schedule = { pauseMs: Number.POSITIVE_INFINITY, ...schedule }
    const others = cluster.nodes.filter((node) => !this.members.has(node))
    const { network } = cluster
    network.setLink(members, others, { delay: this.#delay(true, false) })
    network.setLink(others, members, { delay: this.#delay(false, true) })
    network.setLink(members, members, { delay: this.#delay(true, true) })
    cluster.observe(this)
  }

  /** The end of the anomaly that holds at this time; `undefined` between two. */
  endAfter(atMs: number): number | undefined {
    const { startMs, durationMs, pauseMs } = this.#schedule
    if (atMs < startMs) return undefined
    const period = durationMs + pauseMs
    const round = period === Number.POSITIVE_INFINITY ? 0 : Math.floor((atMs - startMs) / period)
    const end = startMs + (round === 0 ? 0 : round * period) + durationMs
    return atMs < end ? end : undefined
  }

  packet: NonNullable<Observer['packet']> = (from, _to, fate, parts, now) => {
    if (fate !== 'sent' || !this.members.has(from) || from.state !== 'up') return
    const { type } = parts[0]!.message
    if (type !== 'ping' && type !== 'indirect-ping') return
    const end = this.endAfter(now)
    // The turn that sends is finished first.
    if (end !== undefined) this.#cluster.world.schedule(0, () => from.state === 'up' && from.stall(end - now))
  }

  #delay(isSenderBlocked: boolean, isReceiverBlocked: boolean): DelayModel {
    const { world } = this.#cluster
    return (random) => {
      const leavesAt = (isSenderBlocked ? this.endAfter(world.now) : undefined) ?? world.now
      const arrivesAt = leavesAt + delay(random)
      return ((isReceiverBlocked ? this.endAfter(arrivesAt) : undefined) ?? arrivesAt) - world.now
    }
  }
}

/** So many members at random. */
export function choose(nodes: readonly SimNode[], count: number, random: () => number): readonly SimNode[] {
  const left = nodes.slice()
  return Array.from({ length: count }, () => left.splice(Math.floor(random() * left.length), 1)[0]!)
}
