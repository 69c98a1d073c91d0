/** Joining by seeds: each seed on its own, each address once, whatever becomes of the others. */
import { MemberlistError } from './errors.ts'
import type { SeedOutcome } from './input.ts'
import { droppable, unlessAborted } from './requests.ts'
import { type Resolver, resolveSeed } from './seeds.ts'

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
  const asked = new Map<string, Promise<SeedOutcome>>()
  const ask = (address: string): Promise<SeedOutcome> => {
    const earlier = asked.get(address)
    if (earlier) return earlier
    const outcome = droppable(host.contact(address))
    asked.set(address, outcome)
    return outcome
  }
  const results = await Promise.all(seeds.map((seed) => joinSeed(seed, host, ask, signal)))
  const joinedCount = results.filter((result) => result.ok).length
  if (joinedCount === 0 && signal?.aborted) throw new MemberlistError('ABORTED', 'the operation was called off')
  return { seeds: results, joinedCount }
}

async function joinSeed(
  seed: string,
  host: JoiningHost,
  ask: (address: string) => Promise<SeedOutcome>,
  signal: AbortSignal | undefined,
): Promise<JoinedSeed> {
  try {
    const { addresses, reason } = await unlessAborted(resolveSeed(seed, DEFAULT_PORT, host.resolver), signal)
    host.resolved(seed, addresses)
    if (reason !== undefined) return { seed, ok: false, reason }
    const answers = await Promise.all(addresses.map(ask))
    const joined = answers.filter((answer) => answer.ok).map((answer) => answer.address)
    const confirmed = answers.some((answer) => answer.ok && answer.confirmed)
    if (joined.length > 0) return { seed, ok: true, addresses: joined, confirmed }
    const reasons = answers.map((answer) => (answer.ok ? '' : answer.reason)).join('; ')
    // Reasons name the address; a seed that is one need not be named twice.
    return { seed, ok: false, reason: addresses[0] === seed ? reasons : `${seed}: ${reasons}` }
  } catch (error) {
    if (!(error instanceof MemberlistError) || error.code !== 'ABORTED') throw error
    return { seed, ok: false, reason: `${seed}: no answer before joining was called off` }
  }
}
