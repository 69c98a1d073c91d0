/** What applications of memberlist do about partitions: outside of the machine, as Serf and dskit do it. */
import type { Cluster, SimNode } from '@hearsay/simulator'

const SERF_INTERVAL_MS = 30_000
const DSKIT_INTERVAL_MS = 60_000
const DSKIT_SEEDS = 3

/**
 * Serf: every 30 s, with a chance of failed ÷ alive, a member joins one of those that it saw fail. It remembers them for
 * 24 h.
 */
export function keepReconnecting(cluster: Cluster, random: () => number): void {
  const failed = new Map<SimNode, Map<string, SimNode>>()
  const byName = new Map(cluster.nodes.map((node) => [node.name, node]))
  cluster.observe({
    afterInput: (node, _input, effects) => {
      for (const effect of effects) {
        if (effect.kind !== 'event') continue
        const { type, member } = effect.event
        const lost = failed.get(node) ?? new Map<string, SimNode>()
        failed.set(node, lost)
        if (type === 'fail') lost.set(member.name, byName.get(member.name)!)
        else if (type === 'join' || type === 'leave') lost.delete(member.name)
      }
    },
  })
  every(cluster, SERF_INTERVAL_MS, random, (node) => {
    const lost = [...(failed.get(node)?.values() ?? [])]
    const alive = Math.max(1, cluster.nodes.length - lost.length)
    if (lost.length === 0 || random() > lost.length / alive) return
    node.join([lost[Math.floor(random() * lost.length)]!])
  })
}

/** dskit with its rejoin switched on (60 s): every member joins the same three seeds, again and again. */
export function keepRejoining(cluster: Cluster, random: () => number): void {
  const seeds = Array.from(
    { length: DSKIT_SEEDS },
    (_, index) => cluster.nodes[Math.floor((index * cluster.nodes.length) / DSKIT_SEEDS)]!,
  )
  every(cluster, DSKIT_INTERVAL_MS, random, (node) => node.join(seeds.filter((seed) => seed !== node)))
}

/** For every member at random times of its own, that far apart. */
function every(
  { nodes, world }: Cluster,
  intervalMs: number,
  random: () => number,
  run: (node: SimNode) => void,
): void {
  for (const node of nodes) {
    const again = (): void => {
      run(node)
      world.schedule(intervalMs, again)
    }
    world.schedule(random() * intervalMs, again)
  }
}
