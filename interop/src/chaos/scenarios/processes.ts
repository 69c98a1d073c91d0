/** Processes that are killed, stopped and started again. */
import { setTimeout as sleep } from 'node:timers/promises'
import { allNames, type Cluster, portOf } from '../cluster.ts'
import type { Finding } from '../finding.ts'
import { Watch } from '../watch.ts'

/** How long detection by everybody may take: the last one's turn in a pass, and the longest suspicion. */
const detectionMs = 60_000

/** Processes end without a word, at the same moment. */
export async function kill(cluster: Cluster, names: readonly string[]): Promise<Finding> {
  const watch = new Watch(cluster, `kill ${names.join(' and ')}`)
  await Promise.all(names.map((name) => cluster.kill(name)))
  watch.over()
  const others = allNames.filter((name) => !names.includes(name))
  const detectedByAllMs = await watch.said('gone', others, names, detectionMs)
  return watch.conclude({ detectedByAllMs })
}

/** Processes stand still, and go on as if nothing had happened. */
export async function stop(cluster: Cluster, names: readonly string[], seconds: number): Promise<Finding> {
  const watch = new Watch(cluster, `stop ${names.join(' and ')} for ${seconds} s`)
  for (const name of names) await cluster.member(name).stop()
  await sleep(seconds * 1000)
  for (const name of names) cluster.member(name).continue()
  watch.over()
  return watch.conclude()
}

/** Processes that were killed come back under the same names at other addresses. */
export async function restartElsewhere(cluster: Cluster, names: readonly string[]): Promise<Finding> {
  const watch = new Watch(cluster, `restart ${names.join(' and ')} elsewhere`)
  const seeds = cluster.addresses(...allNames.filter((name) => /-[12]$/.test(name)))
  for (const name of names) {
    await cluster.network.moveHost(portOf(name))
    await (await cluster.start(name)).join(...seeds)
  }
  watch.over()
  const finding = await watch.conclude()
  // Each is a member that still has the dead one on record, and keeps its address.
  const conflicts = watch.reports().filter(({ kind }) => kind === 'conflict').length
  return { ...finding, figures: { conflicts } }
}
