/** The only place of this package that touches clock, timers, chance and name resolution. */
import { randomFillSync } from 'node:crypto'
import { lookup, resolve4, resolve6, resolveSrv } from 'node:dns/promises'
import type { Resolver } from './seeds.ts'
import type { System } from './turn.ts'

/** What production runs on. */
export interface NodeSystem extends System {
  /** Wall clock, milliseconds since the epoch. Read once, for the first incarnation. */
  wallNow(): number
  /** Uniform in [0, 1). */
  random(): number
  readonly resolver: Resolver
}

/** The longest delay that Node knows; a timer that is early for its deadline is armed again. */
const LONGEST_DELAY_MS = 2 ** 31 - 1

/** Random bits are fetched for so many numbers at once: a call for each would cost six times as much. */
const POOLED_NUMBERS = 1024

/** Numbers from 0 to below 1 in steps of 2^-53, from a cryptographic generator. */
function chance(): () => number {
  const words = new Uint32Array(2 * POOLED_NUMBERS)
  let left = 0
  return () => {
    if (left === 0) {
      randomFillSync(words)
      left = words.length
    }
    const low = words[--left]! >>> 6
    const high = words[--left]! >>> 5
    return (high * 2 ** 26 + low) / 2 ** 53
  }
}

/** Keys of a hash of names, which nobody outside can know. */
export const secretKeys = (count: number): Int32Array => randomFillSync(new Int32Array(count))

/** Clock, timers, chance and DNS of this process. Timers keep the process alive, as sockets do. */
export function nodeSystem(): NodeSystem {
  return {
    now: () => performance.now(),
    wallNow: () => Date.now(),
    random: chance(),
    arm(delayMs, callback) {
      // Rounded up: Node keeps one list of timers for each distinct delay. Bounded: it turns longer delays into 1 ms.
      const timer = setTimeout(callback, Math.min(LONGEST_DELAY_MS, Math.max(0, Math.ceil(delayMs))))
      return () => clearTimeout(timer)
    },
    afterIo(callback) {
      setImmediate(callback)
    },
    resolver: {
      // The system's own resolver first: it knows /etc/hosts and search domains.
      addresses: async (host) => {
        const found = await lookup(host, { all: true }).catch(() => [])
        if (found.length > 0) return found.map(({ address }) => address)
        const answers = await Promise.allSettled([resolve4(host), resolve6(host)])
        const addresses = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []))
        if (addresses.length > 0) return addresses
        throw (answers[0] as PromiseRejectedResult).reason
      },
      services: async (name) => (await resolveSrv(name)).map(({ name: host, port }) => ({ host, port })),
    },
  }
}
