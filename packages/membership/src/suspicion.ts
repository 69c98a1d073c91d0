/**
 * Suspicion as Lifeguard has it (membership spec 3): a suspected member has until a timeout to refute, and the timeout
 * shrinks from its maximum to its minimum as independent members confirm.
 */
import type { Deadline } from './deadline.ts'
import type { Tuning } from './tuning.ts'

/** The numbers of one episode, fixed when it begins. */
export interface SuspicionTimes {
  /** Confirmations that take the timeout down to its minimum; 0: the minimum from the start. */
  readonly expectedConfirmations: number
  readonly minMs: number
  readonly maxMs: number
}

/** The numbers for a cluster of `n` records (membership spec 3.1). */
export function suspicionTimes(tuning: Tuning, n: number): SuspicionTimes {
  const { multiplier, maxTimeoutMultiplier } = tuning.suspicion
  const wanted = multiplier - 2
  const expectedConfirmations = n - 2 < wanted ? 0 : Math.max(0, wanted)
  const scale = Math.floor(Math.max(1, Math.log10(Math.max(1, n))) * 1000)
  const minMs = (multiplier * scale * tuning.probe.intervalMs) / 1000
  return { expectedConfirmations, minMs, maxMs: maxTimeoutMultiplier * minMs }
}

/** The total timeout after `confirmations` (membership spec 3.2). */
export function suspicionTimeoutMs(
  { expectedConfirmations: k, minMs, maxMs }: SuspicionTimes,
  confirmations: number,
): number {
  if (k < 1) return minMs
  const fraction = Math.log(confirmations + 1) / Math.log(k + 1)
  return Math.max(minMs, Math.floor(maxMs - fraction * (maxMs - minMs)))
}

/** One suspected member. */
export interface Episode {
  readonly name: string
  readonly accuser: string
  readonly startedAtMs: number
  readonly times: SuspicionTimes
  /** In order of arrival; the first accuser is not among them. */
  readonly confirmedBy: string[]
  deadlineMs: number
}

/** The episodes under way, one for each suspected member and no other (invariant 16). */
export class Suspicions {
  readonly #episodes = new Map<string, Episode>()

  get(name: string): Episode | undefined {
    return this.#episodes.get(name)
  }

  begin(name: string, accuser: string, times: SuspicionTimes, now: number): void {
    const deadlineMs = now + suspicionTimeoutMs(times, 0)
    this.#episodes.set(name, { name, accuser, startedAtMs: now, times, confirmedBy: [], deadlineMs })
  }

  /** Counts an accuser; false when that is not news (membership spec 3.3). */
  confirm(episode: Episode, accuser: string): boolean {
    const { confirmedBy, times } = episode
    if (
      confirmedBy.length >= times.expectedConfirmations ||
      accuser === episode.accuser ||
      confirmedBy.includes(accuser)
    )
      return false
    confirmedBy.push(accuser)
    episode.deadlineMs = Math.min(
      episode.deadlineMs,
      episode.startedAtMs + suspicionTimeoutMs(times, confirmedBy.length),
    )
    return true
  }

  /** Ends an episode, for whatever reason. */
  end(name: string): Episode | undefined {
    const episode = this.#episodes.get(name)
    this.#episodes.delete(name)
    return episode
  }

  /** The episode that runs out first. */
  first(): Episode | undefined {
    let first: Episode | undefined
    for (const episode of this.#episodes.values())
      if (first === undefined || episode.deadlineMs < first.deadlineMs) first = episode
    return first
  }

  nextDeadline(): Deadline | undefined {
    const first = this.first()
    return first && { at: first.deadlineMs, reason: 'suspicion' }
  }

  clear(): void {
    this.#episodes.clear()
  }
}
