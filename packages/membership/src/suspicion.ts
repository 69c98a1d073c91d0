/**
 * Suspicion as Lifeguard has it (membership spec 3): a suspected member has until a timeout to refute, and the timeout
 * shrinks from its maximum to its minimum as independent members confirm.
 */
import { type Timed, TimedHeap } from './deadline-heap.ts'
import { PagedMap } from './paged-map.ts'
import type { PeerIndex } from './peer-table.ts'
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

/** The times of one member's suspicions. They are the same, and the same object, as long as the cluster is of one size. */
export class SuspicionTimetable {
  readonly #tuning: Tuning
  readonly #research: Pick<Research, 'fixedSuspicion' | 'expectedConfirmations'>
  #n = -1
  #isDecisive = false
  #latest: SuspicionTimes | undefined

  constructor(tuning: Tuning, research: Pick<Research, 'fixedSuspicion' | 'expectedConfirmations'>) {
    this.#tuning = tuning
    this.#research = research
  }

  /** As {@link suspicionTimes}. */
  of(n: number, isDecisive: boolean): SuspicionTimes {
    if (this.#latest && n === this.#n && isDecisive === this.#isDecisive) return this.#latest
    this.#n = n
    this.#isDecisive = isDecisive
    this.#latest = suspicionTimes(this.#tuning, n, this.#research, isDecisive)
    return this.#latest
  }
}

/** One suspected member. */
export interface Episode extends Timed {
  readonly peer: PeerIndex
  readonly accuser: string
  readonly startedAtMs: number
  readonly times: SuspicionTimes
  /** In order of arrival; the first accuser is not among them. */
  confirmedBy: readonly string[]
}

const nobody: readonly string[] = []

/** The episodes under way, one for each suspected member and no other (invariant 16). */
export class Suspicions {
  readonly #episodes = new PagedMap<Episode>()
  readonly #due = new TimedHeap<Episode>()

  /** When the first of them runs out. */
  get nextAt(): number {
    return this.#due.nextAt
  }

  /** The episode that runs out first. */
  get first(): Episode | undefined {
    return this.#due.first
  }

  get(peer: PeerIndex): Episode | undefined {
    return this.#episodes.get(peer)
  }

  /** When a suspicion runs out, unless it is confirmed or ended before. */
  deadlineOf(peer: PeerIndex): number | undefined {
    return this.#episodes.get(peer)?.at
  }

  begin(peer: PeerIndex, accuser: string, times: SuspicionTimes, now: number): void {
    const at = now + suspicionTimeoutMs(times, 0)
    const episode: Episode = { peer, accuser, startedAtMs: now, times, confirmedBy: nobody, at, order: 0, position: -1 }
    this.#episodes.set(peer, episode)
    this.#due.add(episode)
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
    episode.confirmedBy = [...confirmedBy, accuser]
    const at = episode.startedAtMs + suspicionTimeoutMs(times, episode.confirmedBy.length)
    this.#due.move(episode, Math.min(episode.at, at))
    return true
  }

  /** Ends an episode, for whatever reason. */
  end(peer: PeerIndex): Episode | undefined {
    const episode = this.#episodes.take(peer)
    if (episode) this.#due.remove(episode)
    return episode
  }

  clear(): void {
    this.#episodes.clear()
    this.#due.clear()
  }
}
