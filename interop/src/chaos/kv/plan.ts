/** What befalls a cluster with stores, one fault after the other. */
import { setTimeout as sleep } from 'node:timers/promises'
import type { Chance } from '../../../hostile/chance.ts'
import { isOurs, type KvCluster, kvNames } from './kv-cluster.ts'

/** The faults by name. */
export type KvFault = keyof typeof faults

/** A fault and what follows it; resolves when the cluster is whole again and had a moment. */
type Course = (cluster: KvCluster, chance: Chance) => Promise<void>

const faults = {
  calm: (_, chance) => pause(chance, 4, 8),
  'kill ours': (cluster, chance) => killed(cluster, chance, oneOf(chance, true)),
  'kill Go': (cluster, chance) => killed(cluster, chance, oneOf(chance, false)),
  'restart ours': (cluster, chance) => restarted(cluster, chance, oneOf(chance, true)),
  'restart Go': (cluster, chance) => restarted(cluster, chance, oneOf(chance, false)),
  partition: async (cluster, chance) => {
    await cluster.divide(side(chance))
    await pause(chance, 7, 15)
    await cluster.heal()
    await pause(chance, 4, 6)
  },
  // Long enough that each side holds the other dead, and both have to find each other again.
  'long partition': async (cluster, chance) => {
    await cluster.divide(side(chance))
    await pause(chance, 45, 60)
    await cluster.heal()
    await pause(chance, 15, 20)
  },
  'kill in a partition': async (cluster, chance) => {
    await cluster.divide(side(chance))
    await pause(chance, 3, 5)
    await killed(cluster, chance, chance.pick(kvNames))
    await cluster.heal()
    await pause(chance, 4, 6)
  },
} satisfies Record<string, Course>

/** Makes a fault take its course. */
export function befall(fault: KvFault, cluster: KvCluster, chance: Chance): Promise<void> {
  return faults[fault](cluster, chance)
}

/** The short run: what is killed comes back, what is cut heals. */
export const shortPlan: readonly KvFault[] = ['calm', 'kill ours', 'partition', 'kill Go']

/** Faults without end, in rounds: each round has all of them, in an order of its own. */
export function* longPlan(chance: Chance): Generator<KvFault> {
  for (;;) {
    const round = Object.keys(faults) as KvFault[]
    while (round.length > 0) yield round.splice(chance.below(round.length), 1)[0]!
  }
}

async function killed(cluster: KvCluster, chance: Chance, name: string): Promise<void> {
  await cluster.kill(name)
  await pause(chance, 1, 5)
  await cluster.start(name)
  await pause(chance, 3, 5)
}

async function restarted(cluster: KvCluster, chance: Chance, name: string): Promise<void> {
  await cluster.stop(name)
  await cluster.start(name)
  await pause(chance, 3, 5)
}

const oneOf = (chance: Chance, ours: boolean): string => chance.pick(kvNames.filter((name) => isOurs(name) === ours))

/** One or two of ours, and one of Go's: both sides are mixed, and at most one has enough members to prove anything. */
function side(chance: Chance): string[] {
  const some = (ours: boolean, count: number): string[] => {
    const names = kvNames.filter((name) => isOurs(name) === ours)
    return Array.from({ length: count }, () => names.splice(chance.below(names.length), 1)[0]!)
  }
  return [...some(true, 1 + chance.below(2)), ...some(false, 1)]
}

const pause = (chance: Chance, least: number, most: number): Promise<void> =>
  sleep((least + chance.next() * (most - least)) * 1000)
