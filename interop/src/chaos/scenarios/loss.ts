/** Every directed link loses a share of its packets, of streams as well. */
import { setTimeout as sleep } from 'node:timers/promises'
import { allNames, type Cluster } from '../cluster.ts'
import { links, onLinks } from '../faults.ts'
import { enoughPackets, type Finding, judged } from '../finding.ts'
import { Watch } from '../watch.ts'

/** How a loss is played. */
export interface LossOptions {
  readonly percent: number
  readonly seconds: number
  /** User packets a second that every member sends to every other one, so that the filters have something to count. */
  readonly chatterPerSecond?: number
  /** Goes on, up to twice as long, until a suspicion was refuted and each link carried enough. Default false. */
  readonly isMeasured?: boolean
}

/** Loses packets for a while. */
export async function loss(
  cluster: Cluster,
  { percent, seconds, chatterPerSecond = 0, isMeasured = false }: LossOptions,
): Promise<Finding> {
  const watch = new Watch(cluster, `loss of ${percent} %`)
  const chatter = (perSecond: number): Promise<unknown> =>
    Promise.all(cluster.members().map((member) => member.chatter(perSecond)))
  await watch.faults(onLinks(links(allNames.map((_, port) => port)), percent))
  await chatter(chatterPerSecond)
  await sleep(seconds * 1000)
  const enough = async (): Promise<boolean> =>
    judged(watch.reports(), 0).refuted.length > 0 &&
    (await cluster.network.faults.counts()).every(({ protocol, seen }) => protocol !== 'udp' || seen >= enoughPackets)
  while (isMeasured && watch.elapsedMs < 2 * seconds * 1000 && !(await enough())) await sleep(500)
  await chatter(0)
  await watch.heal()
  return watch.conclude()
}
