/** Watches a cluster through one scenario. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Cluster } from './cluster.ts'
import type { Fault, LinkCount } from './faults.ts'
import { type Finding, judged } from './finding.ts'
import type { Report, ReportKind } from './report.ts'

/** After the fault everybody must agree within this: the dead are forgotten, and two rounds of push/pull or rejoin. */
export const AGREE_MS = 90_000

/** From its making on, everything the members say belongs to this scenario. */
export class Watch {
  readonly #cluster: Cluster
  readonly #scenario: string
  readonly #beganMs = performance.now()
  #endedMs: number | undefined
  #links: LinkCount[] = []

  constructor(cluster: Cluster, scenario: string) {
    this.#cluster = cluster
    this.#scenario = scenario
  }

  get elapsedMs(): number {
    return performance.now() - this.#beganMs
  }

  /** What was said so far. */
  reports(): Report[] {
    return this.#cluster.since(this.#beganMs)
  }

  /** Sets faults on links until {@link heal}. */
  async faults(faults: readonly Fault[]): Promise<void> {
    await this.#cluster.network.faults.set(faults)
  }

  /** The network is whole again. */
  async heal(): Promise<void> {
    // Before: what comes through while the filters go must not count as during the fault.
    this.over()
    this.#links = await this.#cluster.network.faults.heal()
  }

  /** The fault is over: how long agreement takes counts from here. */
  over(): void {
    this.#endedMs = performance.now()
  }

  /** Waits until each of some members said something about each of others; how long that took, or undefined. */
  async said(
    kind: ReportKind,
    by: readonly string[],
    about: readonly string[],
    timeoutMs: number,
  ): Promise<number | undefined> {
    const wanted = by.flatMap((one) => about.filter((other) => other !== one).map((other) => `${one} ${other}`))
    for (;;) {
      const said = new Set(this.reports().flatMap((each) => (each.kind === kind ? [`${each.by} ${each.about}`] : [])))
      if (wanted.every((each) => said.has(each))) return Math.round(this.elapsedMs)
      if (this.elapsedMs > timeoutMs) return undefined
      await sleep(100)
    }
  }

  /** Waits until all agree, and sums up. */
  async conclude(figures: Finding['figures'] = {}): Promise<Finding> {
    const endedMs = this.#endedMs ?? performance.now()
    const before = performance.now() - endedMs
    const { ms, differences } = await this.#cluster.agreed(AGREE_MS)
    return {
      scenario: this.#scenario,
      cluster: this.#cluster.label,
      faultSeconds: Math.round((endedMs - this.#beganMs) / 100) / 10,
      ...judged(this.reports(), this.#beganMs),
      agreedMs: ms === undefined ? undefined : Math.round(ms + before),
      differences,
      links: this.#links,
      figures,
    }
  }
}
