/** Joining: one round over the seeds at the start, further ones in the background until one was joined and while nobody else is known. */
import type { Logger, Memberlist } from '@hearsay/membership'
import type { SeedStatus } from './node.ts'
import { pause, withTimeout } from './system.ts'

/** What a round needs to know. */
export interface SeedRoundsOptions {
  readonly memberlist: Memberlist
  readonly seeds: readonly string[]
  readonly firstRoundTimeoutMs: number
  readonly pauseMs: number
  readonly logger: Logger | undefined
}

/** Tries the configured seeds and remembers what became of each. */
export class SeedRounds {
  readonly #options: SeedRoundsOptions
  readonly #status = new Map<string, SeedStatus>()
  readonly #stopped = new AbortController()
  #joined: boolean

  constructor(options: SeedRoundsOptions) {
    this.#options = options
    for (const seed of options.seeds) this.#status.set(seed, { seed, outcome: 'pending' })
    this.#joined = options.seeds.length === 0
  }

  /** True once a seed was joined, or from the start when there are none. */
  get joined(): boolean {
    return this.#joined
  }

  /** What became of each seed in its last try. */
  status(): readonly SeedStatus[] {
    return [...this.#status.values()]
  }

  /** Every seed is tried once, within the time of the first round. */
  async first(): Promise<void> {
    if (this.#options.seeds.length > 0) await this.#round(this.#options.firstRoundTimeoutMs)
  }

  /** Goes on in the background, until {@link stop}: until one was joined, and whenever no other member is known, the seeds are tried again. Not with a pause of 0. */
  async background(): Promise<void> {
    const { memberlist, seeds, pauseMs, firstRoundTimeoutMs } = this.#options
    if (seeds.length === 0 || pauseMs === 0) return
    while (!this.#stopped.signal.aborted) {
      await pause(pauseMs, this.#stopped.signal, false)
      if (this.#stopped.signal.aborted) return
      const alone = memberlist
        .members()
        .every((member) => member.isSelf || member.status === 'dead' || member.status === 'left')
      if (alone || !this.#joined) await this.#round(firstRoundTimeoutMs)
    }
  }

  /** Ends the background rounds and whatever is under way. */
  stop(): void {
    this.#stopped.abort()
  }

  async #round(timeoutMs: number): Promise<void> {
    const { memberlist, seeds, logger } = this.#options
    const result = await withTimeout(timeoutMs, this.#stopped.signal, (signal) =>
      memberlist.join(seeds, { signal }),
    ).catch((error: unknown) => {
      if (this.#stopped.signal.aborted) return undefined
      logger?.warn('joining failed', { error: error instanceof Error ? error.message : String(error) })
      return undefined
    })
    for (const seed of seeds) this.#note(seed, result)
    for (const status of this.#status.values())
      if (status.outcome === 'failed' && !this.#stopped.signal.aborted)
        logger?.warn('a seed could not be joined', { seed: status.seed, reason: status.reason ?? '' })
  }

  #note(seed: string, result: Awaited<ReturnType<Memberlist['join']>> | undefined): void {
    const outcome = result?.seeds.find((candidate) => candidate.seed === seed)
    if (outcome?.ok) {
      this.#joined = true
      this.#status.set(seed, { seed, outcome: 'joined' })
    } else {
      this.#status.set(seed, { seed, outcome: 'failed', reason: outcome?.reason ?? `${seed} did not answer in time` })
    }
  }
}
