/** What an application finds in one process of a simulated member: its clock, its timers, its chance. */
import type { NodeSystem } from '@hearsay/membership'
import type { Life } from './life.ts'
import type { SimNode } from './node.ts'
import type { World } from './world.ts'

/**
 * Time and chance of one process. Its timers are late after a stall, as all else in the process, go by its own clock, and
 * are never called again once it is gone.
 */
export type ProcessSystem = Omit<NodeSystem, 'resolver'>

/** One process of a member, for what is to ride on it. */
export interface SimProcess {
  readonly node: SimNode
  /** Counts the restarts of the member: 0 for its first process. */
  readonly life: number
  readonly system: ProcessSystem
}

/** The surroundings of a life, for its application. */
export function processSystem(life: Life, number: number, world: World): ProcessSystem {
  const { wallNow, random } = world.system(`process ${life.node.index} ${number}`)
  return {
    now: () => life.now(),
    // Whole milliseconds, as of Date.now().
    wallNow: () => Math.floor(wallNow()),
    random,
    arm: (delayMs, callback) => life.after(delayMs, callback),
    afterIo: (callback) => life.afterIo(callback),
  }
}
