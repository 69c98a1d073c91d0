/**
 * Joining by seeds: each address once, whatever becomes of the others; many of them in batches, before each of which the
 * names are looked up again (kv spec 4.6).
 */
import { MemberlistError } from './errors.ts'
import type { SeedOutcome } from './input.ts'
import { JOIN_CONCURRENCY, MAX_JOIN_BATCH } from './limits.ts'
import { unlessAborted } from './requests.ts'
import { type ResolvedSeed, type Resolver, resolveSeed } from './seeds.ts'

/** What became of one seed of a join. */
export type JoinedSeed =
  /** `confirmed`: at least one of the addresses was seen to list this member as alive (DIV-33). */
  | { readonly seed: string; readonly ok: true; readonly addresses: readonly string[]; readonly confirmed: boolean }
  | { readonly seed: string; readonly ok: false; readonly reason: string }

/** What became of a join. */
export interface JoinResult {
  readonly seeds: readonly JoinedSeed[]
  /** Seeds with at least one address that exchanged states with us. */
  readonly joinedCount: number
  /** Addresses that exchanged states with us. A seed may stand for several, and several for one. */
  readonly reachedCount: number
}

/** What joining needs of the world. */
export interface JoiningHost {
  readonly resolver: Resolver
  /** What a seed was found to stand for. */
  resolved(seed: string, addresses: readonly string[]): void
  /** Exchanges states with one address, `ip:port`. Rejects: `ABORTED`, `CLOSED`, `NOT_STARTED`. */
  contact(address: string): Promise<SeedOutcome>
}

/** The port of seeds that name none. */
export const DEFAULT_PORT = 7946

/** Resolves with what became of each seed. Rejects with `ABORTED` when `signal` came before any answer, else as `contact`. */
export async function joinSeeds(
  seeds: readonly string[],
  host: JoiningHost,
  signal: AbortSignal | undefined,
): Promise<JoinResult> {
  const found = new Map(seeds.map((seed) => [seed, new Lookup(seed)]))
  const contacts = new Contacts(host, signal)
  // A seed that is slow to look up keeps no other one waiting.
  const trySeed = async (lookup: Lookup): Promise<void> => {
    await lookup.again(host, signal)
    await Promise.all(lookup.addresses.map((address) => contacts.make(address)))
  }
  do await Promise.all([...found.values()].map(trySeed))
  while (contacts.nextBatch() && !signal?.aborted)
  const results = seeds.map((seed) => found.get(seed)!.result(contacts.outcomes))
  const joinedCount = results.filter((result) => result.ok).length
  if (joinedCount === 0 && signal?.aborted) throw new MemberlistError('ABORTED', 'the operation was called off')
  return { seeds: results, joinedCount, reachedCount: contacts.reachedCount }
}

/** Contacts each address once, {@link JOIN_CONCURRENCY} at a time, {@link MAX_JOIN_BATCH} in a batch. */
class Contacts {
  /** Of those that were reached, or not, before joining was called off. */
  readonly outcomes = new Map<string, SeedOutcome>()
  readonly #host: JoiningHost
  readonly #signal: AbortSignal | undefined
  readonly #made = new Map<string, Promise<void>>()
  readonly #waiting: (() => void)[] = []
  #busyLanes = 0
  #limit = MAX_JOIN_BATCH
  #isCut = false

  constructor(host: JoiningHost, signal: AbortSignal | undefined) {
    this.#host = host
    this.#signal = signal
  }

  get reachedCount(): number {
    let count = 0
    for (const { ok } of this.outcomes.values()) if (ok) count++
    return count
  }

  /** Resolves when the address has an outcome, or at once when it is for a later batch. */
  make(address: string): Promise<void> {
    const earlier = this.#made.get(address)
    if (earlier) return earlier
    if (this.#made.size >= this.#limit) {
      this.#isCut = true
      return Promise.resolve()
    }
    const contact = this.#inLane(address)
    this.#made.set(address, contact)
    return contact
  }

  /** Whether there are addresses left for another batch, which then begins. */
  nextBatch(): boolean {
    const isCut = this.#isCut
    this.#isCut = false
    this.#limit += MAX_JOIN_BATCH
    return isCut
  }

  async #inLane(address: string): Promise<void> {
    if (this.#busyLanes === JOIN_CONCURRENCY) await new Promise<void>((free) => this.#waiting.push(free))
    else this.#busyLanes++
    try {
      const outcome = this.#signal?.aborted ? undefined : await unlessCalledOff(this.#host.contact(address))
      if (outcome) this.outcomes.set(address, outcome)
    } finally {
      const next = this.#waiting.shift()
      if (next) next()
      else this.#busyLanes--
    }
  }
}

/** One seed, and every address that it was ever found to stand for. */
class Lookup {
  readonly #seed: string
  readonly #addresses = new Set<string>()
  #reason: string | undefined

  constructor(seed: string) {
    this.#seed = seed
  }

  get addresses(): readonly string[] {
    return [...this.#addresses]
  }

  /** Looks the seed up once more. What was found before stays, also when it cannot be found any more. */
  async again(host: JoiningHost, signal: AbortSignal | undefined): Promise<void> {
    const looking: Promise<ResolvedSeed> = resolveSeed(this.#seed, DEFAULT_PORT, host.resolver)
    const seen = await unlessCalledOff(unlessAborted(looking, signal))
    if (seen === undefined) return
    host.resolved(this.#seed, seen.addresses)
    this.#reason = seen.reason
    for (const address of seen.addresses) this.#addresses.add(address)
  }

  result(outcomes: ReadonlyMap<string, SeedOutcome>): JoinedSeed {
    const seed = this.#seed
    const answers = this.addresses.flatMap((address) => outcomes.get(address) ?? [])
    const joined = answers.filter((answer) => answer.ok)
    if (joined.length > 0) {
      const addresses = joined.map(({ address }) => address)
      return { seed, ok: true, addresses, confirmed: joined.some(({ confirmed }) => confirmed) }
    }
    if (answers.length === 0)
      return { seed, ok: false, reason: this.#reason ?? `${seed}: no answer before joining was called off` }
    const reasons = answers.map((answer) => (answer.ok ? '' : answer.reason)).join('; ')
    // Reasons name the address; a seed that is one need not be named twice.
    return { seed, ok: false, reason: this.addresses[0] === seed ? reasons : `${seed}: ${reasons}` }
  }
}

/** `undefined` where the work was called off; other failures are the caller's. */
async function unlessCalledOff<T>(work: Promise<T>): Promise<T | undefined> {
  try {
    return await work
  } catch (error) {
    if (error instanceof MemberlistError && error.code === 'ABORTED') return undefined
    throw error
  }
}
