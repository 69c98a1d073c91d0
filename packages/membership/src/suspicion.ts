/**
 * Suspicion as Lifeguard has it (membership spec 3): a suspected member has until a timeout to refute, and the timeout
 * shrinks from its maximum to its minimum as independent members confirm.
 */
import { DeadlineHeap, type Due } from './deadline-heap.ts'
import { noResearch, type Research } from './research.ts'
import type { Tuning } from './tuning.ts'

/** The numbers of one episode, fixed when it begins. */
export interface SuspicionTimes {
  /** Confirmations that take the timeout down to its minimum; 0: the minimum from the start. */
  readonly expectedConfirmations: number
  readonly minMs: number
  readonly maxMs: number
}

/**
 * The numbers for a cluster of `n` records (membership spec 3.1). `research` makes those of the papers; `isDecisive`
 * takes the minimum at once.
 */
export function suspicionTimes(
  tuning: Tuning,
  n: number,
  research: Pick<Research, 'fixedSuspicion' | 'expectedConfirmations'> = noResearch,
  isDecisive = false,
): SuspicionTimes {
  const { multiplier, maxTimeoutMultiplier } = tuning.suspicion
  const wanted = research.expectedConfirmations ?? multiplier - 2
  const alone = isDecisive || research.fixedSuspicion || n - 2 < wanted
  const expectedConfirmations = alone ? 0 : Math.max(0, wanted)
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
}

/** The episodes under way, one for each suspected member and no other (invariant 16). */
export class Suspicions {
  readonly #episodes = new Map<string, Due<Episode>>()
  readonly #due = new DeadlineHeap<Episode>()

  /** When the first of them runs out. */
  get nextAt(): number {
    return this.#due.nextAt
  }

  /** The episode that runs out first. */
  get first(): Episode | undefined {
    return this.#due.first
  }

  get(name: string): Episode | undefined {
    return this.#episodes.get(name)?.item
  }

  /** When a suspicion runs out, unless it is confirmed or ended before. */
  deadlineOf(name: string): number | undefined {
    return this.#episodes.get(name)?.at
  }

  begin(name: string, accuser: string, times: SuspicionTimes, now: number): void {
    const episode: Episode = { name, accuser, startedAtMs: now, times, confirmedBy: [] }
    this.#episodes.set(name, this.#due.add(now + suspicionTimeoutMs(times, 0), episode))
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
    const due = this.#episodes.get(episode.name)
    if (due) this.#due.move(due, Math.min(due.at, episode.startedAtMs + suspicionTimeoutMs(times, confirmedBy.length)))
    return true
  }

  /** Ends an episode, for whatever reason. */
  end(name: string): Episode | undefined {
    const due = this.#episodes.get(name)
    if (!due) return undefined
    this.#episodes.delete(name)
    this.#due.remove(due)
    return due.item
  }

  clear(): void {
    this.#episodes.clear()
    this.#due.clear()
  }
}
