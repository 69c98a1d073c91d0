/** Links that carry nothing, one way. */
import { setTimeout as sleep } from 'node:timers/promises'
import { allNames, type Cluster, portOf } from '../cluster.ts'
import { type Fault, links, onLinks } from '../faults.ts'
import type { Finding } from '../finding.ts'
import { Watch } from '../watch.ts'

const cut = (from: readonly string[], to: readonly string[]): Fault[] =>
  onLinks(links(from.map(portOf), to.map(portOf)), 100)

const othersThan = (name: string): string[] => allNames.filter((other) => other !== name)

/** Nothing from a Go member reaches one of ours, and nothing from another one of ours another Go member. */
export async function cutBetweenTwo(cluster: Cluster, seconds: number): Promise<Finding> {
  const watch = new Watch(cluster, 'one-way cut between two')
  await watch.faults([...cut(['go-1'], ['ts-1']), ...cut(['ts-2'], ['go-2'])])
  await sleep(seconds * 1000)
  await watch.heal()
  return watch.conclude()
}

/** Nothing reaches one member; it can speak. */
export async function deaf(cluster: Cluster, name: string, seconds: number): Promise<Finding> {
  const watch = new Watch(cluster, `${name} is deaf`)
  await watch.faults(cut(othersThan(name), [name]))
  await sleep(seconds * 1000)
  await watch.heal()
  return watch.conclude()
}

/** Nothing that one member says reaches anybody; it can hear. */
export async function mute(cluster: Cluster, name: string, seconds: number): Promise<Finding> {
  const watch = new Watch(cluster, `${name} is mute`)
  await watch.faults(cut([name], othersThan(name)))
  await sleep(seconds * 1000)
  await watch.heal()
  return watch.conclude()
}

/** Both halves have members of both kinds. */
export const halves: readonly [readonly string[], readonly string[]] = [
  ['go-1', 'go-2', 'go-3', 'ts-1', 'ts-2'],
  ['go-4', 'go-5', 'ts-3', 'ts-4', 'ts-5'],
]

/** How long each half may take to find the other one dead. */
const detectionMs = 60_000

/** Two halves do not hear each other until each holds the other one dead, and for some seconds more. */
export async function partition(cluster: Cluster, secondsMore: number): Promise<Finding> {
  const watch = new Watch(cluster, `partition, ${secondsMore} s beyond detection`)
  const [left, right] = halves
  await watch.faults([...cut(left, right), ...cut(right, left)])
  const detections = await Promise.all([
    watch.said('gone', left, right, detectionMs),
    watch.said('gone', right, left, detectionMs),
  ])
  const detectedByAllMs = detections.includes(undefined) ? undefined : Math.max(...(detections as number[]))
  await sleep(secondsMore * 1000)
  await watch.heal()
  return watch.conclude({ detectedByAllMs })
}
