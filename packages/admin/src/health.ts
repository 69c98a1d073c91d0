/** `GET /live` and `GET /ready`: what an orchestrator asks. */
import type { AdminSource, SeedSource } from './source.ts'

/** The answer to `GET /ready`. */
export interface ReadyJson {
  readonly ready: boolean
  /** A seed was joined, or there are none. */
  readonly joined: boolean
  readonly seeds: readonly SeedSource[]
}

/** Whether a node listens and has tried each seed once; if `requiresJoin`, also whether one was joined. */
export function readiness(source: AdminSource | undefined, requiresJoin: boolean): ReadyJson {
  if (!source) return { ready: false, joined: false, seeds: [] }
  const seeds = source.seeds()
  const { joined } = source
  const triedAll = joined || seeds.every((seed) => seed.outcome !== 'pending')
  return { ready: triedAll && (joined || !requiresJoin), joined, seeds }
}
