/** Joining: one round over the seeds at the start; further ones until one was joined, while nobody else is known, and as often as asked for. */
import type { Logger, Memberlist } from '@hearsay/membership'
import { backoff } from './backoff.ts'
import { NodeError } from './errors.ts'
import type { JoinSettings } from './join-options.ts'
import type { SeedStatus } from './node.ts'
import { chance, pause, withTimeout } from './system.ts'

/** What the rounds need to know. */
export interface SeedRoundsOptions extends JoinSettings {
  readonly memberlist: Memberlist
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

  /** Every seed is tried once, within the time of the first round. Resolves with how many addresses were reached. */
  async first(): Promise<number> {
    return this.#options.seeds.length > 0 ? this.#round() : 0
  }

  /** Goes on in the background, until {@link stop}. */
  background(): void {
    const { seeds, alonePauseMs, rejoinSeeds, everyMs } = this.#options
    if (seeds.length > 0 && alonePauseMs > 0) void this.#untilJoined().then(() => this.#whileAlone())
    if (rejoinSeeds.length > 0 && everyMs > 0) void this.#regularly()
  }

  /** Ends the background rounds and whatever is under way. */
  stop(): void {
    this.#stopped.abort()
  }

  /** What has gone wrong, in one sentence. */
  failure(): NodeError {
    const seeds = this.status()
    const reasons = seeds.map(({ seed, reason }) => reason ?? `${seed} was joined`).join('; ')
    const { minNodes } = this.#options
    const what = this.#joined ? `fewer than ${minNodes} members could be joined` : 'no seed could be joined'
    return new NodeError('JOIN_FAILED', `${what}: ${reasons}`, { seeds })
  }

  async #untilJoined(): Promise<void> {
    const { minBackoffMs, maxBackoffMs, maxRetries, logger, onFailed } = this.#options
    const nextPause = backoff(minBackoffMs, maxBackoffMs, chance)
    for (let retry = 0; !this.#joined; retry++) {
      if (maxRetries > 0 && retry === maxRetries) {
        const error = this.failure()
        logger?.error('joining has failed, and is tried on as if alone', { retries: retry, error: error.message })
        onFailed(error)
        return
      }
      if (await this.#isStoppedIn(nextPause())) return
      await this.#round()
    }
  }

  async #whileAlone(): Promise<void> {
    while (!(await this.#isStoppedIn(this.#options.alonePauseMs)))
      if (this.#isAlone || !this.#joined) await this.#round()
  }

  async #regularly(): Promise<void> {
    const { rejoinSeeds, everyMs } = this.#options
    for (let pauseMs = everyMs * (1 - chance()); !(await this.#isStoppedIn(pauseMs)); pauseMs = everyMs)
      await this.#round(rejoinSeeds)
  }

  get #isAlone(): boolean {
    return this.#options.memberlist
      .members()
      .every((member) => member.isSelf || member.status === 'dead' || member.status === 'left')
  }

  async #isStoppedIn(pauseMs: number): Promise<boolean> {
    await pause(pauseMs, this.#stopped.signal, false)
    return this.#stopped.signal.aborted
  }

  async #round(seeds = this.#options.seeds): Promise<number> {
    const { memberlist, logger, firstRoundTimeoutMs } = this.#options
    const result = await withTimeout(firstRoundTimeoutMs, this.#stopped.signal, (signal) =>
      memberlist.join(seeds, { signal }),
    ).catch((error: unknown) => {
      if (this.#stopped.signal.aborted) return undefined
      logger?.warn('joining failed', { error: error instanceof Error ? error.message : String(error) })
      return undefined
    })
    for (const seed of seeds) this.#note(seed, result)
    return result?.reachedCount ?? 0
  }

  #note(seed: string, result: Awaited<ReturnType<Memberlist['join']>> | undefined): void {
    const outcome = result?.seeds.find((candidate) => candidate.seed === seed)
    const status: SeedStatus = outcome?.ok
      ? { seed, outcome: 'joined' }
      : { seed, outcome: 'failed', reason: outcome?.reason ?? `${seed} did not answer in time` }
    if (outcome?.ok) this.#joined = true
    else if (!this.#stopped.signal.aborted)
      this.#options.logger?.warn('a seed could not be joined', { seed, reason: status.reason ?? '' })
    // Those of regular rounds alone are nobody's seeds to join by.
    if (this.#status.has(seed)) this.#status.set(seed, status)
  }
}
