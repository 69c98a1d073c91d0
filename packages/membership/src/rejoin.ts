/** Finding one another again after a long separation (DIV-36): the dead are not forgotten as contacts. */
import type { Context } from './context.ts'
import { Graves } from './graves.ts'
import { type PeerIndex, StateNumber } from './peer-table.ts'
import { type AntiEntropy, type ExchangeEnd, stateOf } from './push-pull.ts'

const NEVER = Number.POSITIVE_INFINITY
/** Rounds are spread by a fifth to either side. */
const JITTER = 0.2
/** Contacts kept, in times of the largest membership that was seen. */
const GRAVES_PER_MEMBER = 2
/** Addresses of seeds that are remembered. */
export const MAX_REJOIN_SEEDS = 256

/** Counts since the start. */
export interface RejoinCounts {
  readonly attempts: number
  readonly successes: number
}

/** Now and then exchanges states with one of those who are held dead, or with a seed when nobody is left. */
export class Rejoins {
  readonly #context: Context
  readonly #antiEntropy: AntiEntropy
  readonly #graves: Graves
  #seeds: readonly string[] = []
  #largestMembership = 1
  #tickAt = NEVER
  #attempts = 0
  #successes = 0

  constructor(context: Context, antiEntropy: AntiEntropy) {
    this.#context = context
    this.#antiEntropy = antiEntropy
    this.#graves = new Graves(context.table)
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
    // Who was where we are now was us, under a former name.
    if (tuning.rejoin.intervalMs <= 0 || table.isAt(peer, self.address, self.port)) return
    this.#graves.bury(peer, now)
    this.#graves.limit(GRAVES_PER_MEMBER * this.#largestMembership)
  }

  /** A member is there again, or has left for good. */
  exhume(peer: PeerIndex): void {
    this.#graves.exhume(peer)
  }

  /** Its record is about to be removed; as a contact it is kept. */
  unrecord(peer: PeerIndex): void {
    this.#graves.unrecord(peer)
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
    this.#graves.forgetOlder(tuning.rejoin.forgetAfterMs, now)
    this.#tickAt = NEVER
    if (!this.#isNeeded) return
    this.#arm(now)
    const { size } = this.#graves
    const which = Math.floor(random() * size)
    // Everybody does this: in a large cluster that lost one, each only seldom.
    if (size > 0 && random() < size / Math.max(1, table.liveCount)) this.#look(which)
    const seeds = this.#seeds.filter((seed) => seed !== self.endpoint)
    if (this.#isAlone && seeds.length > 0) this.#contact(seeds[Math.floor(random() * seeds.length)]!, undefined)
  }

  stop(): void {
    this.#tickAt = NEVER
    this.#graves.clear()
  }

  #look(which: number): void {
    const { endpoint, name } = this.#graves.contact(which)!
    this.#contact(endpoint, name)
  }

  #contact(endpoint: string, name: string | undefined): void {
    this.#attempts++
    const done = (end: ExchangeEnd): void => {
      if (!end.ok) return
      this.#successes++
      // It is there, and has said good-bye meanwhile: nobody to look for any more.
      if (name !== undefined && stateOf(end.remote, name) === StateNumber.left) this.#graves.exhumeNamed(name)
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
    // Asked after every input: what is true nearly always comes first.
    if (this.#graves.size === 0 && (this.#seeds.length === 0 || !this.#isAlone)) return false
    return tuning.rejoin.intervalMs > 0 && isSelfLive(this.#context)
  }
}

const isSelfLive = ({ table }: Context): boolean => table.status(table.selfIndex) === 'alive'
