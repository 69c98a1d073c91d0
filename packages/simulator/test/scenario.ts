/** Goal: one eventful run that touches everything, for tests that compare whole runs. */
import { lan, type Tuning } from '@hearsay/membership'
import { Cluster, type ClusterOptions } from '../src/index.ts'

/** A tenth of memberlist's numbers for a local network: more happens in a virtual second. */
export const brisk: Tuning = {
  ...lan,
  probe: { ...lan.probe, intervalMs: 100, timeoutMs: 50 },
  gossip: { ...lan.gossip, intervalMs: 20, toTheDeadMs: 3000 },
  pushPull: { intervalMs: 1000, nodes: 1 },
  streamTimeoutMs: 1000,
}

const text = (value: string): Uint8Array => new TextEncoder().encode(value)

/** Twenty virtual seconds of members that come, go, stall, crash, and of a network that is no better. */
export function eventful(options: ClusterOptions = {}): Cluster {
  const cluster = new Cluster({ tuning: brisk, network: { loss: 0.05, duplicate: 0.02, reorder: 0.02 }, ...options })
  const { world, network } = cluster
  cluster.form(24, { localState: () => text('what the application knows') })
  const at = (seconds: number, run: () => void): void => void world.schedule(seconds * 1000, run)
  const node = (index: number) => cluster.nodes[index]!
  at(0.5, () => node(3).updateMeta(text('zone=b')))
  at(1, () => node(5).crash())
  at(1.5, () => node(6).stall(700))
  at(2, () => cluster.add({ name: 'late', meta: text('zone=c') }).join([node(0), node(1)]))
  at(2.5, () => node(7).setClockRate(1.2))
  at(3, () => network.partition([cluster.nodes.slice(0, 8)]))
  at(5, () => network.heal())
  at(5.5, () => node(5).restart({ incarnation: 'lower', address: 'new', seeds: [node(2)] }))
  at(6, () => node(8).leave())
  at(8, () => node(8).retire())
  at(9, () => node(8).restart({ incarnation: 'higher', address: 'same', seeds: [node(9)] }))
  at(10, () => network.cut(node(10), node(11)))
  at(11, () => network.refuseStreams('all', node(12)))
  at(12, () => network.stallStreams(node(13), 'all'))
  at(14, () => {
    network.mend('all', 'all')
    network.freeStreams('all', 'all')
  })
  cluster.run(20_000)
  return cluster
}
