/**
 * The seeds of earlier joins, for finding a cluster again (DIV-35, DIV-36). What a name stands for changes: while nobody else
 * is there, each is looked up again and again, and the machine is told the addresses.
 */
import { DEFAULT_PORT } from './joining.ts'
import { MAX_REMEMBERED_SEEDS, MAX_SEED_ADDRESSES } from './limits.ts'
import type { Counters } from './metrics.ts'
import { type Resolver, resolveSeed } from './seeds.ts'
import type { System } from './turn.ts'

/** Lookups come a little earlier or later, so that members that lost each other at once do not ask at once. */
const JITTER = 0.2

/** What the memory needs. */
export interface SeedMemoryOptions {
  readonly system: Pick<System, 'arm'> & { random(): number; readonly resolver: Resolver }
  readonly counters: Counters
  /** Pause between lookups; 0: there are none. */
  readonly intervalMs: number
  /** Whether nobody else is there. */
  readonly isAlone: () => boolean
  /** Where the addresses go: all that are known of all seeds. */
  readonly give: (addresses: readonly string[]) => void
}

/** Remembers seeds by what a person wrote, with the addresses that each stood for last. */
export class SeedMemory {
  readonly #options: SeedMemoryOptions
  readonly #addresses = new Map<string, readonly string[]>()
  /** Seeds that are being looked up: a resolver that does not answer is not asked twice. */
  readonly #underWay = new Set<string>()
  #disarm: (() => void) | undefined
  #stopped = false

  constructor(options: SeedMemoryOptions) {
    this.#options = options
  }

  /** Seeds that somebody wants to join. The latest {@link MAX_REMEMBERED_SEEDS} are kept. */
  remember(seeds: readonly string[]): void {
    if (this.#options.intervalMs === 0 || this.#stopped) return
    for (const seed of seeds) {
      const known = this.#addresses.get(seed) ?? []
      this.#addresses.delete(seed)
      this.#addresses.set(seed, known)
    }
    for (const oldest of this.#addresses.keys()) {
      if (this.#addresses.size <= MAX_REMEMBERED_SEEDS) break
      this.#addresses.delete(oldest)
    }
    if (this.#addresses.size > 0 && !this.#disarm) this.#arm()
  }

  /** What a seed was found to stand for. */
  resolved(seed: string, addresses: readonly string[]): void {
    if (this.#stopped || !this.#addresses.has(seed) || addresses.length === 0) return
    this.#addresses.set(seed, addresses)
    this.#give()
  }

  stop(): void {
    this.#stopped = true
    this.#disarm?.()
    this.#addresses.clear()
  }

  #arm(): void {
    const { system, intervalMs } = this.#options
    const delayMs = intervalMs * (1 - JITTER + 2 * JITTER * system.random())
    this.#disarm = system.arm(delayMs, () => {
      this.#arm()
      if (this.#options.isAlone()) this.#lookUp()
    })
  }

  #lookUp(): void {
    const { counters, system } = this.#options
    for (const seed of this.#addresses.keys()) {
      if (this.#underWay.has(seed)) continue
      this.#underWay.add(seed)
      counters.seedLookups++
      void resolveSeed(seed, DEFAULT_PORT, system.resolver).then(({ addresses }) => {
        this.#underWay.delete(seed)
        if (addresses.length === 0) counters.seedLookupFailures++
        // An old address is better than none: the name server may be what is gone.
        this.resolved(seed, addresses)
      })
    }
  }

  #give(): void {
    const all = [...new Set([...this.#addresses.values()].flat())]
    this.#options.give(all.slice(0, MAX_SEED_ADDRESSES))
  }
}
