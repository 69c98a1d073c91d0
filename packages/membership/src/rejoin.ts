/** Finding one another again after a long separation (DIV-36): the dead are not forgotten as contacts. */
import type { Context } from './context.ts'
import { type PeerIndex, StateNumber } from './peer-table.ts'
import { type AntiEntropy, type ExchangeEnd, stateOf } from './push-pull.ts'

const NEVER = Number.POSITIVE_INFINITY
/** Rounds are spread by a fifth to either side. */
const JITTER = 0.2
/** Contacts kept, in times of the largest membership that was seen. */
const GRAVES_PER_MEMBER = 2
/** Addresses of seeds that are remembered. */
export const MAX_REJOIN_SEEDS = 256

interface Grave {
  readonly name: string
  readonly endpoint: string
  readonly sinceMs: number
}

/** Counts since the start. */
export interface RejoinCounts {
  readonly attempts: number
  readonly successes: number
}

/** Now and then exchanges states with one of those who are held dead, or with a seed when nobody is left. */
export class Rejoins {
  readonly #context: Context
  readonly #antiEntropy: AntiEntropy
  /** In order of burial. */
  readonly #graves = new Map<string, Grave>()
  #seeds: readonly string[] = []
  #largestMembership = 1
  #tickAt = NEVER
  #attempts = 0
  #successes = 0

  constructor(context: Context, antiEntropy: AntiEntropy) {
    this.#context = context
    this.#antiEntropy = antiEntropy
  }

  get nextAt(): number {
    return this.#tickAt
  }

  get counts(): RejoinCounts {
    return { attempts: this.#attempts, successes: this.#successes }
  }

  /** Whom to turn to when nobody is left. */
  setSeeds(addresses: readonly string[]): void {
    this.#seeds = addresses.slice(0, MAX_REJOIN_SEEDS)
  }

  /** A member was found dead. One that left is not missed. */
  bury(peer: PeerIndex, now: number): void {
    const { table, tuning, self } = this.#context
    const name = table.name(peer)
    const endpoint = table.endpoint(peer)
    // Who was where we are now was us, under a former name.
    if (tuning.rejoin.intervalMs <= 0 || endpoint === self.endpoint) return
    this.#graves.delete(name)
    this.#graves.set(name, { name, endpoint, sinceMs: now })
    for (const oldest of this.#graves.keys()) {
      if (this.#graves.size <= GRAVES_PER_MEMBER * this.#largestMembership) break
      this.#graves.delete(oldest)
    }
  }

  /** A member is there again, or has left for good. */
  exhume(name: string): void {
    this.#graves.delete(name)
  }

  /** Something changed: perhaps there is somebody to look for. */
  wake(now: number): void {
    const { liveCount } = this.#context.table
    if (liveCount > this.#largestMembership) this.#largestMembership = liveCount
    if (this.#tickAt === NEVER && this.#isNeeded) this.#arm(now)
  }

  /** One round. */
  tick(now: number): void {
    const { table, tuning, random, self } = this.#context
    for (const [name, grave] of this.#graves) {
      if (now - grave.sinceMs <= tuning.rejoin.forgetAfterMs) break
      this.#graves.delete(name)
    }
    this.#tickAt = NEVER
    if (!this.#isNeeded) return
    this.#arm(now)
    const graves = [...this.#graves.values()]
    const grave = graves[Math.floor(random() * graves.length)]
    // Everybody does this: in a large cluster that lost one, each only seldom.
    if (grave && random() < graves.length / Math.max(1, table.liveCount)) this.#contact(grave.endpoint, grave.name)
    const seeds = this.#seeds.filter((seed) => seed !== self.endpoint)
    if (this.#isAlone && seeds.length > 0) this.#contact(seeds[Math.floor(random() * seeds.length)]!, undefined)
  }

  stop(): void {
    this.#tickAt = NEVER
    this.#graves.clear()
  }

  #contact(endpoint: string, name: string | undefined): void {
    this.#attempts++
    const done = (end: ExchangeEnd): void => {
      if (!end.ok) return
      this.#successes++
      // It is there, and has said good-bye meanwhile: nobody to look for any more.
      if (name !== undefined && stateOf(end.remote, name) === StateNumber.left) this.exhume(name)
    }
    this.#antiEntropy.begin(endpoint, true, done, name)
  }

  #arm(now: number): void {
    const { tuning, random } = this.#context
    this.#tickAt = now + tuning.rejoin.intervalMs * (1 - JITTER + 2 * JITTER * random())
  }

  get #isAlone(): boolean {
    const { table } = this.#context
    return table.liveCount <= Number(isSelfLive(this.#context))
  }

  get #isNeeded(): boolean {
    const { tuning } = this.#context
    if (tuning.rejoin.intervalMs <= 0 || !isSelfLive(this.#context)) return false
    return this.#graves.size > 0 || (this.#isAlone && this.#seeds.length > 0)
  }
}

const isSelfLive = ({ table }: Context): boolean => table.status(table.selfIndex) === 'alive'
