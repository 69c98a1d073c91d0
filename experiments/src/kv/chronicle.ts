/** What was done to the stores of a run, as far as laws need to remember it in common. */
import type { Change, Edit, KvObserver, StoreView } from './observer.ts'
import { lineOf, type Mark, type Tally } from './reading.ts'

/** What laws about stores depend on. Times in milliseconds. */
export interface KvSetting {
  /** How long what is removed from a value is remembered. */
  readonly tombstoneMs: number
  /** How long a deleted key is kept at least. */
  readonly obsoleteMs: number
  /** How far wall clocks are from the right time, at most. */
  readonly skewMs: number
  /** Keys that there are, and names in each. */
  readonly keys: number
  readonly names: number
  /** Stores that there may be, one after the other: a counter has a name for each. */
  readonly writers: number
  readonly inboxPairsPerKey: number
}

/** The memory of a run. It observes before any law. */
export class Chronicle implements KvObserver {
  readonly setting: KvSetting
  /** World time; set by whoever runs it. */
  nowMs = 0
  /** The right wall clock. */
  wallMs = 0
  /** Keys that somebody ever deleted. */
  readonly deletedKeys = new Set<string>()
  /** Keys that some store has forgotten after they were deleted. */
  readonly purgedKeys = new Set<string>()
  /** When a store got to know a key that it did not have. */
  readonly #known = new Map<StoreView, Map<string, number>>()
  /** By line, the highest rank that somebody removed on purpose. */
  readonly #removed = new Map<string, number>()
  /** By line, what was written to disappear of itself. */
  readonly #expiring = new Map<string, Mark[]>()
  /** By key and writer, what it had counted after each edit. */
  readonly #tallies = new Map<string, Map<string, Tally[]>>()

  constructor(setting: KvSetting) {
    this.setting = setting
  }

  edited({ key, change, removes, store }: Edit): void {
    if (removes)
      for (const removal of change.removals) {
        const line = lineOf(key, removal)
        this.#removed.set(line, Math.max(removal.rank, this.#removed.get(line) ?? 0))
      }
    for (const mark of change.marks) {
      if (mark.expiresAtMs === undefined) continue
      const line = lineOf(key, mark)
      this.#expiring.set(line, [...(this.#expiring.get(line) ?? []), mark])
    }
    const own = change.tallies?.get(store.writer)
    if (own === undefined) return
    const byWriter = this.#tallies.get(key) ?? new Map<string, Tally[]>()
    this.#tallies.set(key, byWriter)
    byWriter.set(store.writer, [...(byWriter.get(store.writer) ?? []), own])
  }

  deleted(_store: StoreView, key: string): void {
    this.deletedKeys.add(key)
  }

  changed({ store, key, reading }: Change): void {
    if (reading.version > 1) return
    const own = this.#known.get(store) ?? new Map<string, number>()
    this.#known.set(store, own.set(key, this.nowMs))
  }

  purged(_store: StoreView, key: string): void {
    this.purgedKeys.add(key)
  }

  /** Whether a mark may be gone: it, or what came later in its place, was removed on purpose, or its time is over. */
  mayBeGone(key: string, mark: Mark): boolean {
    const line = lineOf(key, mark)
    if ((this.#removed.get(line) ?? 0) >= mark.rank) return true
    const { skewMs } = this.setting
    const later = [mark, ...(this.#expiring.get(line) ?? [])].filter(({ rank }) => rank >= mark.rank)
    return later.some(({ expiresAtMs = Number.POSITIVE_INFINITY }) => this.wallMs + skewMs >= expiresAtMs)
  }

  /** Whether a store has a key without a gap since some time. */
  hasSince(store: StoreView, key: string, sinceMs: number): boolean {
    return (this.#known.get(store)?.get(key) ?? Number.POSITIVE_INFINITY) < sinceMs
  }

  /** What a writer had counted after each of its edits. */
  tallies(key: string, writer: string): readonly Tally[] {
    return this.#tallies.get(key)?.get(writer) ?? []
  }

  /** Keys that something was counted in, and their writers. */
  *counted(): IterableIterator<[key: string, writers: IterableIterator<string>]> {
    for (const [key, byWriter] of this.#tallies) yield [key, byWriter.keys()]
  }

  /** Whether a tombstone of that time is still young enough to be kept everywhere, however wrong the clocks are. */
  isKept(buriedAtMs: number, forMs: number): boolean {
    return this.wallMs + 2 * this.setting.skewMs < buriedAtMs + forMs
  }
}
